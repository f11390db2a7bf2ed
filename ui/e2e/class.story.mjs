/** A lecturer makes a class and shares with it; a guest comes in by the code, and sees what is shared as long as it is. */
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { open, reveal, seen } from "./browser.mjs";
import { Host } from "./host.mjs";

const EMAIL = "ada@example.org";
const file = join(mkdtempSync(join(tmpdir(), "synapscribe-class-")), "Tide tables.md");
let host;
let lecturer;
let student;

before(async () => {
  writeFileSync(file, "# Tide tables\n\nA tide table tells when the water is high and when it is low.\n");
  host = await Host.start();
  [lecturer, student] = [await open(), await open()];
});

after(async () => {
  await lecturer?.close();
  await student?.close();
  await host?.stop();
});

test("a lecturer comes by an invitation and makes a class", { timeout: 90_000 }, async () => {
  const { page } = lecturer;
  const { code } = JSON.parse(host.operate("--server", host.address, "ops", "invite", "create", "--role", "lecturer"));
  await page.goto(`${host.address}/#/account`);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.getByLabel("E-mail address").fill(EMAIL);
  await page.getByLabel("New password").fill("tide pools at noon");
  await page.getByLabel(/What we call you/).fill("Dr Ada Byron");
  await page.getByLabel(/Code of an invitation/).fill(code);
  await page.keyboard.press("Enter");
  await page.getByLabel("Code from the letter").fill(await host.code(EMAIL));
  await page.keyboard.press("Enter");
  await page.getByTestId("account").waitFor();
  await page.goto(`${host.address}/#/classes`);
  await page.getByRole("button", { name: "Make a class" }).click();
  await page.getByLabel("Name of the class").fill("The sea");
  await page.keyboard.press("Enter");
  await page.getByTestId("class").getByRole("link", { name: "The sea" }).waitFor();
  await seen(page, "classes");
});

test("a document is shared from its row, and a guest who has the code finds it in the library", { timeout: 120_000 }, async () => {
  const { page, problems } = lecturer;
  await page.goto(`${host.address}/#/`);
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add files" }).click();
  await page.getByRole("button", { name: "Choose files" }).click();
  await (await choosing).setFiles([file]);
  await page.getByRole("link", { name: "Tide tables" }).waitFor({ timeout: 90_000 });
  await share(page, async (dialog) => {
    await dialog.getByRole("checkbox", { name: "The sea" }).check();
    await seen(page, "share");
  });
  await page.goto(`${host.address}/#/classes`);
  await page.getByRole("link", { name: "The sea" }).click();
  await page.getByRole("link", { name: "Tide tables" }).waitFor();
  const code = await page.getByTestId("class-code").innerText();
  await seen(page, "class-taught");

  await student.page.goto(`${host.address}/#/classes`);
  await student.page.getByLabel("Code").fill(code);
  await student.page.getByLabel(/What its teacher reads/).fill("Bob");
  await student.page.keyboard.press("Enter");
  await student.page.getByRole("link", { name: "The sea" }).click();
  await student.page.getByRole("link", { name: "Tide tables" }).click();
  await student.page.getByText("when the water is high").first().waitFor();
  await seen(student.page, "class-joined");
  assert.deepEqual([...problems, ...student.problems], []);
});

test("what is not shared any more goes from the library of whoever was shown it", { timeout: 60_000 }, async () => {
  const { page } = lecturer;
  await student.page.goto(`${host.address}/#/`);
  const row = student.page.locator(".row", { hasText: "Tide tables" });
  await row.getByText("From Dr Ada Byron").waitFor();
  await page.goto(`${host.address}/#/`);
  await share(page, async (dialog) => {
    const ticked = dialog.getByRole("checkbox", { name: "The sea" });
    await ticked.and(page.locator(":checked")).waitFor();
    await ticked.uncheck();
  });
  await row.waitFor({ state: "detached" });
  await share(page, (dialog) => dialog.getByRole("checkbox", { name: /Everybody on this server/ }).check());
  await row.waitFor();
});

test("a pack is shared with the class, and a guest in it learns from it and changes nothing", { timeout: 60_000 }, async () => {
  const { page, problems } = lecturer;
  await page.goto(`${host.address}/#/packs`);
  await page.getByRole("button", { name: "New pack" }).click();
  await page.getByLabel("Name of the pack").fill("Tides by heart");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Tides by heart" }).click();
  await page.getByRole("button", { name: "Write a card" }).click();
  await page.getByRole("textbox", { name: "Question" }).fill("What pulls the water?");
  await page.getByRole("textbox", { name: "Answer" }).fill("The moon.");
  await page.getByRole("button", { name: "Add it" }).click();
  await page.getByText("Card 1 of 1", { exact: true }).waitFor();
  await share(page, (dialog) => dialog.getByRole("checkbox", { name: "The sea" }).check(), "Tides by heart");

  await student.page.goto(`${host.address}/#/classes`);
  await student.page.getByRole("link", { name: "The sea" }).click();
  await student.page.getByTestId("class-pack").getByRole("link", { name: "Tides by heart" }).click();
  await student.page.getByRole("heading", { name: "What pulls the water?" }).waitFor();
  await reveal(student.page);
  await student.page.getByTestId("answer").getByText("The moon.").waitFor();
  assert.equal(await student.page.getByRole("button", { name: "Write a card" }).count(), 0);
  await seen(student.page, "pack-joined");
  await student.page.goto(`${host.address}/#/packs`);
  await student.page.getByTestId("pack").getByText(/From Dr Ada Byron/).waitFor();
  assert.deepEqual([...problems, ...student.problems], []);
});

/** Opens who may see something, changes it, and keeps it. */
async function share(page, change, title = "Tide tables") {
  await page.getByRole("button", { name: `More for ${title}` }).click();
  await page.getByRole("menuitem", { name: "Share…" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: "The sea" }).waitFor();
  await change(dialog);
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.waitFor({ state: "detached" });
}

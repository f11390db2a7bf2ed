/** A lecturer puts right what was misheard and gives things better names; it stays so. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { open, seen, shot } from "./browser.mjs";
import { Host } from "./host.mjs";
import { speak } from "./speech.mjs";

const folder = mkdtempSync(join(tmpdir(), "synapscribe-editing-"));
let host;
let browser;

before(async () => {
  speak("Cells divide in two ways. The first is mitosis. The second is called my oh sis.", join(folder, "cells.wav"), { after: 1 });
  writeFileSync(
    join(folder, "cells.srt"),
    "1\n00:00:00,600 --> 00:00:02,400\nCells divide in two ways.\n\n2\n00:00:02,400 --> 00:00:04,000\nThe first is mitosis.\n\n3\n00:00:04,000 --> 00:00:06,000\nThe second is called my oh sis.\n",
  );
  host = await Host.start();
  browser = await open();
  await browser.page.goto(host.address);
  const choosing = browser.page.waitForEvent("filechooser");
  await browser.page.getByRole("button", { name: "Add files" }).click();
  await browser.page.getByRole("button", { name: "Choose files" }).click();
  await (await choosing).setFiles([join(folder, "cells.wav"), join(folder, "cells.srt")]);
  await browser.page.locator("a.row-title", { hasText: "cells" }).waitFor({ timeout: 90_000 });
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

/** The keyboard is where it was before a dialog or a correction. */
const keyboardAt = (page, name) => page.waitForFunction((wanted) => document.activeElement?.getAttribute("aria-label") === wanted, name);

test("a lecture gets a better name", { timeout: 30_000 }, async () => {
  const { page } = browser;
  await page.getByRole("button", { name: "More for cells" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Title" }).fill("Week 2: Cells");
  await seen(page, "rename");
  await page.getByRole("button", { name: "Rename", exact: true }).click();
  await page.locator("a.row-title", { hasText: "Week 2: Cells" }).waitFor();
  await keyboardAt(page, "More for Week 2: Cells");
});

test("a phrase is corrected, stays corrected, and is found by its new words", { timeout: 60_000 }, async () => {
  const { page } = browser;
  const drawn = page.waitForResponse((answer) => /\/waveform\?/.test(answer.url()));
  await page.locator("a.row-title", { hasText: "Week 2: Cells" }).click();
  assert.equal((await drawn).status(), 200);
  await page.locator(".line", { hasText: "my oh sis" }).hover();
  await page.getByRole("button", { name: "Correct the words at 0:04" }).click();
  await page.getByRole("textbox", { name: "Correct the words at 0:04" }).fill("The second is called meiosis.");
  await seen(page, "correct");
  await page.keyboard.press("Enter");
  await page.locator(".line", { hasText: "meiosis" }).waitFor();
  await keyboardAt(page, "Correct the words at 0:04");
  await page.reload();
  await page.locator(".line", { hasText: "meiosis" }).waitFor();
  const typed = page.getByRole("textbox", { name: "Or type a question" });
  await typed.fill("What is the second way called?");
  await typed.press("Enter");
  await page.locator(".answer", { hasText: /meiosis/ }).waitFor({ timeout: 30_000 });
  // A question that was misheard is put right where questions are typed.
  await page.getByRole("button", { name: "Put the question right and ask again" }).click();
  assert.equal(await typed.inputValue(), "What is the second way called?");
  assert.equal(await typed.evaluate((input) => input === document.activeElement), true);
  await typed.fill("");
});

test("what is corrected in another window is read again in this one", { timeout: 60_000 }, async () => {
  const { page, context } = browser;
  const other = await context.newPage();
  try {
    await other.goto(page.url().replace(/\?.*/, ""));
    const line = other.locator(".line", { hasText: "two ways" });
    await line.hover();
    await other.getByRole("button", { name: "Correct the words at 0:00" }).click();
    await other.getByRole("textbox", { name: "Correct the words at 0:00" }).fill("Living cells divide in two ways.");
    await other.keyboard.press("Enter");
    await page.locator(".line", { hasText: "Living cells" }).waitFor({ timeout: 15_000 });
  } finally {
    await other.close();
  }
});

test("a conversation is renamed, found by its name in the lecture, and kept as a file with times", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await page.getByText(/own sentences|language model/).first().waitFor({ timeout: 30_000 });
  await page.getByRole("tab", { name: "Earlier" }).click();
  await page.locator(".talk-title", { hasText: "second way" }).waitFor();
  await page.getByRole("button", { name: /^More for What is the second/ }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Title" }).fill("How cells divide");
  await page.getByRole("button", { name: "Rename", exact: true }).click();
  await page.locator(".talk-title", { hasText: "How cells divide" }).waitFor();
  await seen(page, "earlier");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /^More for How cells/ }).click();
  await page.getByRole("menuitem", { name: "Export as Markdown" }).click();
  const text = readFileSync(await (await download).path(), "utf8");
  assert.match(text, /How cells divide/);
  assert.match(text, /meiosis/);
  assert.match(text, /0?0:0\d/);
  assert.deepEqual(problems, []);
});

test("the settings tell what is stored and which voices there are, and offer nothing that is somebody else's to say", { timeout: 30_000 }, async () => {
  const { page } = browser;
  await page.goto(`${host.address}/#/settings`);
  await page.getByLabel("Voice", { exact: true }).waitFor();
  assert.ok((await page.getByLabel("Voice", { exact: true }).locator("option").count()) > 1);
  assert.match(await page.locator(".storage").innerText(), /Lectures\s+\d+.*[kM]B/);
  const rows = page.locator(".engines tbody tr");
  await rows.first().waitFor();
  for (const engine of await rows.allInnerTexts()) assert.match(engine, /nowhere, it stays on this computer/);
  // How long a server keeps things is its operator's to say; the desktop's own host asks its person.
  await page.getByText("Questions and answers are deleted after a week at the latest.").waitFor();
  assert.equal(await page.getByText("Keep questions and answers for").count(), 0);
  assert.equal(await page.getByRole("textbox", { name: "Address" }).count(), 0);
  await shot(page, "settings-storage");
});

test("the test of the microphone shows how loud it is", { timeout: 30_000 }, async () => {
  const { page, problems } = browser;
  await page.getByRole("button", { name: "Test the microphone" }).click();
  // The fake microphone beeps once a second.
  await page.waitForFunction(() => [...document.querySelectorAll(".level span")].some((bar) => Number(/scaleY\((.*)\)/.exec(bar.style.transform)?.[1]) > 0.3));
  assert.ok((await page.locator(".level").boundingBox()).width > 80);
  await shot(page, "settings-level");
  await page.getByRole("button", { name: "Stop the test" }).click();
  await page.locator(".level").waitFor({ state: "detached" });
  assert.deepEqual(problems, []);
});

test("larger text is larger everywhere and kept, and all conversations can be deleted", { timeout: 30_000 }, async () => {
  const { page, problems } = browser;
  const size = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.querySelector("h1")).fontSize));
  const before = await size();
  await page.getByText("130%").click();
  assert.ok(Math.abs((await size()) / before - 1.3) < 0.01);
  await page.getByRole("button", { name: "Delete all conversations" }).click();
  await seen(page, "delete");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("All conversations are deleted").waitFor();
  await page.goto(`${host.address}/#/conversations`);
  await page.reload();
  await page.getByText("No conversations yet").waitFor();
  assert.ok(Math.abs((await size()) / before - 1.3) < 0.01);
  assert.deepEqual(problems, []);
});

/** Someone drops recordings on the window, pauses, closes the page, comes back, and asks what arrived. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { open, shot } from "./browser.mjs";
import { Host } from "./host.mjs";
import { speak, tones } from "./speech.mjs";

const folder = mkdtempSync(join(tmpdir(), "synapscribe-upload-"));
let host;
let browser;

before(async () => {
  const course = join(folder, "course");
  mkdirSync(course);
  speak("Photosynthesis turns light into sugar. Chlorophyll in the leaf takes in red and blue light. The plant gives off oxygen.", join(course, "Week 1 Plants.wav"), { after: 1 });
  writeFileSync(
    join(course, "Week 1 Plants.vtt"),
    "WEBVTT\n\n00:00.600 --> 00:03.000\nPhotosynthesis turns light into sugar.\n\n00:03.000 --> 00:06.000\nChlorophyll in the leaf takes in red and blue light.\n\n00:06.000 --> 00:08.000\nThe plant gives off oxygen.\n",
  );
  writeFileSync(join(course, "notes.txt"), "not a recording");
  tones(join(folder, "Long lecture.wav"), 800);
  host = await Host.start();
  browser = await open({ profile: mkdtempSync(join(tmpdir(), "synapscribe-profile-")) });
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

/** A drag from another program, as the operating system would bring it. */
async function drop(page, files, { between } = {}) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver"]) await session.send("Input.dispatchDragEvent", { type, x: 500, y: 400, data });
  await between?.();
  await session.send("Input.dispatchDragEvent", { type: "drop", x: 500, y: 400, data });
  await session.detach();
}

test("a dropped folder becomes lectures, with captions beside their recording and a word about what is none", { timeout: 120_000 }, async () => {
  const { page } = browser;
  await page.goto(host.address);
  await page.locator(".welcome").waitFor();
  await drop(page, [join(folder, "course")], { between: () => shot(page, "drop") });
  const refused = page.getByTestId("upload").filter({ hasText: "notes.txt" });
  await refused.getByText(/is not a recording/).waitFor();
  await shot(page, "upload-refused");
  await page.locator("a.row-title", { hasText: "Week 1 Plants" }).waitFor({ timeout: 90_000 });
  await refused.getByRole("button", { name: /off the list/ }).click();
  await page.getByTestId("upload").first().waitFor({ state: "detached" });
});

test("how a lecture was understood is shown as a picture", { timeout: 60_000 }, async () => {
  const { page } = browser;
  await page.getByRole("button", { name: "More for Week 1 Plants" }).click();
  await page.getByRole("menuitem", { name: "How it was understood" }).click();
  await page.locator(".report-picture").waitFor();
  assert.match(await page.locator(".report").innerText(), /from its captions/);
  await shot(page, "report");
});

test("what arrived can be asked, and the words before are searched", { timeout: 60_000 }, async () => {
  const { page } = browser;
  await page.locator("a.row-title", { hasText: "Week 1 Plants" }).click();
  await page.getByPlaceholder("Search what was said").fill("oxygen");
  await page.locator("mark", { hasText: "oxygen" }).waitFor();
  const typed = page.getByRole("textbox", { name: "Or type a question" });
  await typed.fill("What does chlorophyll take in?");
  await typed.press("Enter");
  await page.waitForFunction(() => /red and blue/i.test(document.querySelector(".answer")?.textContent ?? ""), null, { timeout: 30_000 });
  await page.goto(`${host.address}/#/`);
});

test("an upload is paused, survives the page, and goes on where it stopped", { timeout: 180_000 }, async () => {
  const { page, problems } = browser;
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 3_000_000 };
  await session.send("Network.emulateNetworkConditions", slow);
  const began = Date.now();
  await drop(page, [join(folder, "Long lecture.wav")]);
  const row = page.getByTestId("upload");
  await row.locator("[role=progressbar]").waitFor();
  assert.ok(Date.now() - began < 1500, "the bar appears at once");
  await row.getByText(/a second/).waitFor({ timeout: 20_000 });
  await shot(page, "upload-sending");
  // One whole part has to be there, or there is nothing to go on from.
  await page.waitForFunction(() => Number(document.querySelector("[data-testid=upload] [role=progressbar]")?.getAttribute("aria-valuenow")) > 40, null, { timeout: 60_000 });
  await row.getByRole("button", { name: /^Pause/ }).click();
  await row.getByText(/^Paused at/).waitFor();
  await shot(page, "upload-paused");
  await row.getByRole("button", { name: /^Go on with/ }).click();
  await row.getByText(/a second/).waitFor({ timeout: 20_000 });

  const begun = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && /[?&]uploads/.test(request.url())) begun.push(request.url());
  });
  await page.reload();
  await page.locator(".row-title", { hasText: "Long lecture" }).waitFor({ timeout: 60_000 });
  await session.send("Network.emulateNetworkConditions", { ...slow, uploadThroughput: -1 });
  await page.waitForFunction(() => document.querySelector("[data-testid=upload]") === null, null, { timeout: 90_000 });
  assert.deepEqual(begun, [], "the upload went on; it did not begin anew");
  assert.deepEqual(problems, []);
});

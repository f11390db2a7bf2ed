/** Someone drops recordings on the window, pauses, closes the page, comes back, and asks what arrived. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { open, seen, shot } from "./browser.mjs";
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
  writeFileSync(join(course, "marks.csv"), "name,mark");
  writeFileSync(join(course, "Reading.md"), "# Leaves\n\nStomata are the openings of a leaf. Through stomata a leaf takes in carbon dioxide.\n");
  tones(join(folder, "Long lecture.wav"), 800);
  for (const name of ["First.wav", "Second.wav"]) tones(join(folder, name), 600);
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

test("a dropped folder becomes lectures and documents, with captions beside their recording and a word about what is neither", { timeout: 120_000 }, async () => {
  const { page } = browser;
  await page.goto(host.address);
  await page.locator(".welcome").waitFor();
  await drop(page, [join(folder, "course")], { between: () => shot(page, "drop") });
  const refused = page.getByTestId("upload").filter({ hasText: "marks.csv" });
  await refused.getByText(/is neither a recording nor a document/).waitFor();
  await seen(page, "upload-refused");
  await page.locator("a.row-title", { hasText: "Week 1 Plants" }).waitFor({ timeout: 90_000 });
  await page.locator(".row", { hasText: "Markdown" }).locator("a.row-title", { hasText: "Leaves" }).or(page.locator("a.row-title", { hasText: "Reading" })).waitFor({ timeout: 60_000 });
  await refused.getByRole("button", { name: /off the list/ }).click();
  await page.getByTestId("upload").first().waitFor({ state: "detached" });
});

test("how a lecture was understood is shown as a picture", { timeout: 60_000 }, async () => {
  const { page } = browser;
  await page.getByRole("button", { name: "More for Week 1 Plants" }).click();
  await page.getByRole("menuitem", { name: "How it was understood" }).click();
  await page.locator(".report-picture").waitFor();
  assert.match(await page.locator(".report").innerText(), /from its captions/);
  await seen(page, "report");
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

test("captions dropped later are used by the lecture they are named like", { timeout: 60_000 }, async () => {
  const { page } = browser;
  const captions = join(folder, "Week 1 Plants.vtt");
  writeFileSync(captions, "WEBVTT\n\n00:00.600 --> 00:06.000\nPhotosynthesis, said the lecturer, turns light into sugar.\n");
  await drop(page, [captions]);
  await page.locator("a.row-title", { hasText: "Week 1 Plants" }).click();
  await page.locator(".line", { hasText: "said the lecturer" }).waitFor({ timeout: 40_000 });
  await page.goto(`${host.address}/#/`);
});

test("a recording is pasted, and waits for a full disk to have room again", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  const full = "<Error><Code>InsufficientStorage</Code><Message>The server's disk is full; free some space there and upload again.</Message></Error>";
  const stored = (url) => url.pathname.includes("/lectures/") && url.searchParams.has("X-Amz-Signature");
  await page.route(stored, (route) => (route.request().method() === "PUT" ? route.fulfill({ status: 507, body: full }) : route.continue()));
  const spoken = join(folder, "Pasted.wav");
  speak("The moon pulls the sea.", spoken, { after: 0.5 });
  await page.evaluate((content) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], "Pasted.wav"));
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, readFileSync(spoken).toString("base64"));
  await page.getByTestId("upload").getByText("The server's disk is full; it goes on by itself when there is room.").waitFor();
  await seen(page, "disk-full");
  await page.unroute(stored);
  await page.getByTestId("upload").waitFor({ state: "detached", timeout: 30_000 });
  await page.locator(".row-title", { hasText: "Pasted" }).waitFor();
  assert.deepEqual(problems, []);
});

/** Has the page itself tell how long after a drop the bar of an upload is there. */
const timeBar = () => {
  const watch = () => {
    const dropped = performance.now();
    const watching = new MutationObserver(() => {
      if (!document.querySelector("[data-testid=upload] [role=progressbar]")) return;
      watching.disconnect();
      globalThis.barAfter = performance.now() - dropped;
    });
    watching.observe(document.body, { childList: true, subtree: true });
  };
  window.addEventListener("drop", watch, { once: true, capture: true });
};

test("an upload is paused, survives the page, and goes on where it stopped", { timeout: 180_000 }, async () => {
  const { page, problems } = browser;
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const sending = (uploadThroughput) => session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
  await sending(1_500_000);
  // The third part and what follows it does not leave before it is let, however long the clicks take.
  const held = (url) => Number(url.searchParams.get("partNumber")) > 2;
  await page.route(held, () => {});
  await page.evaluate(timeBar);
  await drop(page, [join(folder, "Long lecture.wav")]);
  const row = page.getByTestId("upload");
  await row.locator("[role=progressbar]").waitFor();
  assert.ok((await page.evaluate(() => globalThis.barAfter)) < 1500, "the bar appears at once");
  await row.getByText(/a second/).waitFor({ timeout: 60_000 });
  // Two whole parts have to be there, or there is nothing to go on from.
  await page.waitForFunction(() => Number(document.querySelector("[data-testid=upload] [role=progressbar]")?.getAttribute("aria-valuenow")) >= 65, null, { timeout: 60_000 });
  await shot(page, "upload-sending");
  await row.getByRole("button", { name: /^Pause/ }).click();
  await row.getByText(/^Paused at/).waitFor();
  await seen(page, "upload-paused");

  const begun = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && /[?&]uploads/.test(request.url())) begun.push(request.url());
  });
  await page.reload();
  await page.unroute(held);
  await sending(30_000);
  await row.getByText(/^Paused at/).waitFor();
  await row.getByRole("button", { name: /^Go on with/ }).click();
  await row.getByText(/a second/).waitFor({ timeout: 60_000 });
  await page.reload();
  await sending(-1);
  await page.waitForFunction(() => document.querySelector("[data-testid=upload]") === null, null, { timeout: 90_000 });
  await page.locator(".row-title", { hasText: "Long lecture" }).waitFor();
  assert.deepEqual(begun, [], "the upload went on; it did not begin anew");
  assert.deepEqual(problems, []);
});

/** Whether nothing is left on the server of what was cancelled in this browser, which remembers it until then. */
const cleared = () =>
  new Promise((told, failed) => {
    const opening = indexedDB.open("synapscribe");
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("uploads").objectStore("uploads").getAll();
      reading.onsuccess = () => (opening.result.close(), told(reading.result.every(({ leaving }) => !leaving)));
      reading.onerror = () => failed(reading.error);
    };
  });

test("while recordings are on their way everything else works, and one that is cancelled leaves nothing behind", { timeout: 180_000 }, async () => {
  const { page, problems } = browser;
  const patience = { timeout: 60_000 };
  await page.goto(`${host.address}/#/`);
  const sample = page.locator("a.row-title", { hasText: "How Neural Networks Learn" });
  await sample.waitFor(patience);
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  // So slow that nothing ends before it is cancelled, however long this takes, and every connection that sending takes stays taken.
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 100_000 });
  await drop(page, [join(folder, "First.wav"), join(folder, "Second.wav")]);
  const row = (name) => page.getByTestId("upload").filter({ hasText: name });
  // Something of both was sent, so each is asked about.
  for (const name of ["First.wav", "Second.wav"]) await row(name).getByText(/a second/).waitFor(patience);
  await sample.click();
  await page.locator(".line").first().waitFor(patience);
  await page.getByRole("link", { name: /^Uploading, / }).click();
  for (const name of ["First.wav", "Second.wav"]) {
    await row(name).getByRole("button", { name: /^Cancel/ }).click();
    await page.getByRole("button", { name: "Stop and remove" }).click();
    await row(name).waitFor({ state: "detached" });
  }
  // Whoever leaves the page at this moment finds nothing of them either.
  await page.reload();
  await sample.waitFor(patience);
  assert.equal(await page.getByTestId("upload").count(), 0);
  await page.waitForFunction(cleared, null, { ...patience, polling: 200 });
  await page.locator(".row-title", { hasText: /First|Second/ }).first().waitFor({ state: "detached" });
  assert.deepEqual(problems, []);
});

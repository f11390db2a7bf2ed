/** Someone listens, raises a hand, hears the answer with the lecturer's own seconds, interrupts, and finds it all again. */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hold } from "./bar.mjs";
import { open, shot } from "./browser.mjs";
import { Host } from "./host.mjs";
import { speak } from "./speech.mjs";
import { listenIn, silence, smoothness, sounding } from "./taps.mjs";

const folder = mkdtempSync(join(tmpdir(), "synapscribe-voice-"));
const wav = join(folder, "question.wav");
let host;
let browser;
let question;

before(async () => {
  // Whoever sees that the page listens begins to speak.
  question = speak("What did she mean by the chain rule?", wav, { before: 1.2 });
  host = await Host.start();
  browser = await open({ question: wav });
  await browser.page.addInitScript(listenIn);
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

const keepReady = (page) => page.getByRole("switch", { name: "Keep the microphone ready while a lecture or a document is open" });
const text = (page, selector) => page.locator(selector).last().innerText();

test("a question asked out loud is answered aloud, and the lecture waits and goes on", { timeout: 180_000 }, async (story) => {
  const { page, problems } = browser;
  await page.goto(`${host.address}/#/settings`);
  // The microphone speaks as soon as it is opened, which the press shall do and not the lecture; it stays open from then on.
  await keepReady(page).uncheck();
  await page.goto(`${host.address}/#/`);
  await page.locator("a.row-title").first().click({ timeout: 60_000 });
  await page.getByRole("button", { name: /^Play \(K\)/ }).click();
  await page.waitForFunction(() => globalThis.lecture?.currentTime > 1.2);

  await page.keyboard.down("Space");
  await page.getByTestId("listening").getByText("Listening. Let go to send.").waitFor();
  assert.equal(await page.evaluate(() => globalThis.lecture.paused), true, "the lecture waits while a question is asked");
  await shot(page, "listening");
  const stopped = await page.evaluate(() => globalThis.lecture.currentTime);
  await page.waitForTimeout((question.before + question.seconds + 0.6) * 1000);
  await page.keyboard.up("Space");

  await page.waitForFunction(() => /chain rule/i.test(document.querySelector(".question")?.textContent ?? ""), null, { timeout: 60_000 });
  assert.match(await text(page, ".question"), /what did she mean by the chain rule/i);
  await page.waitForFunction(() => /chain rule/i.test(document.querySelector(".answer")?.textContent ?? ""), null, { timeout: 30_000 });
  await page.waitForFunction(sounding, null, { timeout: 30_000 });
  await shot(page, "answering");

  // It is heard to its end, and then the lecture goes on from where it stopped.
  await page.waitForFunction(() => globalThis.lecture.paused === false, null, { timeout: 90_000 });
  const resumed = await page.evaluate(() => globalThis.lecture.currentTime);
  const { wait, seam, stretches } = await page.evaluate(smoothness);
  assert.ok(stretches > 1 && seam < 0.01, `${stretches} stretches follow each other without gap or overlap (${seam} ms)`);
  hold(story, "the first sound, from the wire to the loudspeaker", wait, 60);
  assert.ok(Math.abs(resumed - stopped) < 1.5, `the lecture stopped at ${stopped} and went on at ${resumed}`);
  assert.deepEqual(problems, []);
});

test("a citation plays the lecturer's own seconds and gives the place back", { timeout: 60_000 }, async () => {
  const { page } = browser;
  await page.keyboard.press("k");
  await page.waitForFunction(() => globalThis.lecture.paused);
  const place = await page.evaluate(() => globalThis.lecture.currentTime);
  const chip = page.getByTestId("citation").first();
  const [minutes, seconds] = (await chip.innerText()).trim().split(":").map(Number);
  const from = minutes * 60 + seconds;
  await chip.click();
  await page.waitForFunction((at) => !globalThis.lecture.paused && globalThis.lecture.currentTime >= at && globalThis.lecture.currentTime < at + 12, from);
  assert.match(await text(page, ".clip-note"), /own words/);
  await shot(page, "citation");
  await page.waitForFunction(() => globalThis.lecture.paused, null, { timeout: 30_000 });
  assert.ok(Math.abs((await page.evaluate(() => globalThis.lecture.currentTime)) - place) < 0.3, "the lecture is back where it was");

  // Its words lead to the place in the transcript, without playing anything.
  await page.locator(".transcript-scroll").evaluate((box) => (box.scrollTop = 0));
  await page.locator(".citation-words").first().click();
  await page.locator(".line-cited").first().waitFor();
  assert.equal(await page.evaluate(() => globalThis.lecture.paused), true);
});

test("pressing again silences the answer at once", { timeout: 90_000 }, async (story) => {
  const { page } = browser;
  const typed = page.getByRole("textbox", { name: "Or type a question" });
  await typed.fill("How do you compute the gradient?");
  await typed.press("Enter");
  await page.waitForFunction(sounding, null, { timeout: 30_000, polling: 20 });
  await page.evaluate(() => {
    addEventListener("keydown", () => (globalThis.pressed = performance.now()), { capture: true, once: true });
  });
  // The question was typed, and where the next one would be typed nothing stands yet: the space is still the hand's.
  assert.equal(await typed.evaluate((input) => input === document.activeElement), true);
  await page.keyboard.press("Space");
  await page.waitForTimeout(700);
  assert.equal(await typed.inputValue(), "");
  const { before, after, looked } = await page.evaluate(silence);
  assert.ok(before && looked > 20, "it was heard up to the press, and listened for after it");
  hold(story, "from the press to silence", after, 50);
});

test("a microphone that the lecture opened records at once and keeps the moment before the press", { timeout: 60_000 }, async (story) => {
  const { page } = browser;
  const address = page.url();
  await page.goto(`${host.address}/#/settings`);
  await keepReady(page).check();
  await page.goto(address);
  await page.reload();
  // Nobody pressed anything yet.
  await page.waitForFunction(() => globalThis.heard.open && document.querySelectorAll(".turn").length === 2, null, { timeout: 20_000 });
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (document.querySelector("[data-testid=listening]")?.textContent.includes("Listening")) globalThis.listening ??= performance.now();
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
    addEventListener("keydown", () => (globalThis.pressedAgain = performance.now()), { capture: true, once: true });
  });
  await page.keyboard.down("Space");
  await page.waitForFunction(() => globalThis.listening !== undefined);
  const waited = await page.evaluate(() => globalThis.listening - globalThis.pressedAgain);
  hold(story, "from the press to recording", waited, 50);
  await page.keyboard.press("Escape");
  await page.keyboard.up("Space");
  await page.waitForSelector("[data-testid=listening]", { state: "detached" });
});

test("after loading the page again everything is found", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll(".turn").length === 2, null, { timeout: 20_000 });
  assert.match(await page.locator(".question").first().innerText(), /chain rule/i);
  await page.goto(`${host.address}/#/conversations`);
  await page.locator(".talk-title", { hasText: /chain rule/i }).waitFor();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: /^More for/ }).first().click();
  await page.getByRole("menuitem", { name: "Export as Markdown" }).click();
  const file = await download;
  assert.match(file.suggestedFilename(), /\.md$/);
  await page.getByRole("button", { name: /^More for/ }).first().click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("No conversations yet").waitFor();
  assert.deepEqual(problems, []);
});

test("hands-free, a question is asked with one press and sent when its speaker pauses", { timeout: 120_000 }, async () => {
  const { page, problems } = browser;
  await page.goto(`${host.address}/#/settings`);
  await page.getByRole("button", { name: "Play a sound" }).click();
  await page.waitForFunction(sounding, null, { polling: 20 });
  await page.getByText("Press once, stops when I pause").click();
  // Opened ahead, the microphone would begin to speak before anybody listens.
  await keepReady(page).uncheck();
  await page.goto(`${host.address}/#/`);
  await page.reload();
  await page.locator("a.row-title").first().click();
  await page.getByRole("button", { name: "Press to ask" }).waitFor();
  await page.getByText("Press the space bar and ask.").waitFor();
  await page.keyboard.press("Space");
  await page.getByTestId("listening").getByText("Listening. I stop when you pause.").waitFor();
  await shot(page, "hands-free");
  await page.waitForFunction(() => /chain rule/i.test(document.querySelector(".answer")?.textContent ?? ""), null, { timeout: 60_000 });
  assert.match(await text(page, ".question"), /chain rule/i);
  await page.waitForFunction(sounding, null, { timeout: 30_000 });
  assert.deepEqual(problems, []);
});

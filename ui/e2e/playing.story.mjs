/** Someone listens to a lecture in their own way: faster, slower, without its silences. */
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { open } from "./browser.mjs";
import { Host } from "./host.mjs";
import { apart } from "./speech.mjs";
import { listenIn } from "./taps.mjs";

const folder = mkdtempSync(join(tmpdir(), "synapscribe-playing-"));
const HERTZ = 440;
let host;
let browser;
let parts;

const stamp = (seconds) => new Date(seconds * 1000).toISOString().slice(11, 23);

before(async () => {
  parts = apart("Water boils when it is hot enough.", "Then it turns to steam.", join(folder, "water.wav"), { silence: 8, tone: 20, hertz: HERTZ });
  const cue = (from, to, text) => `${stamp(from)} --> ${stamp(to)}\n${text}\n\n`;
  writeFileSync(
    join(folder, "water.vtt"),
    `WEBVTT\n\n${cue(0, parts.silent, "Water boils when it is hot enough.")}${cue(parts.second, parts.tones, "Then it turns to steam.")}${cue(parts.tones, parts.end - 1, "Listen to the kettle.")}`,
  );
  host = await Host.start();
  browser = await open();
  const { page } = browser;
  await page.addInitScript(listenIn);
  await page.goto(host.address);
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add files" }).click();
  await page.getByRole("button", { name: "Choose files" }).click();
  await (await choosing).setFiles([join(folder, "water.wav"), join(folder, "water.vtt")]);
  await page.locator("a.row-title", { hasText: "water" }).click({ timeout: 90_000 });
  await page.locator(".line", { hasText: "kettle" }).waitFor();
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

test("silence is skipped on request, and what is said is not", { timeout: 60_000 }, async (story) => {
  const { page } = browser;
  await page.getByRole("checkbox", { name: "Skip silence" }).check();
  await page.evaluate(() => {
    globalThis.played = [];
    globalThis.lecture.addEventListener("seeking", () => globalThis.played.push(globalThis.lecture.currentTime));
  });
  const began = Date.now();
  await page.locator(".line-play", { hasText: "Water boils" }).click();
  await page.waitForFunction((second) => globalThis.lecture.currentTime > second + 0.5, parts.second, { timeout: 30_000, polling: 20 });
  const took = (Date.now() - began) / 1000;
  story.diagnostic(`the first ${(parts.second + 0.5).toFixed(1)} s of the recording took ${took.toFixed(1)} s`);
  // The click itself is no leap where the recording stands at its beginning.
  const to = await page.evaluate(() => globalThis.played.at(-1));
  assert.ok(to > parts.silent + 4 && to < parts.second, `it went on at ${to} s; the silence ends at ${parts.second} s`);
  assert.ok(took < parts.second - 2, `${took} s`);
  await page.keyboard.press("k");
  await page.getByRole("checkbox", { name: "Skip silence" }).uncheck();
});

test("phrases are jumped between by keyboard", { timeout: 30_000 }, async () => {
  const { page } = browser;
  const at = (time) => page.waitForFunction((wanted) => Math.abs(globalThis.lecture.currentTime - wanted) < 0.05, time);
  await page.getByRole("slider", { name: "Position in the recording" }).press("Home");
  await page.locator(".transcript-scroll").focus();
  await page.keyboard.press("]");
  await at(parts.second);
  await page.keyboard.press("]");
  await at(parts.tones);
  await page.keyboard.press("[");
  await at(parts.second);
});

test("faster and slower is by keyboard, and voices keep their pitch", { timeout: 60_000 }, async (story) => {
  const { page, problems } = browser;
  await page.evaluate(() => {
    const context = new AudioContext();
    globalThis.ear = new AnalyserNode(context, { fftSize: 16_384 });
    context.createMediaElementSource(globalThis.lecture).connect(globalThis.ear).connect(context.destination);
  });
  for (const [key, presses, rate] of [[".", 6, 3], [",", 8, 0.5]]) {
    for (let press = 0; press < presses; press++) await page.keyboard.press(key);
    assert.equal(await page.getByRole("combobox", { name: "Speed" }).inputValue(), String(rate));
    await page.locator(".line-play", { hasText: "kettle" }).click();
    await page.waitForFunction((at) => globalThis.lecture.currentTime > at, parts.tones + 0.3, { polling: 20 });
    const { pitch, speed } = await page.evaluate(async () => {
      const [time, at] = [globalThis.lecture.currentTime, performance.now()];
      await new Promise((resolve) => setTimeout(resolve, 2000));
      const speed = ((globalThis.lecture.currentTime - time) * 1000) / (performance.now() - at);
      const bins = new Float32Array(globalThis.ear.frequencyBinCount);
      globalThis.ear.getFloatFrequencyData(bins);
      return { pitch: (bins.indexOf(Math.max(...bins)) * globalThis.ear.context.sampleRate) / globalThis.ear.fftSize, speed };
    });
    await page.keyboard.press("k");
    story.diagnostic(`at ${rate}×: ${pitch.toFixed(0)} Hz, ${speed.toFixed(2)} seconds a second`);
    assert.ok(Math.abs(pitch - HERTZ) < 30, `${HERTZ} Hz is heard as ${pitch} Hz at ${rate}×`);
    assert.ok(speed > rate * 0.7 && speed < rate * 1.3, `${rate}× plays ${speed} seconds a second`);
  }
  assert.deepEqual(problems, []);
});

test("a lecture that is opened again stands where it was left, and is heard from there", { timeout: 30_000 }, async () => {
  const { page, problems } = browser;
  const left = await page.evaluate(() => globalThis.lecture.currentTime);
  assert.ok(left > parts.tones && left < parts.end - 10, `it was left at ${left} s`);
  const seconds = async () => (await page.getByTestId("time").locator("span").first().innerText()).split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  await page.goto(`${host.address}/#/`);
  await page.reload();
  await page.locator("a.row-title", { hasText: "water" }).click();
  await page.locator(".line-now", { hasText: "kettle" }).waitFor();
  assert.ok(Math.abs((await seconds()) - left) < 6, `it was left at ${left} s and stands at ${await seconds()} s`);
  await page.keyboard.press("k");
  await page.waitForFunction((at) => globalThis.lecture?.currentTime > at - 5 && !globalThis.lecture.paused, left);
  await page.keyboard.press("k");
  assert.deepEqual(problems, []);
});

test("the picture of how it was understood shows where the silence is", { timeout: 30_000 }, async () => {
  const { page } = browser;
  await page.goto(`${host.address}/#/`);
  await page.getByRole("button", { name: "More for water" }).click();
  await page.getByRole("menuitem", { name: "How it was understood" }).click();
  await page.locator(".report-picture").waitFor();
  const silences = await page.locator(".report-picture .span-silent").evaluateAll((spans) => spans.map((span) => [span.x.baseVal.value, span.width.baseVal.value]));
  const wanted = parts.silent + (parts.second - parts.silent) / 2;
  const middles = silences.map(([from, wide]) => ((from + wide / 2) / 1000) * parts.end);
  assert.ok(middles.some((middle) => Math.abs(middle - wanted) < 1.5), `silences at ${middles} s, one is at ${wanted} s`);
});

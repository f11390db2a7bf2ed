/** Someone meets the page for the first time: an empty folder, nobody known, and only the screen to go by. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, shot } from "./browser.mjs";
import { Host } from "./host.mjs";
import { listenIn, sounding } from "./taps.mjs";

let host;
let browser;

before(async () => {
  host = await Host.start({ fresh: true });
  browser = await open({ quiet: true });
  await browser.page.addInitScript(listenIn);
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

test("from nothing, one click leads to the first spoken answer", { timeout: 180_000 }, async (story) => {
  const { page, problems } = browser;
  const began = Date.now();
  const passed = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  await page.goto(host.address);
  // The question that the screen offers can be clicked as soon as the sample is there to answer it.
  await page.getByRole("link", { name: "What did she mean by the chain rule?" }).click({ timeout: 120_000 });
  story.diagnostic(`the sample was ready after ${passed()}`);
  await page.waitForFunction(sounding, null, { timeout: 60_000 });
  story.diagnostic(`the answer was heard after ${passed()}`);
  await page.locator(".answer", { hasText: /chain rule/i }).waitFor();
  await shot(page, "first-answer");
  await page.getByTestId("citation").first().click();
  await page.getByText("The lecturer’s own words").waitFor();
  await page.waitForFunction(() => !globalThis.lecture.paused && globalThis.lecture.currentTime > 0);
  assert.deepEqual(problems, []);
});

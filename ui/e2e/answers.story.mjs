/** How answers are heard is the person's to choose, and one that cannot be heard is read. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, seen } from "./browser.mjs";
import { Host } from "./host.mjs";
import { listenIn } from "./taps.mjs";

let host;
let browser;

before(async () => {
  host = await Host.start();
  browser = await open();
  await browser.page.addInitScript(listenIn);
  await browser.page.addInitScript(() => {
    const set = AudioContext.prototype.setSinkId;
    globalThis.sinks = [];
    AudioContext.prototype.setSinkId = async function (id) {
      await set.call(this, id);
      globalThis.sinks.push(this.sinkId);
    };
  });
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

const QUESTION = "What is the chain rule?";

async function ask(page) {
  await page.locator("a.row-title").first().click({ timeout: 60_000 });
  const typed = page.getByRole("textbox", { name: "Or type a question" });
  await typed.fill(QUESTION);
  await typed.press("Enter");
}

/** Asks, hears the answer to its end, and tells how many seconds it took to say. */
async function spoken(page) {
  await page.goto(`${host.address}/#/`);
  await page.reload();
  await ask(page);
  await page.waitForFunction(() => globalThis.heard.starts.length > 0, null, { timeout: 30_000 });
  await page.getByRole("button", { name: "Hold to ask" }).waitFor({ timeout: 60_000 });
  const words = await page.locator(".answer").innerText();
  const seconds = await page.evaluate(() => globalThis.heard.starts.reduce((sum, one) => sum + one.seconds, 0));
  return { words, seconds };
}

test("the voice speaks as fast as was chosen", { timeout: 180_000 }, async (story) => {
  const { page, problems } = browser;
  await page.goto(host.address);
  const usual = await spoken(page);
  await page.goto(`${host.address}/#/settings`);
  await page.getByText("2×").click();
  const quick = await spoken(page);
  story.diagnostic(`the same answer took ${usual.seconds.toFixed(1)} s, and ${quick.seconds.toFixed(1)} s at 2×`);
  assert.equal(quick.words, usual.words);
  assert.ok(quick.seconds < usual.seconds * 0.65 && quick.seconds > usual.seconds * 0.35, `${usual.seconds} s became ${quick.seconds} s`);
  assert.deepEqual(problems, []);
});

test("the lecture and the answers are heard from the chosen loudspeaker", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await page.goto(`${host.address}/#/settings`);
  await page.getByRole("button", { name: "Test the microphone" }).click();
  const pick = page.getByLabel("Loudspeaker", { exact: true });
  await page.waitForFunction(() => document.querySelectorAll(".pick select")[1]?.options.length > 1);
  await page.getByRole("button", { name: "Stop the test" }).click();
  const chosen = await pick.locator("option").nth(1).getAttribute("value");
  await pick.selectOption(chosen);
  assert.equal(await page.getByText(/system’s own loudspeaker/).count(), 0);
  const there = (id) => globalThis.lecture?.sinkId === id && globalThis.sinks.includes(id);
  await page.evaluate(() => (location.hash = "#/"));
  await ask(page);
  await page.waitForFunction(there, chosen, { timeout: 30_000 });
  // It stays so.
  await page.goto(`${host.address}/#/`);
  await page.reload();
  await ask(page);
  await page.waitForFunction(there, chosen, { timeout: 30_000 });
  assert.deepEqual(problems, []);
});

test("an answer that cannot be spoken is told to be, and can be read to its end", { timeout: 120_000 }, async () => {
  // Nothing listens there, so this host has no voice.
  const mute = await Host.start({ settings: { SYNAPSCRIBE_SPEECH_URL: "http://127.0.0.1:9" } });
  const { page, problems, close } = await open();
  try {
    await page.goto(mute.address);
    await ask(page);
    await page.getByTestId("notice").getByText("This answer cannot be spoken").waitFor({ timeout: 60_000 });
    await page.getByTestId("notice").getByText(/speech server .* cannot be reached/).waitFor();
    await page.getByText(/own sentences|language model/).first().waitFor({ timeout: 60_000 });
    assert.match(await page.locator(".answer").innerText(), /chain rule.+[.]/s);
    assert.ok((await page.getByTestId("citation").count()) > 0);
    await page.getByRole("button", { name: "Hold to ask" }).waitFor();
    await seen(page, "mute");
    assert.deepEqual(problems, []);
  } finally {
    await close();
    await mute.stop();
  }
});

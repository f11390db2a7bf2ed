/** A lecture of three hours: its transcript is scrolled and jumped in without waiting. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { holdBest, middle } from "./bar.mjs";
import { open, shot } from "./browser.mjs";
import { Host } from "./host.mjs";

const PHRASES = 4500;
const SECONDS = 3 * 3600;

let host;
let browser;

before(async () => {
  host = await Host.start();
  browser = await open();
  const { page } = browser;
  // The sample's words and length are replaced on their way, so that no recording of three hours has to be made.
  const phrases = Array.from({ length: PHRASES }, (_, i) => ({
    from: (i * SECONDS) / PHRASES,
    to: ((i + 1) * SECONDS) / PHRASES - 0.2,
    text: `Phrase ${i + 1}. ${"The gradient says which way is up, and the learning rate how far to step. ".repeat(1 + (i % 3))}`,
    confidence: i % 9 === 0 ? 0.3 : 0.9,
  }));
  await page.route("**/api/lectures/*/transcript", async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, phrases } });
  });
  await page.route("**/api/lectures", async (route) => {
    const { lectures } = await (await route.fetch()).json();
    await route.fulfill({ json: { lectures: lectures.map((one) => ({ ...one, duration: SECONDS })) } });
  });
  // The sound would tell its true length; it is not needed here.
  await page.route("**/api/lectures/*/audio", (route) => route.fulfill({ json: { url: `${host.address}/nothing.wav`, expiresIn: 60 } }));
  await page.goto(host.address);
  await page.locator("a.row-title").first().click({ timeout: 60_000 });
  await page.locator(".line").first().waitFor();
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

test("only what is seen is drawn, and scrolling keeps up with the screen", { timeout: 60_000 }, async (story) => {
  const { page } = browser;
  const frames = () =>
    page.evaluate(async () => {
      const box = document.querySelector(".transcript-scroll");
      const times = [];
      for (let frame = 0, last = performance.now(); frame < 180; frame++) {
        box.scrollTop += 60;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        times.push(now - last);
        last = now;
      }
      return times;
    });
  await holdBest(story, "the middle frame while scrolling", async () => middle(await frames()), 17.5);
  const drawn = await page.locator(".line").count();
  assert.ok(drawn < 80, `${drawn} phrases are drawn`);
  await shot(page, "long");
});

test("a jump shows the right words at once", { timeout: 60_000 }, async (story) => {
  const { page } = browser;
  const jumps = async (seconds) => {
    const slider = document.querySelector(".waveform");
    const box = slider.getBoundingClientRect();
    const waits = [];
    for (let jump = 1; jump <= 12; jump++) {
      const share = ((jump * 7) % 12) / 12 + 0.03;
      const began = performance.now();
      const at = { bubbles: true, pointerId: 1, button: 0, buttons: 1, clientX: box.left + box.width * share, clientY: box.top + 5 };
      slider.setPointerCapture = () => undefined;
      slider.dispatchEvent(new PointerEvent("pointerdown", at));
      const wanted = share * seconds;
      for (;;) {
        const now = document.querySelector(".line-now .line-time")?.textContent?.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
        if (now !== undefined && Math.abs(now - wanted) < 6) break;
        if (performance.now() - began > 3000) throw new Error(`${wanted} s was not shown, but ${now}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      waits.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return waits;
  };
  await holdBest(story, "the middle jump", async () => middle(await page.evaluate(jumps, SECONDS)), 50);
});

test("chapters lead through the lecture, and the one that is heard is marked and seen", { timeout: 60_000 }, async () => {
  const { page } = browser;
  const chapters = page.getByRole("navigation", { name: "Chapters" });
  const last = chapters.getByRole("button").last();
  await last.click();
  assert.equal(await last.getAttribute("aria-current"), "true");
  const from = (await last.locator(".chapter-time").innerText()).trim();
  assert.ok((await page.getByTestId("time").innerText()).startsWith(from), `the recording stands at the chapter's beginning, ${from}`);
  await page.locator(".line-now").waitFor();
  await page.getByRole("slider", { name: "Position in the recording" }).press("Home");
  await page.waitForFunction(() => {
    const [row, first] = [document.querySelector(".chapters"), document.querySelector(".chapter[aria-current]")];
    const [outer, inner] = [row.getBoundingClientRect(), first.getBoundingClientRect()];
    return inner.left >= outer.left - 1 && inner.right <= outer.right + 1;
  });
});

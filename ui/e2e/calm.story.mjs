/** What is missing or goes away is said calmly, and comes back by itself. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open, seen, shot } from "./browser.mjs";
import { Host } from "./host.mjs";

let host;

before(async () => {
  host = await Host.start();
});

after(async () => {
  await host?.stop();
});

test("without a microphone's permission the page says how to give it, and typing works", { timeout: 120_000 }, async () => {
  const { page, close, problems } = await open({ refuse: true });
  try {
    await page.goto(host.address);
    await page.locator("a.row-title").first().click({ timeout: 60_000 });
    await page.getByTestId("hand").waitFor();
    await page.keyboard.down("Space");
    await page.getByText("The microphone is not allowed").waitFor();
    await page.keyboard.up("Space");
    await seen(page, "microphone-refused");
    const typed = page.getByRole("textbox", { name: "Or type a question" });
    await typed.fill("What is the loss?");
    await typed.press("Enter");
    await page.locator(".answer", { hasText: /\w+ \w+ \w+/ }).waitFor({ timeout: 30_000 });
    assert.deepEqual(problems, []);
  } finally {
    await close();
  }
});

test("before the page has begun its first line is as high as afterwards, and without scripts the page says why it cannot begin", { timeout: 60_000 }, async () => {
  const { page, context, close, problems } = await open();
  try {
    let begin = () => undefined;
    const held = new Promise((go) => (begin = go));
    await page.route("**/assets/*.js", async (route) => (await held, route.continue()));
    await page.goto(host.address, { waitUntil: "commit" });
    // As soon as it looks as it should.
    await page.waitForFunction(() => document.querySelector(".topbar") && getComputedStyle(document.querySelector(".topbar")).display === "flex");
    const height = () => page.locator(".topbar").evaluate((bar) => bar.getBoundingClientRect().height);
    const bare = await height();
    begin();
    await page.locator(".topbar nav").waitFor();
    const whole = await height();
    assert.ok(Math.abs(whole - bare) < 1, `${bare} and ${whole} pixels`);
    const plain = await context.browser().newContext({ javaScriptEnabled: false });
    const still = await plain.newPage();
    await still.goto(host.address);
    await still.locator("noscript").waitFor();
    assert.equal(await still.getByText("Loading").isVisible(), false);
    assert.deepEqual(problems, []);
  } finally {
    await close();
  }
});

/** Goes into the page before its own scripts: a clock that is so many milliseconds off. */
function askew(by) {
  const Right = Date;
  globalThis.Date = class extends Right {
    constructor(...given) {
      if (given.length > 0) super(...given);
      else super(Right.now() + by);
    }

    static now() {
      return Right.now() + by;
    }
  };
}

test("on a machine whose clock is wrong everything works by the server's", { timeout: 120_000 }, async () => {
  for (const hours of [-3, 26]) {
    const { page, close, problems } = await open();
    try {
      await page.addInitScript(askew, hours * 3_600_000);
      await page.goto(host.address);
      await page.locator("a.row-title").first().click({ timeout: 60_000 });
      const typed = page.getByRole("textbox", { name: "Or type a question" });
      await typed.fill("What is the loss?");
      await typed.press("Enter");
      await page.locator(".answer", { hasText: /\w+ \w+ \w+/ }).waitFor({ timeout: 30_000 });
      assert.deepEqual(problems, []);
    } finally {
      await close();
    }
  }
});

test("a server that goes away is said to be gone, and everything goes on when it is back", { timeout: 120_000 }, async () => {
  const { page, close } = await open();
  try {
    await page.goto(host.address);
    await page.locator("a.row-title").first().waitFor({ timeout: 60_000 });
    await page.waitForFunction(() => {
      const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
      // The screen of a lecture and what it shares with others.
      return ["lecture", "beside", "conversations"].every((part) => loaded.some((name) => name.includes(`/${part}-`) && name.endsWith(".js")));
    });
    await host.kill();
    await page.getByTestId("offline").waitFor({ timeout: 20_000 });
    await seen(page, "server-gone");
    // A lecture that is opened meanwhile appears when the server is back, without another click.
    await page.locator("a.row-title").first().click();
    await page.getByText("The server does not answer; it is tried again by itself.").waitFor();
    await seen(page, "server-gone-lecture");
    await host.again();
    await page.getByTestId("hand").waitFor({ timeout: 30_000 });
    await page.getByTestId("offline").waitFor({ state: "detached" });
  } finally {
    await close();
  }
});

/** Goes into the page before its own scripts: a microphone that can be unplugged and plugged in. */
function socket(plugged) {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  globalThis.plugged = plugged;
  navigator.mediaDevices.getUserMedia = async (wish) => {
    if (!globalThis.plugged) throw new DOMException("none", "NotFoundError");
    globalThis.stream = await ask(wish);
    return globalThis.stream;
  };
}

/** The microphone is plugged in: what was said about it goes, and it listens. */
async function heardWhenPluggedIn(page) {
  await page.evaluate(() => {
    globalThis.plugged = true;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await page.getByTestId("notice").waitFor({ state: "detached" });
  await page.keyboard.down("Space");
  await page.getByText("Listening. Let go to send.", { exact: true }).first().waitFor();
  await page.keyboard.press("Escape");
  await page.keyboard.up("Space");
}

test("without a microphone the page says so, and uses one as soon as it is plugged in", { timeout: 120_000 }, async () => {
  const { page, close, problems } = await open();
  try {
    await page.addInitScript(socket, false);
    await page.goto(host.address);
    await page.locator("a.row-title").first().click({ timeout: 60_000 });
    await page.getByTestId("hand").waitFor();
    await page.keyboard.press("Space");
    await page.getByText("No microphone was found").waitFor();
    await seen(page, "microphone-none");
    await heardWhenPluggedIn(page);
    assert.deepEqual(problems, []);
  } finally {
    await close();
  }
});

test("a microphone unplugged in the middle is said to be gone, and is used again when it is back", { timeout: 120_000 }, async () => {
  const { page, close, problems } = await open();
  try {
    await page.addInitScript(socket, true);
    await page.goto(host.address);
    await page.locator("a.row-title").first().click({ timeout: 60_000 });
    await page.getByTestId("hand").waitFor();
    await page.keyboard.down("Space");
    await page.getByText("Listening. Let go to send.", { exact: true }).first().waitFor();
    await page.evaluate(() => {
      globalThis.plugged = false;
      globalThis.stream.getTracks()[0].dispatchEvent(new Event("ended"));
    });
    await page.getByText("The microphone was unplugged").waitFor();
    await page.keyboard.up("Space");
    await shot(page, "microphone-unplugged");
    await heardWhenPluggedIn(page);
    assert.deepEqual(problems, []);
  } finally {
    await close();
  }
});

test("a microphone that opens when the lecture was left is closed again", { timeout: 60_000 }, async () => {
  const { page, close, problems } = await open();
  try {
    await page.addInitScript(() => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      const allowed = new Promise((resolve) => (globalThis.allow = resolve));
      navigator.mediaDevices.getUserMedia = async (wish) => {
        globalThis.asked = true;
        await allowed;
        globalThis.stream = await ask(wish);
        return globalThis.stream;
      };
    });
    await page.goto(host.address);
    await page.locator("a.row-title").first().click({ timeout: 60_000 });
    await page.getByTestId("hand").waitFor();
    await page.keyboard.press("Space");
    await page.waitForFunction(() => globalThis.asked);
    await page.getByRole("link", { name: "Conversations" }).click();
    await page.getByText("No conversations yet").waitFor();
    await page.evaluate(() => globalThis.allow());
    await page.waitForFunction(() => globalThis.stream?.getTracks().every(({ readyState }) => readyState === "ended"), null, { timeout: 15_000 });
    assert.deepEqual(problems, []);
  } finally {
    await close();
  }
});

/** Every screen in light, dark and high contrast, wide and narrow: nothing serious stands in anybody's way. */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { barriers, open, seen, shot, theme } from "./browser.mjs";
import { Host } from "./host.mjs";
import { TITLE, shore } from "./shore.mjs";
import { Keyboard } from "./tab.mjs";

let host;
let browser;

before(async () => {
  host = await Host.start({ fresh: true });
  browser = await open();
  const { page } = browser;
  await page.goto(host.address);
  await page.getByText("It is being made ready.").or(page.locator(".welcome-open")).first().waitFor();
  await seen(page, "first-minute");
  await page.getByRole("link", { name: "Or open it, hold the space bar, and ask out loud" }).waitFor({ timeout: 60_000 });
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

const screens = {
  library: async (page) => {
    await page.goto(`${host.address}/#/`);
    await page.locator("a.row-title").first().waitFor();
  },
  lecture: async (page) => {
    await page.goto(`${host.address}/#/`);
    await page.locator("a.row-title").first().click();
    const typed = page.getByRole("textbox", { name: "Or type a question" });
    await typed.fill("What is the chain rule?");
    await typed.press("Enter");
    await page.getByTestId("citation").first().waitFor({ timeout: 30_000 });
    await page.getByText(/own sentences|language model/).first().waitFor({ timeout: 30_000 });
  },
  document: async (page) => {
    await page.goto(`${host.address}/#/`);
    const book = page.locator("a.row-title", { hasText: TITLE });
    const there = page.locator(".row-title", { hasText: TITLE });
    if ((await there.count()) === 0) {
      const file = join(mkdtempSync(join(tmpdir(), "synapscribe-screens-")), `${TITLE}.pdf`);
      shore(file, 15);
      const choosing = page.waitForEvent("filechooser");
      await page.getByRole("button", { name: "Add files" }).click();
      await page.getByRole("button", { name: "Choose files" }).click();
      await (await choosing).setFiles([file]);
    }
    await book.click({ timeout: 90_000 });
    const typed = page.getByRole("textbox", { name: "Or type a question" });
    await typed.fill("How does the barnacle hold on to the rock?");
    await typed.press("Enter");
    await page.locator(".turn-facts").first().waitFor({ timeout: 30_000 });
    await page.getByTestId("citation").first().click();
    await page.locator("[data-mark=cited]").first().waitFor();
    await page.waitForFunction(() => document.querySelector(".page img")?.naturalWidth > 0, null, { timeout: 30_000 });
  },
  scope: async (page) => {
    await page.getByTestId("scope").click();
    await page.getByRole("radio", { name: /Only from these/ }).check();
    await page.getByRole("checkbox", { name: TITLE }).waitFor();
  },
  conversations: async (page) => {
    await page.goto(`${host.address}/#/conversations`);
    await page.locator(".talk").first().waitFor();
  },
  settings: async (page) => {
    await page.goto(`${host.address}/#/settings`);
    await page.locator(".engines").waitFor();
  },
  add: async (page) => {
    await page.goto(`${host.address}/#/`);
    await page.getByRole("button", { name: "Add files" }).click();
    await page.getByRole("dialog").waitFor();
  },
};

const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

for (const [name, visit] of Object.entries(screens)) {
  test(`${name} can be read and used by everybody`, { timeout: 120_000 }, async () => {
    const { page, problems } = browser;
    await visit(page);
    for (const look of ["light", "dark", "contrast"]) {
      await theme(page, look);
      await shot(page, `${name}-${look}`);
      assert.deepEqual(await barriers(page), [], `${name} in ${look}`);
    }
    await theme(page, "light");
    await page.setViewportSize({ width: 390, height: 844 });
    await shot(page, `${name}-narrow`);
    assert.deepEqual(await barriers(page), [], `${name} on a phone`);
    assert.ok((await tooWide(page)) <= 1, `${name} does not scroll sideways on a phone`);
    if (name === "lecture") {
      // Whoever asks on a phone has the recording, the answer and the hand before them, without scrolling.
      for (const part of [".play-button", ".answer", ".hand"]) {
        const { y, height } = await page.locator(part).last().boundingBox();
        assert.ok(y >= 0 && y + height <= 844, `${part} is seen on a phone (${y} to ${y + height})`);
      }
    }
    await page.evaluate(() => document.documentElement.style.setProperty("--text-scale", "1.5"));
    assert.ok((await tooWide(page)) <= 1, `${name} does not scroll sideways on a phone with large text`);
    await page.evaluate(() => document.documentElement.style.setProperty("--text-scale", "1"));
    await page.setViewportSize({ width: 360, height: 740 });
    assert.ok((await tooWide(page)) <= 1, `${name} does not scroll sideways on a small phone`);
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.keyboard.press("Escape");
    assert.deepEqual(problems, []);
  });
}

test("a lecture that was hard to hear says so beside its title, where there is little room, too", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  const report = (url) => url.pathname.endsWith("/report");
  await page.route(report, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), hardToHear: true } });
  });
  await page.goto(`${host.address}/#/`);
  await page.reload();
  await page.locator("a.row-title", { hasText: "How Neural Networks Learn" }).click();
  await page.getByText("Hard to hear; captions would help").waitFor();
  await seen(page, "hard-to-hear");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByText("Hard to hear", { exact: true }).waitFor();
  await seen(page, "hard-to-hear-narrow");
  assert.ok((await tooWide(page)) <= 1, "nothing scrolls sideways");
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.unroute(report);
  assert.deepEqual(problems, []);
});

test("text can be twice as large, and nothing scrolls sideways", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await screens.settings(page);
  await page.getByText("200%").click();
  try {
    for (const name of ["settings", "conversations", "library"]) {
      await screens[name](page);
      await shot(page, `${name}-large`);
      assert.deepEqual(await barriers(page), [], `${name} with large text`);
      assert.ok((await tooWide(page)) <= 1, `${name} does not scroll sideways with large text`);
    }
    await page.locator("a.row-title", { hasText: "How Neural Networks Learn" }).click();
    // There is room for one column only, with the hand in sight.
    await page.getByRole("tab", { name: "Transcript" }).waitFor();
    await page.getByTestId("hand").waitFor();
    await shot(page, "lecture-large");
    assert.deepEqual(await barriers(page), []);
    assert.ok((await tooWide(page)) <= 1, "a lecture does not scroll sideways with large text");
  } finally {
    await screens.settings(page);
    await page.getByText("100%").click();
  }
  assert.deepEqual(problems, []);
});

test("where the system chooses the colours, what is chosen, heard and done is still told apart", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  const colours = (property, ...of) => page.evaluate(([name, all]) => all.map((one) => getComputedStyle(document.querySelector(one))[name]), [property, of]);
  try {
    await page.emulateMedia({ forcedColors: "active" });
    await screens.settings(page);
    const [chosen, around] = await colours("backgroundColor", ".choice-options .chosen", "body");
    assert.notEqual(chosen, around);
    await shot(page, "settings-forced");
    await page.goto(`${host.address}/#/`);
    await page.locator("a.row-title", { hasText: "How Neural Networks Learn" }).click();
    await page.locator(".line-now").waitFor();
    const [rest, played] = await colours("color", ".wave-rest", ".wave-played");
    assert.notEqual(rest, played);
    assert.deepEqual(await colours("outlineStyle", ".line-now", ".way-to"), ["solid", "none"]);
    await shot(page, "lecture-forced");
    assert.deepEqual(problems, []);
  } finally {
    await page.emulateMedia({ forcedColors: "none" });
  }
});

test("a lecture of the library is reached, opened and left by keyboard alone", { timeout: 60_000 }, async () => {
  const { page } = browser;
  await page.goto(`${host.address}/#/`);
  await page.locator("a.row-title").first().waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement?.matches("a.row-title") && /Neural/.test(document.activeElement.textContent))) break;
  }
  await page.keyboard.press("Enter");
  await page.getByTestId("hand").waitFor();
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Search what was said");
});

test("by keyboard alone a lecture is heard, asked and cited, and the theme is changed; every stop is named and seen", { timeout: 120_000 }, async () => {
  const { page, problems } = browser;
  await page.goto(`${host.address}/#/`);
  await page.locator("a.row-title").first().waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  const keyboard = await Keyboard.of(page);
  await keyboard.to(/Neural/);
  await keyboard.press("Enter");
  await page.getByTestId("hand").waitFor();

  const second = () => page.getByRole("slider", { name: "Position in the recording" }).getAttribute("aria-valuenow").then(Number);
  const later = (than) => page.waitForFunction((before) => Number(document.querySelector("[role=slider]").getAttribute("aria-valuenow")) > before, than);
  await keyboard.to(/^Position in the recording$/);
  await keyboard.press("Home", "ArrowRight");
  await later(3);
  await keyboard.to(/^Play \(K\)$/);
  await keyboard.press("Enter");
  await page.getByRole("button", { name: "Pause (K)" }).waitFor();
  await later(5);
  await keyboard.press("Enter");
  await page.getByRole("button", { name: "Play (K)" }).waitFor();
  const stood = await second();
  await keyboard.to(/^To the next phrase/);
  await keyboard.press("Enter", "Enter");
  await later(stood);
  // The space bar ticks a box; it raises the hand where nothing else takes it.
  await keyboard.to(/^Skip silence$/);
  await keyboard.press("Space");
  await page.getByRole("checkbox", { name: "Skip silence", checked: true }).waitFor();
  await keyboard.press("Space");
  await page.getByRole("checkbox", { name: "Skip silence", checked: false }).waitFor();

  await keyboard.to(/^Or type a question$/);
  await page.keyboard.type("What is the chain rule?");
  await keyboard.press("Enter");
  await page.locator(".turn-facts").first().waitFor({ timeout: 30_000 });
  await keyboard.to(/^Play source \d/, { back: true });
  await keyboard.press("Enter");
  await page.locator(".clip-note").waitFor();
  await page.getByRole("button", { name: "Pause (K)" }).waitFor();

  await keyboard.to(/^Settings$/, { back: true });
  await keyboard.press("Enter");
  await page.locator(".engines").waitFor();
  await keyboard.to(/^(System|Light)$/);
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  for (let presses = 0; presses < 2 && (await theme()) !== "dark"; presses++) {
    await keyboard.press("ArrowRight");
    assert.match(await keyboard.stop(), /^(Light|Dark)$/);
  }
  assert.equal(await theme(), "dark");
  await keyboard.press("ArrowLeft");
  assert.equal(await theme(), "light");
  assert.deepEqual(problems, []);
});

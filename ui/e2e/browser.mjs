/** A real browser without a screen, with a microphone that plays a file. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const out = fileURLToPath(new URL("../out", import.meta.url));
mkdirSync(out, { recursive: true });
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Debian, Ubuntu, and Ubuntu's snap; another one is named by CHROMIUM.
const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/snap/bin/chromium"];
const browser = process.env.CHROMIUM ?? places.find((place) => existsSync(place)) ?? places[0];

export async function open({ question, refuse = false, quiet = false, profile = null, size = { width: 1280, height: 860 } } = {}) {
  const args = ["--no-sandbox", "--use-fake-device-for-media-stream"];
  // A browser as people have it lets a page sound only once it was clicked.
  if (!quiet) args.push("--autoplay-policy=no-user-gesture-required");
  if (!refuse) args.push("--use-fake-ui-for-media-stream");
  if (question) args.push(`--use-file-for-fake-audio-capture=${question}%noloop`);
  const options = { executablePath: browser, args, viewport: size };
  const context = profile
    ? await chromium.launchPersistentContext(profile, options)
    : await (await chromium.launch(options)).newContext({ viewport: size });
  const page = context.pages()[0] ?? (await context.newPage());
  const problems = [];
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection|ERR_CONNECTION/.test(message.text())) problems.push(message.text());
  });
  const close = async () => {
    const running = context.browser();
    await context.close();
    await running?.close();
  };
  return { page, context, problems, close };
}

/** What a screen looks like, kept for people to look at. */
export async function shot(page, name) {
  await page.waitForTimeout(350);
  await picture(page, name);
}

const picture = (page, name) => page.screenshot({ path: `${out}/${name}.png`, fullPage: true });

/** The same in every look, and nothing in it stands in anybody's way. */
export async function seen(page, name, looks = ["light", "dark"]) {
  await page.waitForTimeout(350);
  const chosen = await page.evaluate(() => document.documentElement.dataset.theme);
  for (const look of looks) {
    const full = look === "light" ? name : `${name}-${look}`;
    await dress(page, look);
    await picture(page, full);
    assert.deepEqual(await barriers(page, look === "light" ? null : COLOURS), [], full);
  }
  await dress(page, chosen);
}

/** What a theme decides. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** Shows the page in a theme without choosing it. */
async function dress(page, look) {
  await page.evaluate((to) => {
    document.documentElement.dataset.theme = to;
    // Colours that are on their way are there at once.
    for (const change of document.getAnimations()) if (change instanceof CSSTransition) change.finish();
  }, look);
}

/** What is seriously wrong for people who do not see or do not use a mouse; by all rules, or by a few. */
export async function barriers(page, rules = null) {
  // Evaluated by the browser's own tools, so that the page's policy stays as it is.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate((only) => globalThis.axe.run(document, { resultTypes: ["violations"], ...(only && { runOnly: only }) }), rules);
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} (${failureSummary?.split("\n").at(-1)?.trim()})`).join("; ")}`);
}

export async function theme(page, name) {
  await page.evaluate((to) => {
    const kept = JSON.parse(localStorage.getItem("synapscribe.preferences") ?? "{}");
    localStorage.setItem("synapscribe.preferences", JSON.stringify({ ...kept, theme: to }));
    document.documentElement.dataset.theme = to;
  }, name);
}

/** Shows a card's answer by its key, again where the page was not listening yet. */
export async function reveal(page) {
  const answer = page.getByTestId("answer");
  for (let press = 1; ; press++) {
    await page.keyboard.press("Space");
    const there = await answer.waitFor({ timeout: 5_000 }).then(() => true, () => false);
    if (there || press === 5) return;
  }
}

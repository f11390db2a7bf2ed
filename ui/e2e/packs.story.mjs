/** Someone keeps an answer to revise with, learns from it by keys, hears what it rests on, and takes the cards along. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { barriers, open, reveal, seen, shot } from "./browser.mjs";
import { Host } from "./host.mjs";
import { listenIn } from "./taps.mjs";

const LECTURE = "How Neural Networks Learn";
const PACK = "Calculus by heart";
let host;
let browser;

before(async () => {
  host = await Host.start();
  browser = await open();
  await browser.page.addInitScript(listenIn);
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

const tooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test("whoever has no pack reads what one is, and an answer becomes a card of the first one, once", { timeout: 120_000 }, async () => {
  const { page, problems } = browser;
  await page.goto(host.address);
  await page.getByRole("navigation", { name: "Screens" }).getByRole("link", { name: "Packs" }).click();
  await page.getByText("No packs yet").waitFor();
  await seen(page, "packs-empty");
  await page.getByRole("link", { name: "To the library", exact: true }).click();
  await page.locator("a.row-title", { hasText: LECTURE }).click({ timeout: 60_000 });
  const typed = page.getByRole("textbox", { name: "Or type a question" });
  await typed.fill("What is the chain rule?");
  await typed.press("Enter");
  await page.getByRole("button", { name: "Keep", exact: true }).click({ timeout: 60_000 });
  const dialog = page.getByRole("dialog");
  const name = dialog.getByRole("textbox", { name: "Name of the pack" });
  assert.equal(await name.inputValue(), LECTURE);
  await name.fill(PACK);
  await seen(page, "keep");
  await name.press("Enter");
  await page.getByRole("link", { name: `Kept in “${PACK}”` }).waitFor();
  // Where it was kept last is chosen already, and it is there already.
  await page.getByRole("button", { name: "Keep", exact: true }).click();
  assert.equal(await dialog.getByRole("combobox", { name: "Pack" }).locator("option:checked").innerText(), PACK);
  await dialog.getByRole("button", { name: "Keep" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("link", { name: `Kept in “${PACK}”` }).click();
  await page.getByText("Card 1 of 1", { exact: true }).waitFor();
  assert.deepEqual(problems, []);
});

test("the answer is shown by a key, its lecturer is heard, and the way back from the lecture leads to the card", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await page.getByRole("heading", { name: "What is the chain rule?" }).waitFor();
  assert.equal(await page.getByTestId("answer").count(), 0);
  await seen(page, "card");
  await reveal(page);
  await page.getByTestId("answer").getByText(/chain rule/i).first().waitFor();
  await seen(page, "card-answer");
  await page.getByTestId("citation").first().click();
  await page.getByText("The lecturer’s own words").waitFor();
  await page.waitForFunction(() => !globalThis.lecture.paused && globalThis.lecture.currentTime > 0);
  // A short one may have ended by itself.
  await page.getByRole("button", { name: "Stop", exact: true }).click({ timeout: 5_000 }).catch(() => undefined);
  await page.getByText("The lecturer’s own words").waitFor({ state: "detached" });
  await page.locator(".citation-words").first().click();
  await page.getByRole("slider", { name: "Position in the recording" }).waitFor();
  await page.goBack();
  await page.getByText("Card 1 of 1", { exact: true }).waitFor();
  assert.deepEqual(problems, []);
});

test("a card is written by hand, put right, turned to by keys and removed, on a small phone as well", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await page.getByRole("button", { name: "Write a card" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Question" }).fill("What falls?");
  await dialog.getByRole("textbox", { name: "Answer" }).fill("The loss, step by step.");
  await seen(page, "card-write");
  await dialog.getByRole("button", { name: "Add it" }).click();
  await page.getByText("Card 2 of 2", { exact: true }).waitFor();
  await page.getByRole("button", { name: "More for this card" }).click();
  await page.getByRole("menuitem", { name: "Edit the card" }).click();
  await dialog.getByRole("textbox", { name: "Question" }).fill("What falls while it learns?");
  await dialog.getByRole("button", { name: "Save" }).click();
  const written = page.getByRole("heading", { name: "What falls while it learns?" });
  await written.waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole("button", { name: "Show answer" }).click();
  await page.getByTestId("answer").getByText("The loss, step by step.").waitFor();
  await shot(page, "card-narrow");
  assert.deepEqual(await barriers(page), [], "on a phone");
  assert.ok((await tooWide(page)) <= 1, "nothing scrolls sideways");
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.keyboard.press("ArrowLeft");
  await page.getByText("Card 1 of 2", { exact: true }).waitFor();
  // What is written here is kept by the server.
  await page.reload();
  await page.getByText("Card 1 of 2", { exact: true }).waitFor();
  await page.keyboard.press("ArrowRight");
  await written.waitFor();
  await page.getByRole("button", { name: "More for this card" }).click();
  await page.getByRole("menuitem", { name: "Remove the card" }).click();
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByText("Card 1 of 1", { exact: true }).waitFor();
  assert.deepEqual(problems, []);
});

test("a pack is renamed, taken along for Anki, and deleted", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await page.getByRole("link", { name: "Back to the packs" }).click();
  await page.getByTestId("pack").getByText(/1 card/).waitFor();
  await page.getByRole("button", { name: `More for ${PACK}` }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByRole("textbox", { name: "Name of the pack" }).fill("The chain rule");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "The chain rule" }).waitFor();
  await seen(page, "packs");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "More for The chain rule" }).click();
  await page.getByRole("menuitem", { name: "Download for Anki" }).click();
  const file = await download;
  assert.equal(file.suggestedFilename(), "The-chain-rule.txt");
  const text = readFileSync(await file.path(), "utf8");
  assert.match(text, /^#separator:tab/m);
  assert.match(text, /^"?what is the chain rule\?"?\t/im);
  await page.getByRole("button", { name: "More for The chain rule" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No packs yet").waitFor();
  assert.deepEqual(problems, []);
});

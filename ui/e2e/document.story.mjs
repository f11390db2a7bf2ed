/** Someone drops a book on the window, reads it, asks about it, and is led to the very words on the page. */
import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { barriers, open, seen, shot } from "./browser.mjs";
import { Host } from "./host.mjs";
import { cut } from "./pdf.mjs";
import { TITLE, shore } from "./shore.mjs";
import { speak } from "./speech.mjs";

const PAGES = 40;
const folder = mkdtempSync(join(tmpdir(), "synapscribe-document-"));
const file = join(folder, `${TITLE}.pdf`);
const wav = join(folder, "question.wav");
let host;
let browser;
/** Where the book is read. */
let address;

before(async () => {
  shore(file, PAGES);
  speak("Where did we look at a kelp bed?", wav, { before: 1.2 });
  host = await Host.start();
  browser = await open({ question: wav });
});

after(async () => {
  await browser?.close();
  await host?.stop();
});

const ask = async (page, question) => {
  const typed = page.getByRole("textbox", { name: "Or type a question" });
  await typed.fill(question);
  await typed.press("Enter");
};
/** The last answer, once it is whole. */
const answered = async (page, count) => {
  await page.waitForFunction((turns) => document.querySelectorAll(".turn-facts").length === turns, count, { timeout: 60_000 });
  return page.locator(".answer").last().innerText();
};
const onPage = (page, number) => page.waitForFunction((wanted) => document.querySelector("[data-page-field]")?.value === String(wanted), number);
/** A page whose picture is there. */
const pictured = (page, number) => page.waitForFunction((wanted) => document.querySelector(`[data-page="${wanted}"] img`)?.naturalWidth > 0, number, { timeout: 30_000 });
/** Whether words that are marked are within what is seen of the pages. */
const marked = (page, kind) =>
  page.waitForFunction((wanted) => {
    const [mark, pages] = [document.querySelector(`[data-mark="${wanted}"]`), document.querySelector(".reader-scroll")].map((one) => one?.getBoundingClientRect());
    return mark && pages && mark.height > 4 && mark.top >= pages.top && mark.bottom <= pages.bottom;
  }, kind);

test("a dropped book tells its steps, and is opened when it can be asked", { timeout: 180_000 }, async () => {
  const { page } = browser;
  await page.goto(host.address);
  await page.locator("a.row-title").first().waitFor();
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await session.send("Input.dispatchDragEvent", { type, x: 500, y: 400, data });
  await session.detach();
  const row = page.locator(".row", { hasText: /shore/i });
  await row.waitFor();
  await row.locator("a.row-title").waitFor({ timeout: 120_000 });
  // It may be asked while its last steps are taken.
  await row.getByText(`${PAGES} pages`).waitFor();
  assert.match(await row.innerText(), new RegExp(`PDF[\\s\\S]*${PAGES} pages[\\s\\S]*Added by you`));
  // Its first page stands there in its own shape, where the sign of a lecture stands in another row.
  const cover = row.locator(".row-cover img");
  await cover.waitFor();
  assert.ok(Math.abs((await cover.evaluate(({ offsetWidth, offsetHeight }) => offsetWidth / offsetHeight)) - 420 / 595) < 0.05);
  const sign = (among) => among.locator(".row-mark").evaluate((element) => [element.offsetLeft, element.offsetWidth, element.offsetHeight]);
  assert.deepEqual(await sign(row), await sign(page.locator(".row", { hasText: "How Neural Networks Learn" })));
  await page.getByLabel("Show", { exact: true }).selectOption("document");
  assert.equal(await page.locator(".row").count(), 1);
  await page.getByLabel("Show", { exact: true }).selectOption("all");
  await seen(page, "library-both");
  await page.getByRole("link", { name: TITLE }).click();
  await pictured(page, 1);
});

test("pages are leafed through by keys, by number and by the contents, and made larger", { timeout: 60_000 }, async () => {
  const { page } = browser;
  await page.keyboard.press("ArrowRight");
  await onPage(page, 2);
  await page.keyboard.press("g");
  await page.keyboard.type("30");
  await page.keyboard.press("Enter");
  await onPage(page, 30);
  await pictured(page, 30);
  assert.ok((await page.locator("[data-page]").count()) < 10, "only what is seen is there");
  assert.match(await page.locator('[data-page="30"]').innerText(), /Walk 30/, "the words of a picture are there for those who do not see it");
  await page.getByRole("navigation", { name: "Contents" }).getByRole("button", { name: /Walk 29/ }).click();
  await onPage(page, 29);
  await page.keyboard.press("Home");
  await onPage(page, 1);
  const width = () => page.locator('[data-page="1"]').evaluate((element) => element.getBoundingClientRect().width);
  const before = await width();
  await page.keyboard.press("+");
  await page.waitForFunction((was) => document.querySelector('[data-page="1"]').getBoundingClientRect().width > was * 1.2, before);
  await page.keyboard.press("0");
  await page.waitForFunction((was) => Math.abs(document.querySelector('[data-page="1"]').getBoundingClientRect().width - was) < 2, before);
});

test("words are searched in the whole book, and each place is shown", { timeout: 60_000 }, async () => {
  const { page } = browser;
  await page.keyboard.press("/");
  await page.keyboard.type("BARNACLE");
  await page.getByText("1 of 3").waitFor();
  await onPage(page, 7);
  await marked(page, "hit-now");
  await page.keyboard.press("Enter");
  await page.getByText("2 of 3").waitFor();
  await seen(page, "document-search");
  await page.keyboard.press("Escape");
  await page.getByRole("navigation", { name: "Contents" }).waitFor();
});

test("an answer names the page, shows its figure, and a click marks the words there", { timeout: 120_000 }, async () => {
  const { page } = browser;
  await page.keyboard.press("Escape");
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("End");
  await onPage(page, PAGES);
  await ask(page, "How does the barnacle hold on to the rock?");
  assert.match(await answered(page, 1), /cement/);
  const citation = page.getByTestId("citation").first();
  assert.match(await citation.innerText(), /p\. 7/);
  await page.locator(".figure img").first().waitFor({ timeout: 30_000 });
  await citation.click();
  await onPage(page, 7);
  await pictured(page, 7);
  await marked(page, "cited");
  await seen(page, "document-cited", ["light", "dark", "contrast"]);
});

test("words alone are read as well, with what was cited marked in them", { timeout: 60_000 }, async () => {
  const { page } = browser;
  await page.getByRole("button", { name: "Show the words only" }).click();
  const mark = page.locator('[data-page="7"] mark[data-mark="cited"]');
  await mark.first().waitFor();
  assert.match(await mark.first().innerText(), /cement that sets under water/);
  await seen(page, "document-words");
  await page.getByRole("button", { name: "Show the pages as they are" }).click();
  await pictured(page, 7);
});

test("this page is the one that is seen", { timeout: 120_000 }, async () => {
  const { page } = browser;
  await page.keyboard.press("g");
  await page.keyboard.type("12");
  await page.keyboard.press("Enter");
  await onPage(page, 12);
  await ask(page, "What does this page say?");
  assert.match(await answered(page, 2), /home scar/);
  assert.match(await page.getByTestId("citation").last().innerText(), /p\. 12/);
  await page.waitForFunction(() => /page=12.*session=/.test(location.hash));
  address = page.url();
});

test("a question out loud is answered from the page that is seen, where others say the same", { timeout: 120_000 }, async () => {
  const { page } = browser;
  await page.goto(`${host.address}/#/settings`);
  await page.getByText("Press once, stops when I pause").click();
  // The microphone speaks as soon as it is opened, which the press shall do and not the book.
  await page.getByRole("switch", { name: "Keep the microphone ready while a lecture or a document is open" }).uncheck();
  await page.goto(address);
  await page.getByRole("heading", { name: "What does this page say?" }).waitFor();
  // A kelp bed is on pages 14, 28 and 35 as well.
  await page.keyboard.press("g");
  await page.keyboard.type("21");
  await page.keyboard.press("Enter");
  await onPage(page, 21);
  await page.keyboard.press("Space");
  await page.getByTestId("listening").getByText("Listening. I stop when you pause.").waitFor();
  assert.match(await answered(page, 3), /walk number 21/);
  assert.match(await page.locator(".question").last().innerText(), /kelp bed/i);
  const citation = page.getByTestId("citation").last();
  assert.match(await citation.innerText(), /p\. 21/);
  await citation.click();
  await marked(page, "cited");
  await onPage(page, 21);
});

test("everything is asked from beside a lecture, and a page that is cited opens with the conversation", { timeout: 120_000 }, async () => {
  const { page } = browser;
  await page.goto(`${host.address}/#/`);
  await page.locator("a.row-title", { hasText: "How Neural Networks Learn" }).click();
  await page.getByTestId("scope").click();
  await page.getByRole("radio", { name: /Only from these/ }).check();
  await page.getByRole("checkbox", { name: TITLE }).check();
  await seen(page, "scope");
  await page.getByRole("button", { name: "Ask these" }).click();
  await page.getByText("Asks 2 sources").waitFor();
  await page.getByTestId("scope").click();
  await page.getByRole("radio", { name: /Everything I may see/ }).check();
  await page.getByRole("button", { name: "Ask these" }).click();
  await ask(page, "What does a limpet leave at high water?");
  assert.match(await answered(page, 1), /home scar/);
  const citation = page.locator(".citation", { hasText: TITLE }).first();
  await citation.getByTestId("citation").click();
  await onPage(page, 12);
  await marked(page, "cited");
  await page.getByRole("heading", { name: "What does a limpet leave at high water?" }).waitFor();
  await page.getByText("Asks everything").waitFor();
  await ask(page, "What is the chain rule?");
  await answered(page, 2);
  const clip = page.locator(".citation", { hasText: "How Neural Networks Learn" }).first();
  await clip.getByTestId("citation").click();
  await page.getByText("The lecturer’s own words").waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).click();
});

test("an address leads to its page and its conversation, on a phone as well", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await page.goto("about:blank");
  await page.goto(address);
  await page.getByRole("heading", { name: "How does the barnacle hold on to the rock?" }).waitFor();
  await onPage(page, 12);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("tab", { name: "Pages" }).click();
  await pictured(page, 12);
  await shot(page, "document-phone");
  assert.deepEqual(await barriers(page), []);
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 1, "nothing scrolls sideways");
  await page.getByRole("tab", { name: "Contents" }).click();
  await page.getByRole("button", { name: /Barnacles/ }).click();
  await onPage(page, 7);
  await pictured(page, 7);
  await page.setViewportSize({ width: 1280, height: 860 });
  assert.deepEqual(problems, []);
});

test("a book that was cut off says which page is missing, and asks for its file", { timeout: 120_000 }, async () => {
  const { page, problems } = browser;
  const torn = join(folder, "Tides.pdf");
  cut(torn, "The spring tide is the highest.");
  await page.goto(`${host.address}/#/`);
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Add files" }).click();
  await page.getByRole("button", { name: "Choose files" }).click();
  await (await choosing).setFiles([torn]);
  const row = page.locator(".row", { hasText: "Tides" });
  await row.getByRole("button", { name: "Which, and why" }).click({ timeout: 60_000 });
  await row.getByText(/The page is missing from the file/).waitFor();
  await seen(page, "library-unread");
  await row.getByRole("button", { name: "Choose its file" }).waitFor();
  await row.getByRole("link", { name: "Page 2" }).click();
  await page.getByText("This page could not be read").waitFor();
  assert.deepEqual(problems, []);
});

test("a book that is deleted is gone from the library", { timeout: 60_000 }, async () => {
  const { page, problems } = browser;
  await page.goto(`${host.address}/#/`);
  await page.getByRole("button", { name: `More for ${TITLE}` }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.locator(".row", { hasText: TITLE }).waitFor({ state: "detached" });
  await page.goto(address);
  await page.getByText("This document is not here").waitFor();
  assert.deepEqual(problems, []);
});

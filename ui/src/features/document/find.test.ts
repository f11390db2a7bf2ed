/** Words in a document, looked for and cited. */
import { expect, test } from "vitest";
import type { BlockDto, PageDto } from "@/shared/protocol";
import { areas, cited, marked, search } from "./find";

const page = (number: number, ...texts: string[]): PageDto => ({ number, blocks: texts.map((text) => ({ kind: "paragraph", text })), figures: [] });
const pages = [
  page(3, "Tides", "The moon’s pull raises two tides a day. Spring tides come at new moon,"),
  page(4, "when sun and moon pull together. Neap tides are weak."),
];
const said = (places: ReturnType<typeof cited>) =>
  places.map((place) => [place.page, pages.find(({ number }) => number === place.page)?.blocks[place.block]?.text.slice(place.from, place.to)]);

test("cited words are found in their block, whatever is between them", () => {
  expect(said(cited(pages, "the moon's  pull raises — two tides a day"))).toEqual([[3, "The moon’s pull raises two tides a day"]]);
});

test("cited words that run over the end of a page are found on both", () => {
  expect(said(cited(pages, "Spring tides come at new moon, when sun and moon pull together."))).toEqual([
    [3, "Spring tides come at new moon"],
    [4, "when sun and moon pull together"],
  ]);
});

test("words that only share a few with a page are marked nowhere", () => {
  expect(cited(pages, "the moon is made of something else entirely, as everybody knows")).toEqual([]);
  expect(cited(pages, "")).toEqual([]);
});

test("search goes through pages in order, without case and accents", () => {
  const all = new Map([[2, page(2, "Théorie of TIDES: tides")], [1, page(1, "No theorie here")]]);
  expect(search(all, "theorie").map(({ page, words }) => [page, words])).toEqual([[1, "theorie"], [2, "Théorie"]]);
  expect(search(all, "tides").map(({ from }) => from)).toEqual([11, 18]);
  expect(search(all, " ")).toEqual([]);
});

test("a hit brings the words around it", () => {
  const text = "A long beginning that nobody needs, and then the moon pulls at the sea until it is high.";
  const [hit] = search(new Map([[1, page(1, text)]]), "moon");
  expect(hit?.before.startsWith("…")).toBe(true);
  expect(`${hit?.before}${hit?.words}${hit?.after}`).toContain("then the moon pulls");
});

test("marks cut a text into pieces without losing any of it", () => {
  const pieces = marked("abcdef", [{ from: 3, to: 5, kind: "b" }, { from: 1, to: 4, kind: "a" }]);
  expect(pieces).toEqual([{ text: "a", kind: null }, { text: "bcd", kind: "a" }, { text: "e", kind: "b" }, { text: "f", kind: null }]);
});

test("of a block those lines are marked that the words are on, and all of it where its lines are not known", () => {
  const area = (top: number) => ({ left: 0, top, right: 1, bottom: top + 0.1 });
  const block: BlockDto = { kind: "paragraph", text: "The tide rises and falls twice a day.", area: area(0), lines: [0, 10, 25].map((from) => ({ from, area: area(from / 100) })) };
  expect(areas(block, 4, 9)).toEqual([area(0)]);
  expect(areas(block, 8, 26).map(({ top }) => top)).toEqual([0, 0.1, 0.25]);
  expect(areas(block, 25, 37)).toEqual([area(0.25)]);
  expect(areas({ ...block, lines: undefined }, 4, 9)).toEqual([area(0)]);
  expect(areas({ kind: "code", text: "x" }, 0, 1)).toEqual([]);
});

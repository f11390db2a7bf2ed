/** Finding one's way in a transcript. */
import { expect, test } from "vitest";
import { chaptersOf } from "./chapters";
import { Said, marked, phraseAt } from "./find";

const phrase = (from: number, text: string, length = 5) => ({ from, to: from + length, text, confidence: 1, corrected: false });

test("the phrase at a moment is the last that has begun", () => {
  const phrases = [phrase(0, "a"), phrase(5, "b"), phrase(10, "c")];
  expect([-1, 0, 4.9, 5, 7, 99].map((time) => phraseAt(phrases, time))).toEqual([-1, 0, 0, 1, 1, 2]);
});

test("finding one of five thousand phrases is quick", () => {
  const phrases = Array.from({ length: 5000 }, (_, i) => phrase(i * 2, "x", 2));
  const began = performance.now();
  for (let i = 0; i < 10_000; i++) phraseAt(phrases, i);
  expect(performance.now() - began).toBeLessThan(200);
});

test("words are found without regard to case and accents, and marked", () => {
  const said = new Said([phrase(0, "Le théorème"), phrase(5, "Chain rule, chain")]);
  expect(said.search("THEOREME").hits).toEqual([0]);
  const { hits, marks } = said.search("chain");
  expect(hits, "a phrase is one place to go to").toEqual([1]);
  expect(marked("Chain rule, chain", marks.get(1))).toEqual([
    { text: "Chain", hit: true },
    { text: " rule, ", hit: false },
    { text: "chain", hit: true },
  ]);
  for (const nothing of ["  ", "…", "absent"]) expect(said.search(nothing)).toEqual({ hits: [], marks: new Map() });
  expect(marked("x")).toEqual([{ text: "x", hit: false }]);
});

test("words that were said are found wherever a phrase ends, and whatever stands between them", () => {
  const phrases = [phrase(0, "Chlorophyll in the leaf"), phrase(5, "takes in red, and blue light."), phrase(10, "It’s the leaf"), phrase(15, "– takes in – all of it.")];
  const said = new Said(phrases);
  const { hits, marks } = said.search("Leaf takes in");
  expect(hits).toEqual([0, 2]);
  const shown = phrases.map(({ text }, at) => marked(text, marks.get(at)).filter(({ hit }) => hit).map((piece) => piece.text));
  expect(shown).toEqual([["leaf"], ["takes in"], ["leaf"], ["takes in"]]);
  expect(said.search("red and blue").hits).toEqual([1]);
  expect(said.search("it's").hits).toEqual([2]);
  expect(new Said([phrase(0, "We write C++ and f(x) = 3.5")]).search("f(x) = 3.5").hits).toEqual([0]);
  expect(new Said([phrase(0, "We see")]).search("C++").hits).toEqual([]);
});

test("words are found however their letters are written down", () => {
  const [apart, together] = ["théorème", "théorème"].map((word, at) => word.normalize(at === 0 ? "NFD" : "NFC"));
  for (const text of [apart, together]) for (const query of [apart, together, "theoreme"]) expect(new Said([phrase(0, `le ${text} dit`)]).search(`${query} dit`).hits).toEqual([0]);
  const { marks } = new Said([phrase(0, "오늘은 한국어")]).search("한국");
  expect(marked("오늘은 한국어", marks.get(0))[1]).toEqual({ text: "한국", hit: true });
});

test("words are found in five thousand phrases while they are typed", () => {
  const said = new Said(Array.from({ length: 5000 }, (_, i) => phrase(i * 2, `Phrase ${i} says which way is up, and how far to step.`, 2)));
  const began = performance.now();
  expect(said.search("step phrase 4999").hits).toEqual([4998]);
  expect(performance.now() - began).toBeLessThan(200);
});

test("chapters begin where the subject changes and the lecturer pauses", () => {
  const about = (words: string, from: number) => Array.from({ length: 30 }, (_, i) => phrase(from + i * 10, `We consider ${words} number ${i} again.`, 9));
  const phrases = [...about("gradient descent network", 0), ...about("photosynthesis chlorophyll leaves", 306)];
  const chapters = chaptersOf(phrases, 606);
  expect(chapters.map(({ from }) => from)).toEqual([0, 306]);
  expect(chapters[1]?.title).toContain("photosynthesis");
  expect(chapters[0]?.to).toBe(306);
});

test("a short lecture has no chapters, and a greeting is no title", () => {
  expect(chaptersOf([phrase(0, "Hello.")], 60)).toEqual([]);
  const phrases = [phrase(0, "Good morning, everyone."), ...Array.from({ length: 60 }, (_, i) => phrase(6 + i * 10, `Today we look closely at thing ${i}.`, 9))];
  expect(chaptersOf(phrases, 606)[0]?.title).toBe("Today we look closely at thing 0");
});

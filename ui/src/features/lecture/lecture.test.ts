/** Finding one's way in a transcript. */
import { expect, test } from "vitest";
import { chaptersOf } from "./chapters";
import { marked, phraseAt, search } from "./find";

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
  expect(search([phrase(0, "Le théorème"), phrase(5, "nothing")], "THEOREME")).toEqual([0]);
  expect(marked("Chain rule, chain", "chain")).toEqual([
    { text: "Chain", hit: true },
    { text: " rule, ", hit: false },
    { text: "chain", hit: true },
  ]);
  expect(search([phrase(0, "x")], "  ")).toEqual([]);
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

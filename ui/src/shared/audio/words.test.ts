/** Words are told when they are heard, in whatever order their times and their sound come. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Words } from "./words";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const of = (atMs: number, from: number) => ({ atMs, from, to: from + 1 });

test("a word is heard when its stretch has sounded for so long", () => {
  const heard: number[] = [];
  const words = new Words(({ from }) => heard.push(from));
  words.told(3, [of(0, 0), of(200, 1)]);
  words.stretch(3, 100);
  words.stretch(5, 400);
  words.told(5, [of(0, 2), of(300, 3)]);
  vi.advanceTimersByTime(99);
  expect(heard).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(heard).toEqual([0]);
  vi.advanceTimersByTime(200);
  expect(heard).toEqual([0, 1]);
  vi.advanceTimersByTime(100);
  expect(heard).toEqual([0, 1, 2]);
  words.stop();
  vi.advanceTimersByTime(1_000);
  expect(heard, "what was stopped is heard no more").toEqual([0, 1, 2]);
});

test("words that are known too late are passed over", () => {
  const heard: number[] = [];
  const words = new Words(({ from }) => heard.push(from));
  words.stretch(0, 0);
  vi.advanceTimersByTime(250);
  words.told(0, [of(0, 0), of(200, 1), of(300, 2)]);
  vi.advanceTimersByTime(50);
  expect(heard).toEqual([2]);
});

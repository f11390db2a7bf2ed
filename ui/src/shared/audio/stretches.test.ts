/** A piece that comes again is new where it goes beyond what has come. */
import { expect, test } from "vitest";
import { Stretches } from "./stretches";

test.each<[string, [number, number][], number[]]>([
  ["nothing comes again", [[0, 5], [1, 7], [2, 3]], [5, 7, 3]],
  ["as it was", [[0, 5], [1, 7], [2, 3], [1, 7], [2, 3], [3, 4], [1_000, 6]], [5, 7, 3, 0, 0, 4, 6]],
  ["in larger stretches", [[0, 5], [1, 2], [2, 2], [1, 3], [2, 4], [1_000, 6]], [5, 2, 2, 0, 3, 6]],
  ["in smaller ones", [[0, 5], [1, 7], [1, 2], [2, 2], [3, 2], [4, 2], [5, 2], [1_000, 6]], [5, 7, 0, 0, 0, 1, 2, 6]],
  ["shorter than it was", [[0, 5], [1, 7], [1, 4], [1_000, 6], [1_001, 1]], [5, 7, 0, 6, 1]],
  ["numbers are left out", [[2, 5], [9, 7], [10, 1]], [5, 7, 1]],
])("%s", (_, stretches, fresh) => {
  const taken = new Stretches();
  expect(stretches.map(([number, length]) => length - taken.take(number, length))).toEqual(fresh);
});

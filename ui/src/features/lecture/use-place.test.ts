/** Where a lecture was left. */
import { renderHook } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Playback } from "@/shared/audio/playback";
import { secondsLeft } from "@/shared/preferences/places";
import { Cell } from "@/shared/store/watch";
import { placeLeft, usePlace } from "./use-place";

beforeEach(() => localStorage.clear());

function listen() {
  const time = new Cell(0);
  const state = new Cell({ playing: true, clip: null as object | null, duration: 600 });
  renderHook(() => usePlace("l", { time, state, position: () => time.get() } as unknown as Playback));
  return { time, state };
}

test("a lecture that was heard in part is left there, and one that is over begins anew", () => {
  const { time, state } = listen();
  time.set(4);
  expect(placeLeft("l", 600)).toBe(0);
  time.set(300);
  expect(placeLeft("l", 600)).toBe(300);
  time.set(302);
  state.update((was) => ({ ...was, playing: false }));
  expect(placeLeft("l", 600)).toBe(302);
  expect(placeLeft("another", 600)).toBe(0);
  expect(placeLeft("l", 305), "it is another recording by now").toBe(0);
  state.update((was) => ({ ...was, playing: true }));
  time.set(595);
  expect(secondsLeft.of("l")).toBeNull();
});

test("a clip, or a place that is only looked at, is not where it was left", () => {
  const { time, state } = listen();
  time.set(300);
  state.update((was) => ({ ...was, clip: {} }));
  time.set(100);
  state.update((was) => ({ ...was, clip: null, playing: false }));
  time.set(500);
  expect(placeLeft("l", 600)).toBe(300);
});

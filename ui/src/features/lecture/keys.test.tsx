/** Which keys reach the player, wherever the keyboard is. */
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Playback } from "@/shared/audio/playback";
import type { PhraseDto } from "@/shared/protocol";
import { useLectureKeys } from "./keys";
import { toPhrase } from "./player";

afterEach(cleanup);

const done: string[] = [];
const playback = { toggle: () => done.push("toggle"), skip: (by: number) => done.push(`skip ${by}`) } as unknown as Playback;
const onSearch = vi.fn(() => done.push("search"));

function Screen() {
  useLectureKeys(playback, [], onSearch);
  return (
    <>
      <div role="slider" tabIndex={0} aria-valuenow={0} />
      <button type="button" role="tab" />
      <input type="checkbox" />
      <input type="text" aria-label="words" />
      <div role="menu">
        <button type="button" role="menuitem" />
      </div>
    </>
  );
}

test.each([
  ["slider", "k", ["toggle"]],
  ["slider", "/", ["search"]],
  ["tab", "k", ["toggle"]],
  ["tab", "ArrowRight", []],
  ["checkbox", "l", ["skip 10"]],
  ["textbox", "k", []],
  ["menuitem", "k", []],
])("where a %s has the keyboard, %s does %j", (role, key, expected) => {
  done.length = 0;
  render(<Screen />);
  fireEvent.keyDown(screen.getByRole(role), { key });
  expect(done).toEqual(expected);
});

test("from phrase to phrase one gets on also where the player stands a little beside the place it was sent to", () => {
  const phrases = [0, 12, 16].map((from) => ({ from, to: from + 3, text: "", confidence: 1 }) as PhraseDto);
  const sought: number[] = [];
  for (const [at, step] of [[11.95, 1], [12.02, 1], [15.96, -1], [5, 1]] as const) {
    toPhrase({ time: { get: () => at }, seek: (to: number) => sought.push(to) } as unknown as Playback, phrases, step);
  }
  expect(sought).toEqual([16, 16, 12, 12]);
});

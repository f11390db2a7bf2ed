/** Which keys reach the player, wherever the keyboard is. */
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Playback } from "@/shared/audio/playback";
import { useLectureKeys } from "./keys";

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

/** Which keys are the hand's, wherever the keyboard is. */
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Cell } from "@/shared/store/watch";
import type { Conversation } from "./conversation";
import { useHandKey } from "./keys";

afterEach(cleanup);

function Screen({ conversation }: { conversation: Conversation }) {
  useHandKey(conversation);
  return (
    <>
      <button type="button" />
      <input type="search" aria-label="empty" />
      <input type="search" aria-label="filled" defaultValue="tide" />
      <dialog open>
        <button type="button">in a dialog</button>
      </dialog>
    </>
  );
}

test.each([
  ["button", "", true],
  ["searchbox", "empty", true],
  ["searchbox", "filled", false],
  ["button", "in a dialog", false],
])("Escape at a %s %s interrupts an answer: %s", (role, name, interrupts) => {
  const interrupt = vi.fn();
  const conversation = { state: new Cell({ phase: "speaking" }), interrupt } as unknown as Conversation;
  render(<Screen conversation={conversation} />);
  fireEvent.keyDown(screen.getByRole(role, { name }), { code: "Escape", key: "Escape" });
  expect(interrupt).toHaveBeenCalledTimes(interrupts ? 1 : 0);
});

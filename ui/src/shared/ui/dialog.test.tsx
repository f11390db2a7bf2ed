/** Questions above everything: what closes them and what does not. */
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { Dialog } from "./dialog";

afterEach(cleanup);

test("a dialog is left by a press beside it, and not by one that began or ended in it", () => {
  const onClose = vi.fn();
  render(
    <Dialog title="Write a card" confirm="Add it" onConfirm={async () => undefined} onClose={onClose}>
      <textarea aria-label="Answer" />
    </Dialog>,
  );
  const dialog = screen.getByRole("dialog");
  dialog.getBoundingClientRect = () => new DOMRect(100, 100, 300, 200);
  const [within, beside] = [
    { clientX: 110, clientY: 110 },
    { clientX: 10, clientY: 10 },
  ];
  // Words are selected to beyond the dialog: the click is on what holds both.
  fireEvent.pointerDown(screen.getByLabelText("Answer"), within);
  fireEvent.click(dialog, beside);
  // Its padding is its own.
  fireEvent.pointerDown(dialog, within);
  fireEvent.click(dialog, within);
  expect(onClose).not.toHaveBeenCalled();
  fireEvent.pointerDown(dialog, beside);
  fireEvent.click(dialog, beside);
  expect(onClose).toHaveBeenCalledTimes(1);
});

test("what is confirmed is done once, and a refusal leaves the keyboard where it was", async () => {
  let refuse = (_: Error) => undefined as void;
  const confirm = vi.fn(() => new Promise<void>((_, reject) => (refuse = reject)));
  render(<Dialog title="Delete it?" confirm="Delete" onConfirm={confirm} onClose={() => undefined} />);
  const button = screen.getByRole<HTMLButtonElement>("button", { name: "Delete" });
  button.focus();
  fireEvent.click(button);
  fireEvent.submit(button.form as HTMLFormElement);
  expect(confirm).toHaveBeenCalledTimes(1);
  expect([button.getAttribute("aria-disabled"), button.disabled], "a browser takes the keyboard from what is disabled").toEqual(["true", false]);
  refuse(new Error("the server is away"));
  expect((await screen.findByRole("alert")).textContent).toBe("The server is away.");
  expect([button.getAttribute("aria-disabled"), document.activeElement]).toEqual(["false", button]);
});

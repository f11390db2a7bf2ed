/** The line about a clip: what is heard, what went wrong, and the way back. */
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Clip, Clips } from "@/shared/audio/clips";
import { Failure } from "@/shared/failure";
import { Cell } from "@/shared/store/watch";
import { ClipNote, ClipsNote } from "./clip-note";

afterEach(cleanup);

test("a clip is named and stopped, and what went wrong is read out and put away", () => {
  const [now, failure] = [new Cell<Clip | null>(null), new Cell<Failure | null>(null)];
  const stop = vi.fn(() => {
    now.set(null);
    failure.set(null);
  });
  const { container } = render(<ClipsNote clips={{ now, failure, stop } as unknown as Clips} />);
  expect(container.innerHTML).toBe("");
  act(() => now.set({ lectureId: "l", span: { from: 1, to: 2 } }));
  expect(screen.getByRole("status").textContent).toContain("The lecturer’s own words");
  fireEvent.click(screen.getByRole("button", { name: "Stop" }));
  expect(container.innerHTML).toBe("");
  act(() => failure.set(new Failure("server_unreachable", "the server does not answer", true)));
  expect(screen.getByRole("alert").textContent).toBe("The server does not answer.");
  fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(stop).toHaveBeenCalledTimes(2);
  expect(container.innerHTML).toBe("");
});

test("what went wrong is a line of its own, so that it is read out at once", () => {
  const { rerender } = render(<ClipNote failure={null}>{null}</ClipNote>);
  const heard = screen.getByRole("status");
  rerender(<ClipNote failure={new Failure("server_unreachable", "the server does not answer", true)}>{null}</ClipNote>);
  expect(screen.getByRole("alert")).not.toBe(heard);
});

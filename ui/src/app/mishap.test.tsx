/** A screen that cannot be shown. */
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Connection } from "@/shared/bridge/bridge";
import { Cell } from "@/shared/store/watch";
import { Mishap } from "./mishap";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function Broken(): never {
  throw new Error("it could not be fetched");
}

function show(phase: Connection["phase"]) {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  const connection = new Cell<Connection>({ phase });
  render(
    <Mishap connection={connection}>
      <Broken />
    </Mishap>,
  );
  expect(screen.getByText(/it could not be fetched/)).toBeTruthy();
  return { connection, reload };
}

test("a screen that could not be fetched while the server was away is fetched when it is back", () => {
  const { connection, reload } = show("waiting");
  connection.set({ phase: "connecting" });
  expect(reload).not.toHaveBeenCalled();
  connection.set({ phase: "open" });
  expect(reload).toHaveBeenCalledOnce();
});

test("a screen that is broken with a server is not loaded for ever", () => {
  const { connection, reload } = show("open");
  connection.set({ phase: "waiting" });
  connection.set({ phase: "open" });
  expect(reload).not.toHaveBeenCalled();
});

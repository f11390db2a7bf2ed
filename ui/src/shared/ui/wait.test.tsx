/** What is seen before there is anything to see. */
import { readFileSync } from "node:fs";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

let Wait: typeof import("./wait").Wait;
let begun: typeof import("./wait").begun;

beforeEach(async () => {
  // Each as on a page of its own.
  vi.resetModules();
  ({ Wait, begun } = await import("./wait"));
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

const late = () => screen.getByText("Loading").closest(".screen-wait-late") !== null;

test("the page says that it is loading before it has begun, as every screen does later", () => {
  const page = new DOMParser().parseFromString(readFileSync("index.html", "utf8"), "text/html");
  const { container } = render(<Wait />);
  expect(page.querySelector("#root .screen-wait")?.outerHTML).toBe(container.innerHTML);
  // The policy allows no style of its own.
  expect(page.querySelector("[style], style")).toBeNull();
});

test("what is waited for is named where that is known, beside the word that is read out", () => {
  render(<Wait title="Tides" />);
  expect(screen.getByRole("status").textContent).toBe("Loading");
  expect(screen.getByRole("heading").textContent).toBe("Tides");
});

test("what is waited for for the first time long after the page began is not told of at once", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  begun();
  vi.advanceTimersByTime(60_000);
  render(<Wait />);
  expect(late()).toBe(true);
});

test("a word that is seen stays where one wait follows another", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { rerender } = render(<Wait key="code" />);
  begun();
  vi.advanceTimersByTime(60_000);
  rerender(<Wait key="content" />);
  expect(late()).toBe(false);
  rerender(<p />);
  vi.advanceTimersByTime(50);
  rerender(<Wait key="another" />);
  expect(late(), "it was seen a moment ago").toBe(false);
});

test("a word that nobody has seen yet comes no sooner where one wait follows another", () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  begun();
  vi.advanceTimersByTime(60_000);
  const { rerender } = render(<Wait key="code" />);
  vi.advanceTimersByTime(50);
  rerender(<Wait key="content" />);
  expect(late()).toBe(true);
  vi.advanceTimersByTime(400);
  rerender(<Wait key="more" />);
  expect(late(), "now it is seen").toBe(false);
});

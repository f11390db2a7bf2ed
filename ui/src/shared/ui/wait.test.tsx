/** What is seen before there is anything to see. */
import { readFileSync } from "node:fs";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Wait } from "./wait";

afterEach(() => cleanup());

test("the page says that it is loading before it has begun, as every screen does later", () => {
  const page = new DOMParser().parseFromString(readFileSync("index.html", "utf8"), "text/html");
  const { container } = render(<Wait />);
  expect(page.querySelector("#root .screen-wait")?.outerHTML).toBe(container.innerHTML);
  // The policy allows no style of its own.
  expect(page.querySelector("[style], style")).toBeNull();
});

test("what is waited for is named where that is known", () => {
  render(<Wait title="Tides" />);
  expect(screen.getByRole("status").textContent).toBe("TidesLoading");
});

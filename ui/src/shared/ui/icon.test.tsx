/** Icons beside text of any size. */
import { cleanup, render } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Icon } from "./icon";

afterEach(cleanup);

test("an icon is as large as the text is wanted, not as many pixels", () => {
  const { container } = render(<Icon name="play" size={24} />);
  const drawn = container.querySelector("svg");
  expect([drawn?.style.width, drawn?.style.height]).toEqual(["1.5rem", "1.5rem"]);
  expect(drawn?.hasAttribute("width")).toBe(false);
});

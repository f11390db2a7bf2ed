/** A page that cannot begin. */
import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

vi.mock("@/shared/bridge/choose", () => ({ chooseBridge: async () => Promise.reject(new Error("its code could not be fetched")) }));

test("a page whose code does not come says so, and is loaded again", { timeout: 30_000 }, async () => {
  const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
  document.body.innerHTML = '<div id="root"><p>Loading</p></div>';
  await import("./main");
  expect((await screen.findByRole("alert", {}, { timeout: 10_000 })).textContent).toContain("its code could not be fetched");
  expect(screen.queryByText("Loading")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Load the page again" }));
  expect(reload).toHaveBeenCalledOnce();
});

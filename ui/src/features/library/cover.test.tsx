/** Books as they are seen in their rows. */
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import { Failure } from "@/shared/failure";
import { Cover } from "./cover";

let seen: ((entries: { isIntersecting: boolean }[]) => void)[] = [];

afterEach(() => {
  cleanup();
  seen = [];
  vi.unstubAllGlobals();
});

function show(cover: (id: string) => Promise<Blob>) {
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      constructor(told: (entries: { isIntersecting: boolean }[]) => void) {
        seen.push(told);
      }
      observe() {}
      disconnect() {}
    },
  );
  const asked = vi.fn(cover);
  const bridge = { documents: { cover: asked } } as unknown as Bridge;
  const rows = (ids: string[]) => (
    <BridgeProvider bridge={bridge}>
      {ids.map((id) => (
        <Cover key={id} id={id}>
          <svg data-testid={`sign-${id}`} />
        </Cover>
      ))}
    </BridgeProvider>
  );
  const { rerender, container } = render(rows(["a", "b"]));
  return { asked, container, again: (ids: string[]) => rerender(rows(ids)) };
}

const near = (nth: number) => act(() => seen[nth]?.([{ isIntersecting: true }]));

test("a cover is fetched once its row is seen, and kept", async () => {
  const { asked, container, again } = show(async () => new Blob(["png"], { type: "image/png" }));
  near(0);
  await waitFor(() => expect(container.querySelectorAll("img").length).toBe(1));
  expect(asked.mock.calls).toEqual([["a", 96]]);
  expect(screen.getByTestId("sign-b")).toBeTruthy();
  again(["b"]);
  again(["b", "a"]);
  near(seen.length - 1);
  await waitFor(() => expect(container.querySelectorAll("img").length).toBe(1));
  expect(asked).toHaveBeenCalledTimes(1);
});

test("a book without a cover keeps its sign, and the next one is drawn all the same", async () => {
  const { container } = show(async (id) => {
    if (id === "a") throw new Error("no");
    return new Blob(["png"], { type: "image/png" });
  });
  near(0);
  near(1);
  await waitFor(() => expect(container.querySelectorAll("img").length).toBe(1));
  expect(screen.getByTestId("sign-a")).toBeTruthy();
});

test("a book that has no cover is asked once, and one whose cover could not be fetched again", async () => {
  const { asked, again } = show(async (id) => {
    throw new Failure(id === "a" ? "not_found" : "server_unreachable", "no");
  });
  near(0);
  near(1);
  await waitFor(() => expect(asked).toHaveBeenCalledTimes(2));
  again([]);
  again(["a", "b"]);
  near(2);
  near(3);
  await waitFor(() => expect(asked.mock.calls.map(([id]) => id)).toEqual(["a", "b", "b"]));
});

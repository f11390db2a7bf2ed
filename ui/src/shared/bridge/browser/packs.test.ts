/** What is asked of the server about packs. */
import { expect, test, vi } from "vitest";
import type { Link } from "./link";
import { BrowserPacks } from "./packs";

test("each wish is one request, and names are parts of a path", async () => {
  const call = vi.fn(async (..._request: unknown[]) => new Response("{}"));
  const packs = new BrowserPacks({ rest: async () => ({ call }) } as unknown as Link);
  await packs.make("Tides");
  await packs.rename("a/b", "Ebb");
  await packs.publish("p", true);
  await packs.publish("p", false);
  await packs.keep("p", { sessionId: "s", queryId: "q" });
  await packs.write("p", { question: "Why?", answer: "So." });
  await packs.correct("p", "c/1", { question: "Why?", answer: "So." });
  await packs.discard("p", "c");
  await packs.share("k", "p");
  await packs.unshare("k", "p");
  await packs.remove("p");
  expect(call.mock.calls.map((one) => one.filter((part) => part !== undefined))).toEqual([
    ["POST", "packs", { title: "Tides" }],
    ["PATCH", "packs/a%2Fb", { title: "Ebb" }],
    ["PATCH", "packs/p", { visibility: "public" }],
    ["PATCH", "packs/p", { visibility: "private" }],
    ["POST", "packs/p/cards", { sessionId: "s", queryId: "q" }],
    ["POST", "packs/p/cards", { question: "Why?", answer: "So." }],
    ["PATCH", "packs/p/cards/c%2F1", { question: "Why?", answer: "So." }],
    ["DELETE", "packs/p/cards/c"],
    ["PUT", "classes/k/packs/p"],
    ["DELETE", "classes/k/packs/p"],
    ["DELETE", "packs/p"],
  ]);
});

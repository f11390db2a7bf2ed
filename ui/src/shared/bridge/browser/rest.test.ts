/** A request to REST has a name by which it is found in the server's log, and keeps it when it is sent again. */
import { afterEach, expect, test, vi } from "vitest";
import type { Discovery } from "@/shared/protocol";
import type { Guest } from "./guest";
import { Rest } from "./rest";
import { ServerTime } from "./server-time";

afterEach(() => vi.unstubAllGlobals());

test("a request is named, and the same request that is sent again has the same name", async () => {
  const names: (string | null)[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    names.push(request.headers.get("x-correlation-id"));
    return new Response("{}", { status: names.length === 1 ? 403 : 200 });
  });
  const keys = async () => ({ accessKeyId: "a", secretAccessKey: "b", sessionToken: "c", expires: Infinity });
  const guest = { keys, renewed: keys, time: new ServerTime() } as unknown as Guest;
  const rest = new Rest({ restUrl: "http://h/api", region: "r" } as Discovery, guest);
  await rest.json("lectures");
  await rest.json("lectures");
  const [first, again, next] = names;
  expect(first).toMatch(/^r-[0-9a-f]{32}$/);
  expect(again).toBe(first);
  expect(next).toMatch(/^r-[0-9a-f]{32}$/);
  expect(next).not.toBe(first);
});

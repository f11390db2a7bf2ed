/**
 * Who a request says it is from: keys sign it, and beside them goes the access token of whoever has signed in. And its name, by which it
 * is found in the server's log.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure, code } from "@/shared/failure";
import type { Discovery } from "@/shared/protocol";
import type { BrowserAccounts } from "./accounts";
import { unreachable } from "./discovery";
import { Guest } from "./guest";
import { Rest } from "./rest";
import { ServerTime } from "./server-time";
import { socketAddress } from "./sign";
import type { Stale } from "./socket";

const discovery = { restUrl: "http://h/api", region: "eu-west-1", identityPoolId: "pool", cognitoEndpoint: "http://h/cognito" } as Discovery;
/** The tokens that came over REST, and those that are refused. */
const shown: (string | null)[] = [];
let refuses: (string | null)[] = [];
let drawn = 0;
let joined = 0;

beforeEach(() => {
  shown.length = 0;
  refuses = [];
  drawn = joined = 0;
  localStorage.clear();
  vi.stubGlobal("fetch", async (asked: string | Request, init?: RequestInit) => {
    if (typeof asked === "string") {
      const target = new Headers(init?.headers).get("x-amz-target") ?? "";
      if (target.endsWith("GetId")) return Response.json({ IdentityId: `guest-${++joined}` });
      return Response.json({ Credentials: { AccessKeyId: `key-${++drawn}`, SecretKey: "s", SessionToken: "t", Expiration: 9_999_999_999 } });
    }
    const token = asked.headers.get("x-synapscribe-token");
    shown.push(token);
    if (!refuses.includes(token)) return Response.json({ lectures: [] });
    refuses = refuses.filter((one) => one !== token);
    return Response.json({ error: { code: "signed_out", message: "you are signed out here", retryable: false } }, { status: 401 });
  });
});

afterEach(() => vi.unstubAllGlobals());

function open(signedIn: boolean, look: () => Promise<unknown> = async () => undefined) {
  let number = 1;
  const accounts = {
    somebodys: signedIn,
    shown: async (fresh = false) => ({ identity: "i", signIn: "s", issuer: "h", token: `access-${fresh ? ++number : number}` }),
  } as BrowserAccounts;
  const guest = new Guest(discovery, accounts, new ServerTime(), look);
  return { guest, rest: new Rest(discovery, guest) };
}

test("whoever has signed in shows their token, and another one when it is refused", async () => {
  const { guest, rest } = open(true);
  await rest.json("lectures");
  refuses = ["access-1"];
  await rest.json("lectures");
  expect(shown).toEqual(["access-1", "access-1", "access-2"]);
  const address = new URL(await socketAddress(await guest.keys(), await guest.token(), guest.time, discovery.region, "wss://h/live"));
  expect(address.searchParams.get("access_token")).toBe("access-2");
  expect(address.searchParams.has("X-Amz-Signature")).toBe(true);
});

test("a connection that does not open renews nothing while nothing answers, and then once", async () => {
  let away = true;
  const { guest, rest } = open(true, async () => {
    if (away) throw unreachable();
  });
  const connect = (stale: Stale) => guest.toConnect(stale, () => rest.json("lectures"));
  await expect(connect("unopened")).rejects.toMatchObject({ code: "server_unreachable" });
  await expect(connect("turned_away")).rejects.toMatchObject({ code: "server_unreachable" });
  expect(await guest.token()).toBe("access-1");
  away = false;
  for (let attempt = 0; attempt < 3; attempt++) await connect("unopened");
  expect(await guest.token(), "a proxy may let no connection through").toBe("access-2");
  await connect("turned_away");
  expect(await guest.token()).toBe("access-3");
});

test("a guest shows none, and is another one once the identity is an account's", async () => {
  const { guest, rest } = open(false);
  await rest.json("lectures");
  expect((await guest.keys()).identity).toBe("guest-1");
  refuses = [null];
  await Promise.all([rest.json("lectures"), rest.json("lectures")]);
  expect(shown.every((token) => token === null)).toBe(true);
  expect((await guest.keys()).identity).toBe("guest-2");
});

test("a guest whose connection does not open asks over REST why, and is another one only where that says so", async () => {
  const { guest, rest } = open(false);
  let asked = 0;
  const connect = async (stale: Stale | null) => {
    const ask = async () => {
      asked += 1;
      return rest.json("lectures");
    };
    return (await guest.toConnect(stale, ask)).identity;
  };
  expect(await connect(null)).toBe("guest-1");
  expect([await connect("unopened"), asked]).toEqual(["guest-1", 1]);
  expect([await connect("unopened"), asked], "a proxy may let no connection through").toEqual(["guest-1", 1]);
  // A connection opened meanwhile.
  await connect(null);
  refuses = [null];
  expect([await connect("unopened"), asked]).toEqual(["guest-2", 2]);
  refuses = [null];
  expect([await connect("turned_away"), asked], "the server itself ended it").toEqual(["guest-3", 3]);
});

test("a guest who is not told why they are not let in keeps what is theirs, and asks again", async () => {
  const { guest } = open(false);
  const answers = [unreachable(), new Failure(code.credentials, "no"), unreachable()];
  const ask = async () => {
    throw answers.shift() ?? new Error("asked too often");
  };
  for (let attempt = 0; attempt < 4; attempt++) expect((await guest.toConnect("unopened", ask)).identity).toBe("guest-1");
  expect(answers).toHaveLength(1);
});

test("a request is named, and the same request that is sent again has the same name", async () => {
  const names: (string | null)[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    names.push(request.headers.get("x-correlation-id"));
    return new Response("{}", { status: names.length === 1 ? 403 : 200 });
  });
  const keys = async () => ({ accessKeyId: "a", secretAccessKey: "b", sessionToken: "c", expires: Infinity });
  const guest = { keys, token: async () => undefined, renewed: keys, time: new ServerTime() } as unknown as Guest;
  const rest = new Rest({ restUrl: "http://h/api", region: "r" } as Discovery, guest);
  await rest.json("lectures");
  await rest.json("lectures");
  const [first, again, next] = names;
  expect(first).toMatch(/^r-[0-9a-f]{32}$/);
  expect(again).toBe(first);
  expect(next).toMatch(/^r-[0-9a-f]{32}$/);
  expect(next).not.toBe(first);
});

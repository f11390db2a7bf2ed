/** Tokens in a tab: renewed once for all who wait, kept before they are used, and ended when the server says so. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Discovery } from "@/shared/protocol";
import { BrowserAccounts } from "./accounts";

const account = { accountId: "a", email: "ada@example.org", role: "student", identityId: "i", created: 1 };
const tokens = (number: number) => ({ accessToken: `access-${number}`, tokenType: "Bearer", expiresIn: 900, refreshToken: `refresh-${number}`, refreshExpires: 9, sessionId: "s" });
const kept = () => JSON.parse(sessionStorage.getItem("synapscribe.account") ?? "null") as { refresh: string | null } | null;
const said: { path: string; body: Record<string, unknown>; authorization: string | null; name: string | null }[] = [];
let answer: (path: string) => [status: number, body: object];

beforeEach(() => {
  said.length = 0;
  sessionStorage.clear();
  // The pages of other tests are not this one's tabs.
  vi.stubGlobal("BroadcastChannel", undefined);
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const path = pathname.replace("/api/auth/", "") + search;
    const text = await request.text();
    said.push({ path, body: text ? JSON.parse(text) : {}, authorization: request.headers.get("authorization"), name: request.headers.get("x-correlation-id") });
    const [status, body] = answer(path);
    return new Response(JSON.stringify(body), { status });
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const done = (data: object): [number, object] => [200, { success: true, data, message: "done" }];
const refused = (status: number, code: string): [number, object] => [status, { success: false, error: "no", error_code: code, details: { retryable: false } }];
const open = () => new BrowserAccounts(async () => ({ accounts: { url: "http://h/api/auth", issuer: "h", invitedOnly: false, mail: "mail" } }) as Discovery, async () => null);

async function signedIn() {
  answer = () => done({ outcome: "signed_in", tokens: tokens(1), account });
  const accounts = open();
  expect(await accounts.signIn("ada@example.org", "p")).toBeNull();
  return accounts;
}

test("a sign-in survives the page, and those who wait for its renewal share one", async () => {
  expect((await signedIn()).standing.get()).toEqual({ state: "signed_in", account });
  // The page is loaded again: only what renews rests in the tab.
  const accounts = open();
  expect(accounts.standing.get().state).toBe("signed_in");
  answer = () => done(tokens(2));
  const shown = await Promise.all([accounts.shown(), accounts.shown(), accounts.shown()]);
  expect(shown.map(({ token }) => token)).toEqual(["access-2", "access-2", "access-2"]);
  expect(said.filter(({ path }) => path === "refresh").map(({ body }) => body)).toEqual([{ refreshToken: "refresh-1" }]);
  expect(said.every(({ name }) => /^r-[0-9a-f]{32}$/.test(name ?? "")), "each is found in the server's log").toBe(true);
  expect(kept()?.refresh).toBe("refresh-2");
  expect(JSON.stringify(kept())).not.toContain("access");
});

test("a sign-in that the server ended is remembered by its address and by nothing to call with", async () => {
  const accounts = await signedIn();
  answer = () => refused(401, "signed_out");
  await expect(accounts.signIns()).rejects.toMatchObject({ code: "signed_out" });
  expect(accounts.standing.get()).toEqual({ state: "ended", account });
  expect(kept()?.refresh).toBeNull();
  const asked = said.length;
  await expect(accounts.shown()).rejects.toMatchObject({ code: "signed_out" });
  expect(said.length, "nothing is asked in nobody's name").toBe(asked);
  await accounts.signOut(false);
  expect([accounts.standing.get(), kept()]).toEqual([{ state: "guest" }, null]);
});

test("an account is deleted by a token that is renewed first, or not at all once the sign-in ended", async () => {
  const accounts = await signedIn();
  answer = (path) => (path === "refresh" ? done(tokens(2)) : said.at(-1)?.authorization === "Bearer access-2" ? done({}) : refused(401, "unauthorised"));
  await accounts.remove("tide pools at noon");
  expect(said.filter(({ path }) => path === "me").map(({ body }) => body)).toEqual([{ password: "tide pools at noon" }, { password: "tide pools at noon" }]);
  expect([accounts.standing.get(), kept()]).toEqual([{ state: "guest" }, null]);

  const ended = await signedIn();
  answer = () => refused(401, "signed_out");
  await expect(ended.remove("tide pools at noon")).rejects.toMatchObject({ code: "signed_out" });
  expect(ended.standing.get()).toEqual({ state: "ended", account });
});

test("a server that is away ends no sign-in", async () => {
  const accounts = await signedIn();
  answer = () => [503, {}];
  await expect(accounts.shown(true)).rejects.toMatchObject({ retryable: true });
  expect(accounts.standing.get().state).toBe("signed_in");
  expect(kept()?.refresh).toBe("refresh-1");
  expect((await accounts.shown()).token, "the one at hand is good until another came").toBe("access-1");
});

test("a second proof goes with the next attempt, without the password", async () => {
  answer = () => done({ outcome: "challenge", kind: "SOFTWARE_TOKEN_MFA", session: "x" });
  const accounts = open();
  const challenge = await accounts.signIn("ada@example.org", "p");
  expect(challenge).toEqual({ kind: "SOFTWARE_TOKEN_MFA", session: "x" });
  answer = () => done({ outcome: "signed_in", tokens: tokens(1), account });
  await accounts.signIn("ada@example.org", "p", { ...(challenge as NonNullable<typeof challenge>), answer: "123456" });
  expect(said.at(-1)?.body).toEqual({ email: "ada@example.org", password: "", challenge: { kind: "SOFTWARE_TOKEN_MFA", session: "x", answer: "123456" } });
});

test("what a server gives in parts is taken along as a whole", async () => {
  const accounts = await signedIn();
  const parts: Record<string, object> = {
    "me/export?from=0": { account, lectures: [1, 2], sessions: [], next: "2-ab" },
    // Older servers name a number.
    "me/export?from=2-ab": { account, lectures: [3], sessions: [], next: 3 },
    "me/export?from=3": { account, lectures: [], sessions: [4] },
  };
  let changing = 0;
  answer = (path) => {
    if (path.includes("ab") && changing-- > 0) return refused(409, "conflict");
    return parts[path] ? done(parts[path]) : refused(404, "not_found");
  };
  const whole = { account, lectures: [1, 2, 3], sessions: [4] };
  expect(JSON.parse(await accounts.export())).toEqual(whole);
  changing = 2;
  expect(JSON.parse(await accounts.export()), "what changes on the way is begun again").toEqual(whole);
  changing = 3;
  await expect(accounts.export()).rejects.toMatchObject({ code: "conflict" });
});

test("a renewal whose answer is lost is asked for again with the same token", async () => {
  const accounts = await signedIn();
  let lost = true;
  answer = () => {
    if (!lost) return done(tokens(2));
    lost = false;
    throw new TypeError("the line broke");
  };
  expect((await accounts.shown(true)).token).toBe("access-2");
  expect(said.filter(({ path }) => path === "refresh").map(({ body }) => body)).toEqual([{ refreshToken: "refresh-1" }, { refreshToken: "refresh-1" }]);
  expect([accounts.standing.get().state, kept()?.refresh]).toEqual(["signed_in", "refresh-2"]);
});

test("every device is signed out, or it is said that it is not", async () => {
  const accounts = await signedIn();
  answer = () => [503, {}];
  await expect(accounts.signOut(true)).rejects.toMatchObject({ retryable: true });
  expect(accounts.standing.get().state, "it may be tried again").toBe("signed_in");
  answer = () => refused(401, "signed_out");
  await expect(accounts.signOut(true)).rejects.toMatchObject({ code: "signed_out" });
  expect(accounts.standing.get().state, "what has ended ends no other").toBe("ended");
  await expect(accounts.signOut(true)).rejects.toMatchObject({ code: "signed_out" });
  await accounts.signOut(false);
  expect(accounts.standing.get()).toEqual({ state: "guest" });
});

/** What becomes of uploads on the server, and what is done about them there. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure, code } from "@/shared/failure";
import { soon } from "@/shared/soon";
import { Cell } from "@/shared/store/watch";
import type { Documents, Lectures } from "../../bridge";
import type { Classes } from "../../classes";
import type { Link } from "../link";
import { Rest } from "../rest";
import { ServerTime } from "../server-time";
import { BrowserUploads } from ".";
import { type Saved, forget, keep, remembered } from "./saved";

const here = (): string => location.origin;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

beforeEach(async () => {
  for (const { id } of await remembered(here())) await forget(id);
});

/** One that has a place on the server, as it is remembered. */
const begun = (id: string, more: Partial<Saved> = {}): Saved => ({
  id, server: here(), added: 1, name: `${id}.ogg`, bytes: 4, kind: "lecture", lectureId: id, key: `lectures/p/${id}/a.ogg`, contentType: "audio/ogg",
  multipart: null, captions: null, captionsSent: false, sent: false, paused: null, file: new File(["OggS"], `${id}.ogg`), ...more,
});

/** A list on a server of which these things stand so, and which lets nothing be sent. */
async function open(states: Record<string, string>, ...kept: Saved[]) {
  for (const saved of kept) await keep(saved);
  const asked: string[] = [];
  const removed: string[] = [];
  const json = async (path: string) => {
    asked.push(path);
    const state = states[path.split("/").at(-1) ?? ""];
    if (!state) throw new Failure(code.notFound, "the server has nothing of that name");
    return { state };
  };
  const away = async () => Promise.reject(new Failure(code.unreachable, "the server does not answer", true));
  const place = vi.fn<(asked: object) => Promise<never>>(away);
  const link = { socket: { connection: new Cell({ phase: "waiting" }), place }, rest: async () => ({ json, optional: Rest.prototype.optional }), discovery: away as () => Promise<unknown> };
  const shelf = { state: new Cell({}), refresh: async () => undefined, remove: async (id: string) => void removed.push(id) };
  const again = () => new BrowserUploads(link as unknown as Link, shelf as unknown as Lectures, shelf as unknown as Documents, {} as Classes);
  const uploads = again();
  const stand = (state: string) => soon(() => expect(uploads.list.get().map((one) => one.state)).toEqual(kept.map(() => state)));
  return { uploads, link, shelf, place, asked, removed, stand, again };
}

test.each(["failed", "lost", "tried again"])("an upload that is %s goes from the list alone when something came of it after all", async (how) => {
  const states: Record<string, string> = { l1: "uploading", l2: "uploading", l3: "uploading", l4: "uploading", d1: "uploading", d2: "uploading" };
  const file = how === "lost" ? { file: null } : {};
  const document = (id: string) => begun(id, { ...file, kind: "document", lectureId: null, documentId: id });
  const { uploads, removed, stand } = await open(states, ...["l1", "l2", "l3", "l4"].map((id) => begun(id, file)), document("d1"), document("d2"));
  await stand(how === "lost" ? "lost" : "failed");
  Object.assign(states, { l1: "ready", l2: "transcribing", l3: "failed", d1: "ready" });
  if (how === "tried again") for (const { id } of uploads.list.get()) uploads.retry(id);
  for (const { id } of uploads.list.get()) uploads.cancel(id);
  expect(uploads.list.get().map(({ state }) => state)).toEqual(Array(6).fill("leaving"));
  await soon(() => expect(uploads.list.get()).toEqual([]));
  expect(removed.sort()).toEqual(["d2", "l3", "l4"]);
});

test("where a person stopped an upload on its way, what was sent is removed and nothing is asked", async () => {
  const { uploads, asked, removed, stand } = await open({ l1: "uploading" }, begun("l1", { paused: 2 }));
  await stand("paused");
  uploads.cancel("l1");
  await soon(() => expect(removed).toEqual(["l1"]));
  expect(asked).toEqual([]);
});

test("what was sent of a cancelled upload is removed after all where the page was left at that moment, or the server was away", async () => {
  const { uploads, link, shelf, removed, stand, again } = await open({ l1: "uploading" }, begun("l1", { paused: 2 }));
  await stand("paused");
  const answers = shelf.remove;
  shelf.remove = () => new Promise(() => undefined);
  uploads.cancel("l1");
  await soon(async () => expect(await remembered(here())).toMatchObject([{ id: "l1", leaving: "remove", file: null }]));

  const away = vi.fn(async () => Promise.reject(new Failure(code.unreachable, "the server does not answer", true)));
  shelf.remove = away;
  const visit = again();
  await soon(() => expect(away).toHaveBeenCalledOnce());
  expect(visit.list.get()).toMatchObject([{ state: "leaving", lectureId: "l1" }]);
  shelf.remove = answers;
  link.socket.connection.set({ phase: "open" });
  await soon(() => expect(visit.list.get()).toEqual([]));
  expect(removed).toEqual(["l1"]);
  await soon(async () => expect(await remembered(here())).toEqual([]));
});

test("an upload that is stopped while it asks for a place keeps that place, and gives it back when it was cancelled", async () => {
  const { uploads, link, shelf, place, removed } = await open({ l1: "uploading", l2: "uploading" });
  link.discovery = async () => ({ limits: { lectureBytes: 1_000, lectureSeconds: 60, querySeconds: 60 } });
  const answers: (() => void)[] = [];
  place.mockImplementation(() => new Promise((answer) => answers.push(() => answer({ lectureId: `l${answers.length}`, s3Key: "k", uploadUrl: "u", contentType: "t" } as never))));
  const ask = async (name: string) => {
    uploads.add([new File(["OggS"], name)]);
    await soon(() => expect(uploads.list.get().at(-1)?.state).toBe("sending"));
    await soon(() => expect(place).toHaveBeenLastCalledWith(expect.objectContaining({ fileName: name })));
    return uploads.list.get().at(-1)?.id ?? "";
  };
  let remove = () => undefined as void;
  const answersLater = shelf.remove;
  shelf.remove = async (id) => (await new Promise<void>((done) => (remove = done)), answersLater(id));
  uploads.cancel(await ask("first.ogg"));
  expect(removed).toEqual([]);
  answers[0]?.();
  await soon(async () => expect(await remembered(here()), "its place is known, and its file is gone").toMatchObject([{ lectureId: "l1", leaving: "remove", file: null }]));
  await soon(() => (remove(), expect(uploads.list.get()).toEqual([])));
  expect(removed).toEqual(["l1"]);

  uploads.pause(await ask("second.ogg"));
  answers[1]?.();
  await soon(() => expect(uploads.list.get()).toMatchObject([{ state: "paused", lectureId: "l2" }]));
  expect((await remembered(here()))[0]).toMatchObject({ lectureId: "l2", key: "k", paused: 0 });
});

test("a file that could not be looked at while the server was away is looked at when it is tried again, and asks for its own kind of place", async () => {
  const { uploads, link, place } = await open({});
  const failed = (names: string[]) => soon(() => expect(uploads.list.get().filter((one) => one.state === "failed").map(({ name }) => name)).toEqual(names));
  uploads.add([new File(["%PDF-1.7"], "tides.pdf"), new File(["a,b"], "marks.csv")]);
  await failed(["tides.pdf", "marks.csv"]);
  link.discovery = async () => ({ limits: { lectureBytes: 1_000, lectureSeconds: 60, querySeconds: 60 } });
  for (const { id } of uploads.list.get()) uploads.retry(id);
  await soon(() => expect(uploads.list.get().map(({ failure }) => failure?.code)).toEqual([code.unreachable, code.type]));
  expect(place.mock.calls).toEqual([[expect.objectContaining({ fileName: "tides.pdf", purpose: "document" })]]);
});

test("an upload that is cancelled while its file is looked at asks for no place", async () => {
  const { uploads, link, place } = await open({});
  uploads.add([new File(["OggS"], "tides.ogg")]);
  await soon(() => expect(uploads.list.get()).toMatchObject([{ state: "failed" }]));
  let answer = () => undefined as void;
  link.discovery = () => new Promise((told) => (answer = () => told({ limits: { lectureBytes: 1_000, lectureSeconds: 60, querySeconds: 60 } })));
  const asked = vi.spyOn(link, "discovery");
  const id = uploads.list.get()[0]?.id ?? "";
  uploads.retry(id);
  await soon(() => expect(asked).toHaveBeenCalledOnce());
  uploads.cancel(id);
  answer();
  await soon(() => expect(uploads.list.get()).toEqual([]));
  expect(place).not.toHaveBeenCalled();
});

test.each([
  ["remembered, where the storage answers with a fault", 503, "<Error><Code>InternalError</Code></Error>", false],
  ["forgotten, where the storage does not know them any more", 404, "<Error><Code>NoSuchUpload</Code></Error>", true],
])("a cancelled upload whose parts cannot be removed is %s", async (_, status, body, forgotten) => {
  const { uploads, link, removed, stand } = await open({ l1: "uploading" }, begun("l1", { paused: 2, multipart: "m" }));
  const storage = { discovery: async () => ({ s3Endpoint: "https://storage.test", bucket: "b", region: "r" }), guest: async () => ({ keys: async () => ({ accessKeyId: "a", secretAccessKey: "s", sessionToken: "t" }), time: new ServerTime() }) };
  Object.assign(link, storage);
  const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(body, { status }));
  await stand("paused");
  uploads.cancel("l1");
  await soon(() => expect(fetched).toHaveBeenCalled());
  if (forgotten) {
    await soon(() => expect(uploads.list.get()).toEqual([]));
    return expect(removed).toEqual(["l1"]);
  }
  await soon(async () => expect(await remembered(here())).toMatchObject([{ id: "l1", leaving: "remove" }]));
  expect(removed).toEqual([]);
  fetched.mockImplementation(async () => new Response(null, { status: 204 }));
  // The server is back as soon as the first attempt has come to its end.
  await soon(() => (link.socket.connection.set({ phase: "waiting" }), link.socket.connection.set({ phase: "open" }), expect(uploads.list.get()).toEqual([])));
  expect(removed).toEqual(["l1"]);
});

test("what cannot be removed is tried less and less often, and soon again once the server is back", async () => {
  const { uploads, link, shelf, stand } = await open({ l1: "uploading" }, begun("l1", { paused: 2 }));
  const pauses: number[] = [];
  const later = setTimeout;
  vi.stubGlobal("setTimeout", (act: () => void, ms = 0) => (ms < 5_000 ? later(act, ms) : (pauses.push(ms / 1000), later(act, 0))));
  link.socket.connection.set({ phase: "open" });
  shelf.remove = async () => Promise.reject(new Failure(code.unreachable, "the server does not answer", true));
  await stand("paused");
  uploads.cancel("l1");
  await soon(() => expect(pauses.length).toBeGreaterThan(8));
  expect(pauses.slice(0, 9)).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  link.socket.connection.set({ phase: "waiting" });
  pauses.length = 0;
  await soon(() => (link.socket.connection.set({ phase: "open" }), expect(pauses).toContain(5)));
  link.socket.connection.set({ phase: "waiting" });
});

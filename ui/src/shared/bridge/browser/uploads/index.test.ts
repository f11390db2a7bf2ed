/** What becomes of uploads on the server, and what is done about them there. */
import { beforeEach, expect, test, vi } from "vitest";
import { Failure, code } from "@/shared/failure";
import { Cell } from "@/shared/store/watch";
import type { Documents, Lectures } from "../../bridge";
import type { Classes } from "../../classes";
import type { Link } from "../link";
import { Rest } from "../rest";
import { BrowserUploads } from ".";
import { type Saved, forget, keep, remembered } from "./saved";

const here = (): string => location.origin;

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
  const uploads = new BrowserUploads(link as unknown as Link, shelf as unknown as Lectures, shelf as unknown as Documents, {} as Classes);
  const stand = (state: string) => vi.waitFor(() => expect(uploads.list.get().map((one) => one.state)).toEqual(kept.map(() => state)));
  return { uploads, link, place, asked, removed, stand };
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
  expect(uploads.list.get()).toEqual([]);
  await vi.waitFor(() => expect(removed.sort()).toEqual(["d2", "l3", "l4"]));
});

test("where a person stopped an upload on its way, what was sent is removed and nothing is asked", async () => {
  const { uploads, asked, removed, stand } = await open({ l1: "uploading" }, begun("l1", { paused: 2 }));
  await stand("paused");
  uploads.cancel("l1");
  await vi.waitFor(() => expect(removed).toEqual(["l1"]));
  expect(asked).toEqual([]);
});

test("a file that could not be looked at while the server was away is looked at when it is tried again, and asks for its own kind of place", async () => {
  const { uploads, link, place } = await open({});
  const failed = (names: string[]) => vi.waitFor(() => expect(uploads.list.get().filter((one) => one.state === "failed").map(({ name }) => name)).toEqual(names));
  uploads.add([new File(["%PDF-1.7"], "tides.pdf"), new File(["a,b"], "marks.csv")]);
  await failed(["tides.pdf", "marks.csv"]);
  link.discovery = async () => ({ limits: { lectureBytes: 1_000, lectureSeconds: 60, querySeconds: 60 } });
  for (const { id } of uploads.list.get()) uploads.retry(id);
  await vi.waitFor(() => expect(uploads.list.get().map(({ failure }) => failure?.code)).toEqual([code.unreachable, code.type]));
  expect(place.mock.calls).toEqual([[expect.objectContaining({ fileName: "tides.pdf", purpose: "document" })]]);
});

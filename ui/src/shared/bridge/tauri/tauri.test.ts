/** The desktop bridge over a scripted shell: it forwards, and its events arrive where they belong. */
import { clearMocks, mockIPC, mockWindows } from "@tauri-apps/api/mocks";
import { emit } from "@tauri-apps/api/event";
import { afterEach, beforeEach, expect, test } from "vitest";
import { soon } from "@/shared/soon";
import { until } from "@/shared/store/watch";
import type { AskEvent } from "../bridge";
import { desktopBridge } from ".";

const said: [string, unknown][] = [];
/** Choices of devices that the shell has not carried out; nothing where it does so at once. */
let held: ((led: boolean) => void)[] | null = null;
/** Questions that the shell has not named; nothing where it does so at once. */
let unnamed: ((names: { queryId: string; sessionId: string }) => void)[] | null = null;

beforeEach(() => {
  said.length = 0;
  held = unnamed = null;
  mockWindows("main");
  mockIPC(
    (name, args) => {
      said.push([name, args]);
      const answers: Record<string, unknown> = { lectures: [], documents: [], uploads: [], devices: { inputs: [], outputs: [] }, server_address: "", connection: { phase: "connecting", failure: null }, opened: "synapscribe://lecture/l?at=90", ask: { queryId: "q", sessionId: "s" }, finish_recording: { id: "r1", seconds: 2 } };
      if (name === "page_picture" || name === "cover") return new Uint8Array([137, 80, 78, 71]).buffer;
      if (name === "use_devices" && held) return new Promise((done) => held?.push(done));
      if (name === "ask" && unnamed) return new Promise((named) => unnamed?.push(named));
      if (name === "delete_session") throw { code: "not_found", message: "it is gone", retryable: false };
      return answers[name] ?? null;
    },
    { shouldMockEvents: true },
  );
});

afterEach(() => clearMocks());

test("a spoken question goes to the shell by its recording's name, and the answer comes back", async () => {
  const bridge = desktopBridge();
  const recording = await bridge.recorder.finish();
  const heard: AskEvent[] = [];
  const asked = await bridge.asking.ask({ scope: [{ lectureId: "l" }], sessionId: null, question: { recording: recording as never }, playhead: 3, page: null, speech: { speak: true, speed: 1 } }, (event) => heard.push(event));
  expect(said).toContainEqual(["ask", { sources: [{ lectureId: "l" }], sessionId: null, text: null, recording: "r1", playhead: 3, page: null, speech: { speak: true, speed: 1 } }]);
  await emit("answer", { type: "answer_text", queryId: "other", delta: "no" });
  await emit("answer", { type: "answer_text", queryId: "q", delta: "Because" });
  expect(heard).toMatchObject([{ delta: "Because" }]);
  await emit("answer", { type: "spoken_words", queryId: "q", index: 2, words: [{ atMs: 0, from: 0, to: 7 }] });
  await emit("answer", { type: "stretch", queryId: "q", index: 2, ms: 1 });
  await soon(() => expect(heard.at(-1)).toEqual({ type: "word", from: 0, to: 7 }));
  asked.cancel();
  expect(said).toContainEqual(["cancel_question", { queryId: "q" }]);
});

test("of two questions that are on their way neither loses what is told before its name", async () => {
  unnamed = [];
  const { asking } = desktopBridge();
  const heard: AskEvent[] = [];
  const ask = (text: string) => asking.ask({ scope: "everything", sessionId: null, question: { text }, playhead: null, page: null, speech: { speak: false, speed: 1 } }, (event) => heard.push(event));
  const both = [ask("first"), ask("second")];
  await soon(() => expect(unnamed?.length).toBe(2));
  await emit("answer", { type: "answer_text", queryId: "q2", delta: "Because" });
  for (const [index, asked] of both.entries()) {
    unnamed[index]?.({ queryId: `q${index + 1}`, sessionId: "s" });
    await asked;
  }
  expect(heard).toMatchObject([{ delta: "Because" }]);
});

test("a page's picture comes as bytes, and everything is asked by naming nothing", async () => {
  const bridge = desktopBridge();
  const picture = await bridge.documents.picture("d", 3, 900);
  expect(said).toContainEqual(["page_picture", { id: "d", page: 3, width: 900, part: null }]);
  expect([picture.type, picture.size]).toEqual(["image/png", 4]);
  expect((await bridge.documents.cover("d", 96)).size).toBe(4);
  expect(said).toContainEqual(["cover", { id: "d", width: 96 }]);
  await bridge.documents.unread("d");
  expect(said).toContainEqual(["unread_pages", { id: "d" }]);
  await bridge.asking.ask({ scope: "everything", sessionId: null, question: { text: "why?" }, playhead: null, page: null, speech: { speak: false, speed: 1 } }, () => undefined);
  expect(said.find(([name]) => name === "ask")?.[1]).toMatchObject({ sources: [], text: "why?" });
});

test("what is kept, shared and put right in a pack goes to the shell", async () => {
  const { packs } = desktopBridge();
  await packs.keep("p", { sessionId: "s", queryId: "q" });
  await packs.share("c", "p");
  await packs.correct("p", "1", { question: "Why?", answer: "So." });
  expect(said).toContainEqual(["keep_turn", { id: "p", sessionId: "s", queryId: "q" }]);
  expect(said).toContainEqual(["share_pack_with_class", { classId: "c", id: "p" }]);
  expect(said).toContainEqual(["correct_card", { id: "p", card: "1", question: "Why?", answer: "So." }]);
});

test("a refusal of the shell is a failure with its code", async () => {
  await expect(desktopBridge().sessions.remove("s")).rejects.toMatchObject({ code: "not_found", message: "it is gone" });
});

test("the address the app was started with is asked for, and opening it again is news", async () => {
  const bridge = desktopBridge();
  const first = await until(bridge.opened, (opened) => opened !== null);
  expect(first).toEqual({ address: "synapscribe://lecture/l?at=90" });
  await emit("opened", "synapscribe://lecture/l?at=90");
  expect(bridge.opened.get()).toEqual(first);
  expect(bridge.opened.get()).not.toBe(first);
});

test("what the shell tells of itself is watched", async () => {
  const bridge = desktopBridge();
  await Promise.resolve();
  await emit("connection", { phase: "open", failure: null });
  await emit("uploads", [{ id: "u" }]);
  await emit("recorder", { phase: "failed", failure: { code: "no_microphone", message: "none", retryable: true } });
  await until(bridge.connection, ({ phase }) => phase === "open");
  expect(bridge.uploads.list.get()).toEqual([{ id: "u" }]);
  expect(bridge.recorder.state.get()).toMatchObject({ phase: "failed", failure: { code: "no_microphone" } });
});

test("of two choices of devices what became of the last one is shown", async () => {
  held = [];
  const { devices } = desktopBridge();
  const uses = [devices.use("", "first"), devices.use("", "second")];
  await soon(() => expect(held).toHaveLength(3));
  held[2]?.(true);
  await uses[1];
  held[1]?.(false);
  await uses[0];
  expect(devices.follows.get()).toBe(true);
});

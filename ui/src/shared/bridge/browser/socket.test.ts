/** The connection over a scripted WebSocket: what is asked is asked again after a break, and answers find who asked. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Failure, code } from "@/shared/failure";
import type { ServerMessage } from "@/shared/protocol";
import { until } from "@/shared/store/watch";
import { Socket } from "./socket";

class Scripted {
  static all: Scripted[] = [];
  static OPEN = 1;
  readyState = 0;
  said: { type: string; [field: string]: unknown }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    Scripted.all.push(this);
  }
  send(text: string) {
    this.said.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen?.();
  }
  hear(message: ServerMessage) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  break(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

const last = () => Scripted.all.at(-1) as Scripted;
const query = { type: "query", queryId: "q1", sessionId: "s1", lectureId: "l1", text: "why?" } as const;

beforeEach(() => {
  vi.useFakeTimers();
  Scripted.all = [];
  vi.stubGlobal("WebSocket", Scripted);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function connected() {
  const socket = new Socket(async () => "ws://host/ws");
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  return socket;
}

test("a question is asked again after a break, and its answer goes to who asked", async () => {
  const socket = await connected();
  const heard: string[] = [];
  socket.query(query, ({ type }) => heard.push(type));
  last().break();
  expect(socket.connection.get().phase).toBe("waiting");
  await vi.advanceTimersByTimeAsync(1000);
  last().open();
  expect(Scripted.all.length).toBe(2);
  expect(last().said).toEqual([query]);
  last().hear({ type: "answer_text", queryId: "q1", delta: "Because" });
  last().hear({ type: "answer_text", queryId: "other", delta: "no" });
  expect(heard).toEqual(["answer_text"]);
});

test("an error without a name belongs to the request that was not taken", async () => {
  const socket = await connected();
  const place = socket.place({ type: "request_upload", fileName: "a.mp3", bytes: 1, purpose: "lecture" });
  last().hear({ type: "error", code: "disk_full", message: "no room", retryable: true });
  await expect(place).rejects.toMatchObject({ code: "disk_full" });
});

test("a server that says nothing is given up, in words", async () => {
  const socket = await connected();
  const heard: ServerMessage[] = [];
  socket.query(query, (message) => heard.push(message));
  for (let second = 0; second < 100; second++) {
    await vi.advanceTimersByTimeAsync(1000);
    if (last().said.some(({ type }) => type === "ping")) last().hear({ type: "pong" });
    last().said = [];
  }
  expect(heard).toMatchObject([{ type: "error", code: "server_unreachable", retryable: true }]);
});

test("a dead line is noticed and replaced", async () => {
  const socket = await connected();
  socket.query(query, () => undefined);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(Scripted.all.length).toBeGreaterThan(1);
  last().open();
  await until(socket.connection, ({ phase }) => phase === "open");
});

test("nonsense from the server is passed over, and so is what only a newer one says", async () => {
  const socket = await connected();
  const heard: string[] = [];
  socket.query(query, ({ type }) => heard.push(type));
  for (const data of ["{", "null", "7", '"a"', "{}", '{"type":"mood"}', '{"type":"mood","queryId":"q1"}']) last().onmessage?.({ data });
  expect(socket.connection.get().phase).toBe("open");
  last().hear({ type: "answer_text", queryId: "q1", delta: "Because" });
  expect(heard.at(-1), "the answer goes on").toBe("answer_text");
});

test("whoever is turned away, or not let in, comes with new keys, and is told when there are none", async () => {
  const stale: (string | null)[] = [];
  let ended = false;
  const socket = new Socket(async (why) => {
    stale.push(why);
    if (ended) throw new Failure(code.signedOut, "the sign-in has ended; sign in again");
    return "ws://host/ws";
  });
  await vi.advanceTimersByTimeAsync(0);
  last().open();
  last().break();
  await vi.advanceTimersByTimeAsync(20_000);
  // This one does not open.
  last().break();
  await vi.advanceTimersByTimeAsync(20_000);
  last().open();
  ended = true;
  last().break(1008);
  await vi.advanceTimersByTimeAsync(600);
  expect(stale).toEqual([null, null, "unopened", "turned_away"]);
  expect(socket.connection.get()).toMatchObject({ phase: "refused", failure: { code: "signed_out" } });
});

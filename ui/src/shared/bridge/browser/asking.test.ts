/** What is asked is named in one field of the message, and what is said of the answer is heard once. */
import { expect, test } from "vitest";
import type { AskEvent } from "../bridge";
import type { ServerMessage } from "@/shared/protocol";
import { soon } from "@/shared/soon";
import { BrowserAsking, named } from "./asking";
import type { Link } from "./link";
import type { StreamPlayer } from "./speaker";

test.each([
  ["everything" as const, { lectureId: "", everything: true }],
  [[{ lectureId: "l" }], { lectureId: "l" }],
  [[{ documentId: "d" }], { lectureId: "", documentId: "d" }],
  [[{ documentId: "d" }, { lectureId: "l" }], { lectureId: "", sources: [{ documentId: "d" }, { lectureId: "l" }] }],
])("%j", (scope, fields) => expect(named(scope)).toEqual(fields));

test("an answer that is begun again after a crash is heard once, from where it stopped", async () => {
  const heard: number[] = [];
  const push = (samples: Float32Array) => {
    heard.push(...[...samples].map((sample) => Math.round(sample * 32768)));
    return 5;
  };
  const speech = { push, end: () => {}, stop: () => {} };
  let hear: (message: ServerMessage) => void = () => {};
  const link = { socket: { query: (_: unknown, on: typeof hear) => (hear = on) } } as unknown as Link;
  const asking = new BrowserAsking(link, { begin: () => speech } as unknown as StreamPlayer);
  const words: AskEvent[] = [];
  const request = { scope: "everything" as const, sessionId: null, question: { text: "why?" }, playhead: null, page: null, speech: { speak: true, speed: 1 } };
  await asking.ask(request, (event) => event.type === "word" && words.push(event));
  const say = (index: number, ...samples: number[]) =>
    hear({ type: "audio_chunk", queryId: "q", index, format: "pcm_s16le", sampleRate: 16_000, data: btoa(String.fromCharCode(...samples.flatMap((sample) => [sample, 0]))) });
  say(0, 1);
  say(1, 2);
  hear({ type: "answer_restarted", queryId: "q" });
  // Whoever goes on with it does not know how much of a piece has arrived.
  say(0, 1);
  // The voice is cut otherwise than it was.
  say(1, 2, 3);
  // From here on it is worded otherwise than it was.
  say(1_000, 4);
  expect(heard).toEqual([1, 2, 3, 4]);
  hear({ type: "spoken_words", queryId: "q", index: 1_000, words: [{ atMs: 10, from: 4, to: 8 }] });
  await soon(() => expect(words).toEqual([{ type: "word", from: 4, to: 8 }]));
});

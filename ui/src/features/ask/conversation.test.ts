/** Raising a hand, as the lecture, the microphone and the loudspeaker see it. */
import { beforeEach, expect, test, vi } from "vitest";
import type { AskEvent, AskRequest, RecorderState } from "@/shared/bridge/bridge";
import { Failure } from "@/shared/failure";
import { Cell } from "@/shared/store/watch";
import { Conversation } from "./conversation";
import { isOnly, matterOf } from "./scope";

const usage = { tokensIn: 0, tokensOut: 0, audioInMs: 0, charactersSpoken: 0 };
const done = { type: "answer_done", queryId: "q", sessionId: "s", generated: false, found: true, timings: {}, usage } as const;
const citation = { number: 1, lectureId: "l", passageId: "p", from: 3, to: 5, excerpt: "words", score: 1 };

function stage({ permitted = true, stalled = false } = {}) {
  const said: string[] = [];
  let hear: (event: AskEvent) => void = () => undefined;
  let request: AskRequest | undefined;
  const recorderState = new Cell<RecorderState>({ phase: "ready" });
  const speaking = new Cell(false);
  const level = new Cell(0);
  let playing = true;
  const conversation = new Conversation({
    scope: [{ lectureId: "l" }],
    asking: {
      ask: async (asked, on) => {
        request = asked;
        hear = on;
        return { queryId: "q", sessionId: asked.sessionId ?? "s", cancel: () => said.push("cancel") };
      },
    },
    recorder: {
      state: recorderState,
      level,
      allowed: async () => permitted,
      open: async () => undefined,
      close: () => said.push("closed"),
      start: async () => {
        if (!permitted) throw new Failure("microphone_refused", "not allowed");
        said.push("record");
      },
      finish: async () => {
        said.push("finish");
        if (stalled) throw new Failure("empty_question", "the microphone gave no sound");
        return { seconds: 2, content: null };
      },
      discard: () => said.push("discard"),
    },
    speaker: { speaking, hush: () => (said.push("hush"), speaking.set(false)), test: async () => undefined },
    place: (scope) => ({ playhead: isOnly(scope, "l") ? 12 : null, page: null }),
    lecture: { playing: () => playing, pause: () => ((playing = false), said.push("pause")), resume: () => ((playing = true), said.push("resume")) },
    wish: () => ({ speak: true, speed: 1 }),
    goOn: () => true,
  });
  const lets = { play: (on: boolean) => ((playing = on), on && conversation.played()) };
  return { conversation, ...lets, said, speaking, level, recorderState, hear: (event: AskEvent) => hear(event), request: () => request, state: () => conversation.state.get() };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  return () => vi.useRealTimers();
});

async function asked(scene: ReturnType<typeof stage>) {
  scene.conversation.press();
  await settle();
  await vi.advanceTimersByTimeAsync(800);
  scene.conversation.release(false);
  await settle();
}

test("the lecture waits, the answer is heard, and the lecture goes on", async () => {
  const scene = stage();
  await asked(scene);
  expect(scene.said, "the first word is not waited with").toEqual(["record", "pause", "finish"]);
  expect(scene.request()).toMatchObject({ playhead: 12, sessionId: null });
  scene.hear({ type: "query_text", queryId: "q", text: "why" });
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because" });
  scene.hear({ type: "first_sound" });
  scene.speaking.set(true);
  scene.hear({ type: "citation", queryId: "q", citation });
  scene.hear({ type: "citation", queryId: "q", citation });
  scene.hear({ type: "answer_done", queryId: "q", sessionId: "s", generated: false, found: true, timings: {}, usage });
  expect(scene.state().phase).toBe("speaking");
  expect(scene.said).not.toContain("resume");
  scene.speaking.set(false);
  expect(scene.state().phase).toBe("idle");
  expect(scene.said.at(-1)).toBe("resume");
  expect(scene.state().turns).toMatchObject([{ question: "why", answer: "Because", citations: [{ number: 1 }], done: true }]);
});

test("the word that is heard is known until the answer falls silent, also when all of it is written", async () => {
  const scene = stage();
  await asked(scene);
  const word = () => scene.state().turns.at(-1)?.word;
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because it is." });
  scene.hear({ type: "word", from: 0, to: 7 });
  expect(word(), "nothing is heard yet").toBeUndefined();
  scene.hear({ type: "first_sound" });
  scene.speaking.set(true);
  scene.hear({ type: "word", from: 0, to: 7 });
  expect(word()).toEqual({ from: 0, to: 7 });
  scene.hear({ type: "answer_done", queryId: "q", sessionId: "s", generated: false, found: true, timings: {}, usage });
  scene.hear({ type: "word", from: 8, to: 10 });
  expect(word()).toEqual({ from: 8, to: 10 });
  scene.speaking.set(false);
  scene.hear({ type: "word", from: 11, to: 13 });
  expect(word(), "it fell silent").toEqual({ from: 8, to: 10 });
});

test("an answer that cannot be spoken is said to be, and goes on in writing", async () => {
  const scene = stage();
  await asked(scene);
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because" });
  scene.hear({ type: "error", about: "q", code: "engine_failed", message: "the voice cannot be reached", retryable: true });
  expect(scene.state().notice?.message).toBe("the voice cannot be reached");
  scene.hear({ type: "answer_text", queryId: "q", delta: " it is." });
  scene.hear({ type: "answer_done", queryId: "q", sessionId: "s", generated: false, found: true, timings: {}, usage });
  expect(scene.state().turns).toMatchObject([{ answer: "Because it is.", done: true, failure: null }]);
  expect(scene.said.at(-1)).toBe("resume");
});

test("a follow-up keeps the thread", async () => {
  const scene = stage();
  await scene.conversation.askText("first");
  scene.hear({ type: "answer_done", queryId: "q", sessionId: "s", generated: false, found: true, timings: {}, usage });
  await scene.conversation.askText("second");
  expect(scene.request()?.sessionId).toBe("s");
  expect(scene.state().turns[0]?.queryId, "the server's name for it is known, so that it can be kept").toBe("q");
});

test("pressing again silences the answer at once and listens", async () => {
  const scene = stage();
  await asked(scene);
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because" });
  scene.speaking.set(true);
  scene.conversation.press();
  expect(scene.said.slice(-3), "it listens before it does anything else").toEqual(["record", "hush", "cancel"]);
  await settle();
  expect(scene.state().phase).toBe("listening");
  expect(scene.state().turns[0]).toMatchObject({ interrupted: true, answer: "Because" });
  // What comes late of the silenced answer is dropped.
  scene.hear({ type: "answer_text", queryId: "q", delta: " of that" });
  expect(scene.state().turns[0]?.answer).toBe("Because");
});

test("a press while the last words of a written answer are spoken leaves the lecture standing until the next answer was heard", async () => {
  const scene = stage();
  await asked(scene);
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because" });
  scene.speaking.set(true);
  scene.hear(done);
  scene.conversation.press();
  await settle();
  expect(scene.state().phase).toBe("listening");
  expect(scene.said).not.toContain("resume");
  await vi.advanceTimersByTimeAsync(800);
  scene.conversation.release(false);
  await settle();
  scene.hear(done);
  expect(scene.said.at(-1)).toBe("resume");
});

test("a question typed while an answer comes or is spoken keeps the lecture waiting, and it goes on after the last answer", async () => {
  for (const spoken of [false, true]) {
    const scene = stage();
    await scene.conversation.askText("first");
    scene.hear({ type: "answer_text", queryId: "q", delta: "Because" });
    if (spoken) scene.speaking.set(true);
    await scene.conversation.askText("second");
    expect(scene.said).not.toContain("resume");
    scene.hear(done);
    expect(scene.said.filter((one) => one === "pause" || one === "resume"), `spoken: ${spoken}`).toEqual(["pause", "resume"]);
  }
});

test("a question that is still on its way is interrupted as an answer is, and one that is still recorded is not", async () => {
  const scene = stage();
  const first = scene.conversation.askText("first");
  expect(scene.state().phase).toBe("sending");
  scene.conversation.press();
  await first;
  await settle();
  expect(scene.state()).toMatchObject({ phase: "listening", turns: [{ question: "first", done: true, interrupted: true }] });
  expect(scene.said).toContain("cancel");
  await vi.advanceTimersByTimeAsync(800);
  scene.conversation.release(false);
  scene.conversation.press();
  scene.conversation.release(false);
  await settle();
  expect(scene.said.filter((one) => one === "record" || one === "finish")).toEqual(["record", "finish"]);
  expect(scene.state().turns.length).toBe(2);
});

test("a question typed before the last one was taken ends that one, and one typed while the microphone listens ends listening", async () => {
  const scene = stage();
  await Promise.all([scene.conversation.askText("first"), scene.conversation.askText("second")]);
  expect(scene.state().turns).toMatchObject([{ question: "first", done: true, interrupted: true }, { question: "second", done: false }]);
  expect(scene.said).toContain("cancel");
  scene.hear(done);
  scene.conversation.press();
  await settle();
  expect(scene.state().phase).toBe("listening");
  await scene.conversation.askText("third");
  expect(scene.said.at(-1)).toBe("discard");
  scene.hear(done);
  expect(scene.state()).toMatchObject({ phase: "idle", latched: false });
  expect(scene.said.filter((one) => one === "pause").length).toBe(scene.said.filter((one) => one === "resume").length);
});

test("a lecture that the person paused themselves does not go on", async () => {
  const scene = stage();
  await asked(scene);
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because" });
  scene.conversation.interrupt();
  scene.play(true);
  scene.play(false);
  await scene.conversation.askText("second");
  scene.hear(done);
  expect(scene.state().phase).toBe("idle");
  expect(scene.said).not.toContain("resume");
});

test("a microphone that fails where an answer was to be interrupted lets the lecture go on", async () => {
  const scene = stage({ permitted: false });
  await scene.conversation.askText("first");
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because" });
  scene.conversation.press();
  await settle();
  expect(scene.said).toEqual(["pause", "hush", "cancel", "resume"]);
});

test("a tap on an answer only interrupts it", async () => {
  const scene = stage();
  await asked(scene);
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because" });
  scene.conversation.press();
  await vi.advanceTimersByTimeAsync(50);
  scene.conversation.release(false);
  expect(scene.state()).toMatchObject({ phase: "idle", latched: false });
  expect(scene.state().turns.length).toBe(1);
});

test("a tap listens until the person pauses", async () => {
  const scene = stage();
  scene.conversation.press();
  await vi.advanceTimersByTimeAsync(50);
  scene.conversation.release(false);
  expect(scene.state()).toMatchObject({ phase: "listening", latched: true });
  const speak = async (loud: number, ms: number) => {
    for (let at = 0; at < ms; at += 20) {
      scene.level.set(loud + (at % 40) / 10_000);
      await vi.advanceTimersByTimeAsync(20);
    }
  };
  await speak(0.1, 500);
  await speak(0.7, 1500);
  await speak(0.1, 600);
  expect(scene.state().phase).toBe("listening");
  await speak(0.1, 1200);
  expect(scene.state().phase).toBe("answering");
});

test("nothing said is said to be nothing, and the lecture goes on", async () => {
  const scene = stage();
  scene.conversation.press();
  await vi.advanceTimersByTimeAsync(50);
  scene.conversation.release(false);
  for (let at = 0; at < 9000; at += 20) {
    scene.level.set(0.1 + (at % 40) / 10_000);
    await vi.advanceTimersByTimeAsync(20);
  }
  expect(scene.state()).toMatchObject({ phase: "idle", notice: { code: "empty_question" } });
  expect(scene.said.at(-1)).toBe("resume");
});

test("a microphone that is not allowed is said to be, and typing still works", async () => {
  const scene = stage({ permitted: false });
  scene.conversation.press();
  await settle();
  expect(scene.state()).toMatchObject({ phase: "idle", notice: { code: "microphone_refused" } });
  expect(scene.said, "the lecture goes on").toEqual(["pause", "resume"]);
  await scene.conversation.askText("why?");
  expect(scene.state().turns.length).toBe(1);
  scene.hear(done);
  expect(scene.said, "and after the typed question").toEqual(["pause", "resume", "pause", "resume"]);
});

test("a microphone unplugged in the middle ends listening, and the notice goes when it is back", async () => {
  const scene = stage();
  scene.conversation.press();
  await settle();
  scene.recorderState.set({ phase: "failed", failure: new Failure("microphone_unplugged", "gone") });
  expect(scene.state()).toMatchObject({ phase: "idle", notice: { code: "microphone_unplugged" } });
  expect(scene.said).toEqual(["record", "pause", "resume"]);
  scene.recorderState.set({ phase: "ready" });
  expect(scene.state().notice).toBeNull();
});

test("a question that reaches its end while the key is held is asked, once, and that is said", async () => {
  const scene = stage();
  scene.conversation.press();
  await settle();
  scene.recorderState.set({ phase: "recording", since: 0 });
  scene.recorderState.set({ phase: "full" });
  await settle();
  expect(scene.request()).toMatchObject({ question: { recording: { seconds: 2 } } });
  expect(scene.state()).toMatchObject({ phase: "answering", notice: { code: "question_full" } });
  scene.recorderState.set({ phase: "ready" });
  scene.conversation.release(false);
  await settle();
  expect(scene.said.filter((what) => what === "finish").length, "the key is let go later").toBe(1);
  expect(scene.state()).toMatchObject({ phase: "answering", notice: { code: "question_full" } });
  expect(scene.state().turns.length).toBe(1);
  // Another press means what it always means.
  scene.hear(done);
  scene.conversation.press();
  await settle();
  expect(scene.state()).toMatchObject({ phase: "listening", notice: null });
});

test("a microphone that gave no sound is said to have given none, and the lecture goes on", async () => {
  const scene = stage({ stalled: true });
  await asked(scene);
  expect(scene.state()).toMatchObject({ phase: "idle", turns: [], notice: { message: "the microphone gave no sound" } });
  expect(scene.said.at(-1)).toBe("resume");
});

test("an answer told again after a break replaces what was shown", async () => {
  const scene = stage();
  await scene.conversation.askText("why?");
  scene.hear({ type: "answer_text", queryId: "q", delta: "Beca" });
  scene.hear({ type: "answer_restarted", queryId: "q" });
  scene.hear({ type: "answer_text", queryId: "q", delta: "Because." });
  expect(scene.state().turns[0]?.answer).toBe("Because.");
});

test("a question that fails keeps the name under which whoever runs the server finds it", async () => {
  const scene = stage();
  await asked(scene);
  scene.hear({ type: "error", queryId: "q", code: "engine_failed", message: "it cannot be reached", retryable: true, correlation: "q" });
  expect(scene.state().turns).toMatchObject([{ failure: { code: "engine_failed", correlation: "q" } }]);
});

test("something else is asked in a conversation of its own, and without a place", async () => {
  const scene = stage();
  await scene.conversation.askText("first");
  scene.hear({ type: "answer_done", queryId: "q", sessionId: "s", generated: false, found: true, timings: {}, usage });
  scene.conversation.choose([{ lectureId: "l" }]);
  expect(scene.state().turns.length, "the same is no change").toBe(1);
  scene.conversation.choose("everything");
  expect(scene.state()).toMatchObject({ turns: [], sessionId: null });
  await scene.conversation.askText("second");
  expect(scene.request()).toMatchObject({ scope: "everything", sessionId: null, playhead: null });
});

test("an earlier conversation goes on with what it was about", async () => {
  const scene = stage();
  const session = { sessionId: "old", lectureId: "", state: "open", created: 0, active: 0, expires: 0, turnCount: 0 };
  scene.conversation.load({ ...session, documentId: "d" });
  expect(matterOf(scene.state().scope)).toBe("document");
  scene.conversation.load({ ...session, sources: [{ documentId: "d" }, { lectureId: "l" }] });
  await scene.conversation.askText("and then?");
  expect(scene.request()).toMatchObject({ scope: [{ documentId: "d" }, { lectureId: "l" }], sessionId: "old", playhead: null });
});

test("an answer that was still written when its thread was loaded is open only where more of it comes", () => {
  const { conversation } = stage();
  const session = { sessionId: "s", lectureId: "l", turns: [{ queryId: "q", question: "Why?", answer: "Because", citations: [], generated: false, found: true, asked: 1, state: "answering" }] } as never;
  const turn = () => conversation.state.get().turns.map(({ done, interrupted }) => ({ done, interrupted }));
  conversation.load(session, true);
  expect(turn()).toEqual([{ done: false, interrupted: false }]);
  conversation.load(session);
  expect(turn()).toEqual([{ done: true, interrupted: true }]);
});

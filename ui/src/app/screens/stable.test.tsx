/** What the screens hand to what they show, while a question is asked. */
import { act, cleanup, render, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";
import type { Conversation } from "@/features/ask/conversation";
import type { Bridge } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import { Cell } from "@/shared/store/watch";
import { DocumentScreen } from "./document";
import { LectureScreen } from "./lecture";

type Props = Record<string, unknown>;
const given = vi.hoisted(() => new Map<string, Props[]>());
const mocked = vi.hoisted(() => (name: string) => (props: Props) => {
  given.set(name, [...(given.get(name) ?? []), props]);
  return null;
});
vi.mock("@/features/ask/ask-panel", () => ({ AskPanel: mocked("panel") }));
vi.mock("@/features/lecture/player", () => ({ Player: mocked("player"), PlayerNote: () => null }));
vi.mock("@/features/lecture/transcript", () => ({ Transcript: mocked("transcript") }));
vi.mock("@/features/document/reader", () => ({ Reader: () => null }));

afterEach(() => {
  cleanup();
  given.clear();
});

const nothing = async () => null;
const bridge = {
  connection: new Cell({ phase: "open" }),
  lectures: {
    state: new Cell({ list: [{ lectureId: "l", title: "Waves", state: "ready", duration: 9, own: true }], corrected: {} }),
    transcript: async () => ({ phrases: [{ from: 0, to: 3, text: "Waves roll.", confidence: 1 }] }),
    report: nothing,
    waveform: nothing,
  },
  documents: { state: new Cell({ list: [{ documentId: "d", title: "Tides", canBeAsked: true, pages: 2, hasPictures: false }] }), outline: async () => [] },
  server: { discovery: nothing },
  sessions: { get: nothing },
  devices: { route: () => undefined },
  asking: {},
  recorder: { state: new Cell({ phase: "ready" }), level: new Cell(0), allowed: async () => false, close: () => undefined },
  speaker: { speaking: new Cell(false), hush: () => undefined },
} as unknown as Bridge;

const visit = { at: null, page: null, until: null, words: null, session: null, ask: null, visit: null };

/** Whatever is handed on as it was before is drawn no second time, and neither are the earlier turns. */
test.each<[string, ReactNode, Record<string, string[]>]>([
  ["a lecture", <LectureScreen key="l" {...visit} id="l" />, { panel: ["conversation", "own", "onPlay", "onShow", "beside"], player: ["playback", "points", "phrases", "chapters", "cited"], transcript: ["playback", "phrases", "cited", "show", "onCorrect"] }],
  ["a document", <DocumentScreen key="d" {...visit} id="d" />, { panel: ["conversation", "own", "onPlay", "onShow", "beside"] }],
])("%s hands on the same while a question is asked", async (_, screen, kept) => {
  render(<BridgeProvider bridge={bridge}>{screen}</BridgeProvider>);
  const last = (name: string) => given.get(name)?.at(-1) ?? {};
  await waitFor(() => expect(Object.keys(last("panel"))).not.toEqual([]), { timeout: 10_000 });
  // What is fetched has arrived.
  await act(async () => undefined);
  const { state } = last("panel")["conversation"] as Conversation;
  // The first change of phase brings the conversation to the front.
  for (const phase of ["opening", "listening", "sending"] as const) {
    const before = Object.fromEntries(Object.keys(kept).map((name) => [name, last(name)]));
    const drawn = given.get("panel")?.length ?? 0;
    act(() => state.update((was) => ({ ...was, phase })));
    expect(given.get("panel")?.length, "it was drawn again").toBeGreaterThan(drawn);
    for (const [name, props] of Object.entries(kept)) for (const prop of props) expect(Object.is(last(name)[prop], before[name]?.[prop]), `${name}: ${prop}, ${phase}`).toBe(true);
  }
});

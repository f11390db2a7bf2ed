/** What a screen reader is told of a conversation, and which thread an address goes on with. */
import { act, cleanup, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import { Failure, code } from "@/shared/failure";
import { prefer } from "@/shared/preferences";
import { Cell } from "@/shared/store/watch";
import { LiveRegion } from "@/shared/ui/live";
import { Notice } from "./notice";
import type { Conversation } from "./conversation";
import { useSpoken } from "./use-spoken";
import { useThread } from "./use-thread";

afterEach(() => {
  cleanup();
  prefer({ speak: true, talk: "hold" });
});

const turn = { id: "t", question: "Why?", answer: "Because. [1] So it is. [2]", done: false, failure: null, asked: Date.now() };

function Spoken({ conversation }: { conversation: Conversation }) {
  useSpoken(conversation);
  return <LiveRegion />;
}

function listen() {
  const state = new Cell({ phase: "idle", turns: [] as object[], notice: null as Failure | null });
  render(<Spoken conversation={{ state } as unknown as Conversation} />);
  const said = () => screen.getByTestId("live").textContent;
  const tell = (change: object) => act(() => state.update((was) => ({ ...was, ...change })));
  return { said, tell };
}

test("how listening ends is said as it is", () => {
  const { said, tell } = listen();
  tell({ phase: "listening" });
  expect(said()).toBe("Listening. Let go to send.");
  tell({ phase: "idle" });
  prefer({ talk: "handsFree" });
  tell({ phase: "listening" });
  expect(said()).toBe("Listening. I stop when you pause.");
});

test("an answer that is not heard is read out without its marks, and one that is heard is not", () => {
  const { said, tell } = listen();
  tell({ turns: [turn] });
  tell({ turns: [{ ...turn, done: true }] });
  expect(said()).toBe("You asked: Why?");
  tell({ turns: [{ ...turn, id: "u", question: "How?" }], notice: new Failure(code.mute, "it has no voice") });
  tell({ turns: [{ ...turn, id: "u", question: "How?", done: true }] });
  expect(said()).toBe("Because. So it is.");
});

function Threaded({ conversation }: { conversation: Conversation }) {
  useThread("s", conversation);
  return null;
}

function arrive(get: () => Promise<object>) {
  const connection = new Cell({ phase: "waiting" });
  const conversation = { state: new Cell({ phase: "idle", turns: [] as object[] }), load: vi.fn(), tell: vi.fn() };
  const bridge = { sessions: { get }, connection } as unknown as Bridge;
  render(
    <BridgeProvider bridge={bridge}>
      <Threaded conversation={conversation as unknown as Conversation} />
    </BridgeProvider>,
  );
  return { connection, conversation };
}

test("a thread that is gone is said to be", async () => {
  const { conversation } = arrive(async () => Promise.reject(new Failure("not_found", "there is no such session")));
  await waitFor(() => expect(conversation.tell).toHaveBeenCalled());
  const [failure] = conversation.tell.mock.calls[0] as [Failure];
  render(<Notice failure={failure} onDismiss={vi.fn()} onRetry={vi.fn()} />);
  expect(screen.getByText("This conversation is not here any more")).toBeTruthy();
});

test("an answer that is still written is looked at until it is whole", async () => {
  vi.useFakeTimers();
  try {
    const at = (state: string) => ({ sessionId: "s", turns: [{ state }] });
    const get = vi.fn().mockResolvedValueOnce(at("answering")).mockResolvedValue(at("done"));
    const { conversation } = arrive(get);
    await act(() => vi.advanceTimersByTimeAsync(100));
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    expect(conversation.load.mock.calls).toEqual([[at("answering"), true], [at("done"), false]]);
    expect(get).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test("an answer that takes minutes is looked at as long as it is written, ever more seldom, and a look that fails ends nothing", async () => {
  vi.useFakeTimers();
  try {
    const at = (state: string) => ({ sessionId: "s", turns: [{ state }] });
    const minutes = async (n: number) => {
      for (let second = 0; second < n * 60; second++) await act(() => vi.advanceTimersByTimeAsync(1_000));
    };
    const get = vi.fn(async () => at("answering"));
    const { conversation } = arrive(get);
    await minutes(1);
    const first = get.mock.calls.length;
    get.mockRejectedValueOnce(new Failure("server_error", "it is not well", true));
    await minutes(5);
    expect(conversation.tell).toHaveBeenCalledTimes(1);
    expect(get.mock.calls.length - first).toBeGreaterThan(5);
    expect(get.mock.calls.length - first).toBeLessThan(5 * first);
    expect(conversation.load).toHaveBeenLastCalledWith(at("answering"), true);
    get.mockResolvedValue(at("done"));
    await minutes(1);
    expect(conversation.load).toHaveBeenLastCalledWith(at("done"), false);
    const all = get.mock.calls.length;
    await minutes(5);
    expect(get).toHaveBeenCalledTimes(all);
  } finally {
    vi.useRealTimers();
  }
});

test("looks that go on failing are said once, until one has worked", async () => {
  vi.useFakeTimers();
  try {
    const minute = async () => {
      for (let second = 0; second < 60; second++) await act(() => vi.advanceTimersByTimeAsync(1_000));
    };
    const at = { sessionId: "s", turns: [{ state: "answering" }] };
    const ill = async () => Promise.reject(new Failure("server_error", "it is not well", true));
    const well = async () => ({ ...at });
    const get = vi.fn<() => Promise<object>>(well);
    const { conversation } = arrive(get);
    for (let time = 1; time <= 2; time++) {
      await minute();
      const [looks, loads] = [get.mock.calls.length, conversation.load.mock.calls.length];
      get.mockImplementation(ill);
      for (let n = 0; n < 3; n++) await minute();
      expect(get.mock.calls.length - looks).toBeGreaterThan(2);
      expect(conversation.tell).toHaveBeenCalledTimes(time);
      expect(conversation.load.mock.calls.length, "loading would take the notice away").toBe(loads);
      get.mockImplementation(well);
    }
  } finally {
    vi.useRealTimers();
  }
});

test("a thread that could not be fetched comes when the server is back, unless another was begun meanwhile", async () => {
  const found = { sessionId: "s" };
  for (const asked of [false, true]) {
    const get = vi.fn().mockRejectedValueOnce(new Failure("server_unreachable", "away", true)).mockResolvedValue(found);
    const { connection, conversation } = arrive(get);
    await waitFor(() => expect(conversation.tell).toHaveBeenCalled());
    if (asked) conversation.state.update((was) => ({ ...was, phase: "listening" }));
    act(() => connection.set({ phase: "open" }));
    await waitFor(() => expect(get).toHaveBeenCalledTimes(2));
    await act(async () => undefined);
    expect(conversation.load).toHaveBeenCalledTimes(asked ? 0 : 1);
    cleanup();
  }
});

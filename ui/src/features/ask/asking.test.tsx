/** What a person sees of what is asked, and of where an answer comes from. */
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge, Scope } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import { Failure, code } from "@/shared/failure";
import type { CitationDto } from "@/shared/protocol";
import { soon } from "@/shared/soon";
import { Cell } from "@/shared/store/watch";
import { AskPanel } from "./ask-panel";
import type { Conversation, ConversationState, Turn } from "./conversation";
import { Notice } from "./notice";
import { ScopeChoice } from "./scope-choice";
import { TurnView } from "./turn";

afterEach(cleanup);

const bridge = {
  lectures: { state: new Cell({ list: [{ lectureId: "l", title: "Waves", state: "ready" }, { lectureId: "w", title: "Later", state: "transcribing" }] }) },
  documents: { state: new Cell({ list: [{ documentId: "d", title: "On Tides", canBeAsked: true }, { documentId: "x", title: "Unread", canBeAsked: false }] }) },
  recorder: { level: new Cell(0) },
} as unknown as Bridge;

function choose(scope: Scope, turns: object[] = []) {
  const chosen = vi.fn();
  const conversation = { state: new Cell({ scope, turns }), choose: chosen } as unknown as Conversation;
  render(
    <BridgeProvider bridge={bridge}>
      <ScopeChoice conversation={conversation} own={{ documentId: "d" }} />
    </BridgeProvider>,
  );
  fireEvent.click(screen.getByTestId("scope"));
  return chosen;
}

const confirm = () => fireEvent.submit(screen.getByRole("button", { name: "Ask these" }).closest("form") as HTMLFormElement);

test("a few sources are chosen among those that can be asked", () => {
  const chosen = choose([{ documentId: "d" }], [{}]);
  expect(screen.getByTestId("scope").textContent).toBe("Asks this document");
  fireEvent.click(screen.getByRole("radio", { name: /Only from these/ }));
  expect(screen.getAllByRole("checkbox").length, "what is not ready is not there").toBe(2);
  fireEvent.click(screen.getByRole("checkbox", { name: "Waves" }));
  expect(screen.getByText(/begins a new conversation/)).toBeTruthy();
  confirm();
  expect(chosen).toHaveBeenCalledWith([{ documentId: "d" }, { lectureId: "l" }]);
});

test("what is asked already is seen first, and stays there when it is ticked off", () => {
  choose([{ lectureId: "l" }]);
  const names = () => screen.getAllByRole("checkbox").map((box) => box.closest("label")?.textContent);
  expect(names()).toEqual(["Waves", "On Tides"]);
  fireEvent.click(screen.getByRole("checkbox", { name: "Waves" }));
  expect(names()).toEqual(["Waves", "On Tides"]);
});

test("everything is a choice, and no source at all means the one that is open", () => {
  let chosen = choose([{ documentId: "d" }]);
  fireEvent.click(screen.getByRole("radio", { name: /Everything I may see/ }));
  confirm();
  expect(chosen).toHaveBeenCalledWith("everything");
  cleanup();
  chosen = choose([{ documentId: "d" }, { lectureId: "l" }]);
  expect(screen.getByTestId("scope").textContent).toBe("Asks 2 sources");
  for (const box of screen.getAllByRole("checkbox")) fireEvent.click(box);
  confirm();
  expect(chosen).toHaveBeenCalledWith([{ documentId: "d" }]);
});

test("the word that is heard is marked where it stands, and only while the answer is spoken", () => {
  const turn: Turn = { id: "t", question: "Why?", answer: "So 🌊. [1] And so.", citations: [], done: true, interrupted: false, generated: false, found: true, failure: null, asked: 1 };
  const marked = (speaking: boolean, word: Turn["word"]) => {
    cleanup();
    const { container } = render(
      <BridgeProvider bridge={bridge}>
        <TurnView turn={{ ...turn, word }} matter="lecture" speaking={speaking} onPlay={vi.fn()} onShow={vi.fn()} onAgain={vi.fn()} onEdit={vi.fn()} beside={undefined} keep={undefined} />
      </BridgeProvider>,
    );
    expect(container.querySelector(".answer")?.textContent, "the words are the same").toBe("So 🌊. And so.");
    return [...container.querySelectorAll(".heard-word")].map(({ textContent }) => textContent);
  };
  expect(marked(true, { from: 0, to: 2 })).toEqual(["So"]);
  expect(marked(true, { from: 10, to: 13 })).toEqual(["And"]);
  expect(marked(true, { from: 6, to: 9 }), "a mark of a source is no word").toEqual([]);
  expect(marked(false, { from: 0, to: 2 })).toEqual([]);
});

test("a citation names its page or its second, and which of several sources it is of", () => {
  const said: CitationDto = { number: 1, lectureId: "l", passageId: "p", from: 62, to: 65, excerpt: "waves roll", score: 1 };
  const printed: CitationDto = { ...said, number: 2, lectureId: "", documentId: "d", from: 0, to: 0, pages: { from: 12, to: 12 }, excerpt: "the moon pulls" };
  const turn: Turn = { id: "t", question: "Why?", answer: "So. [1] And so. [2]", citations: [said, printed], done: true, interrupted: false, generated: false, found: true, failure: null, asked: 1 };
  const [play, show, beside] = [vi.fn(), vi.fn(), vi.fn()];
  render(
    <BridgeProvider bridge={bridge}>
      <TurnView turn={turn} matter="several" speaking={false} onPlay={play} onShow={show} onAgain={vi.fn()} onEdit={vi.fn()} beside={beside} keep={undefined} />
    </BridgeProvider>,
  );
  expect(screen.getAllByTestId("citation").map(({ textContent }) => textContent)).toEqual(["1:02", "p. 12"]);
  fireEvent.click(screen.getAllByRole("button", { name: "Open source 2, p. 12" })[0] as Element);
  expect(play).toHaveBeenCalledWith(printed);
  fireEvent.click(screen.getByRole("button", { name: /^Show p\. 12: .*the moon pulls$/ }));
  expect(show).toHaveBeenCalledWith(printed);
  expect(screen.getByText("On Tides")).toBeTruthy();
  expect(beside).toHaveBeenCalledWith([said, printed]);
  expect(screen.getByText("In their own sentences")).toBeTruthy();
});

test("what was answered to its end can be kept, and nothing else", () => {
  const answered: Turn = { id: "t", question: "Why?", answer: "So.", citations: [], done: true, interrupted: false, generated: false, found: true, failure: null, asked: 1, queryId: "q" };
  const offered = (part: Partial<Turn>) => {
    cleanup();
    render(
      <BridgeProvider bridge={bridge}>
        <TurnView turn={{ ...answered, ...part }} matter="lecture" speaking={false} onPlay={vi.fn()} onShow={vi.fn()} onAgain={vi.fn()} onEdit={vi.fn()} beside={undefined} keep={({ queryId }) => `keep ${queryId}`} />
      </BridgeProvider>,
    );
    return document.body.textContent?.includes("keep q");
  };
  expect(offered({})).toBe(true);
  expect([{ done: false }, { interrupted: true }, { found: false }, { answer: "" }, { failure: new Failure(code.stopped, "stopped") }, { generated: true }].map(offered)).toEqual([false, false, false, false, false, false]);
});

test("an answer of a model that nothing stands behind says so, and one with a citation does not", () => {
  const said: CitationDto = { number: 1, lectureId: "l", passageId: "p", from: 62, to: 65, excerpt: "waves roll", score: 1 };
  const turn: Turn = { id: "t", question: "Why?", answer: "So.", citations: [], done: true, interrupted: false, generated: true, found: true, failure: null, asked: 1 };
  const facts = (of: Turn) => {
    cleanup();
    const { container } = render(
      <BridgeProvider bridge={bridge}>
        <TurnView turn={of} matter="lecture" speaking={false} onPlay={vi.fn()} onShow={vi.fn()} onAgain={vi.fn()} onEdit={vi.fn()} beside={undefined} keep={undefined} />
      </BridgeProvider>,
    );
    return [...container.querySelectorAll(".turn-facts span")].map(({ textContent }) => textContent);
  };
  const written = "Written by a language model from this lecture";
  expect(facts(turn)).toEqual(["No place in this lecture was found that holds it", written]);
  expect(facts({ ...turn, citations: [said] })).toEqual([written]);
});

test("a press draws no earlier turn again, and measures nothing before the next drawing", async () => {
  const turn = (id: string): Turn => ({ id, question: "Why?", answer: "So.", citations: [], done: true, interrupted: false, generated: false, found: true, failure: null, asked: 1 });
  const answering = { phase: "speaking", scope: [{ documentId: "d" }], latched: false, turns: [turn("a"), { ...turn("b"), done: false }], sessionId: "s", notice: null } as ConversationState;
  const conversation = { state: new Cell(answering), again: vi.fn() } as unknown as Conversation & { state: Cell<ConversationState> };
  const [nothing, drawn, measured] = [vi.fn(), vi.fn(), vi.fn(() => 2_000)];
  const beside = () => void drawn();
  render(
    <BridgeProvider bridge={bridge}>
      <AskPanel conversation={conversation} own={{ documentId: "d" }} suggestion={undefined} onPlay={nothing} onShow={nothing} onContinue={null} beside={beside} />
    </BridgeProvider>,
  );
  expect(drawn).toHaveBeenCalledTimes(1);
  const box = screen.getByRole("log");
  Object.defineProperty(box, "scrollHeight", { get: measured });
  const turns = answering.turns.map((one) => (one.done ? one : { ...one, done: true, interrupted: true }));
  act(() => conversation.state.set({ ...answering, phase: "listening", turns }));
  expect(screen.getByTestId("listening")).toBeTruthy();
  expect(drawn, "only the one that was interrupted").toHaveBeenCalledTimes(2);
  expect(measured).not.toHaveBeenCalled();
  await soon(() => expect(box.scrollTop).toBe(2_000));
});

test("a question that was as long as one can be is said to be sent, and no microphone is to blame", () => {
  render(<Notice failure={new Failure(code.fullQuestion, "full")} onDismiss={vi.fn()} onRetry={vi.fn()} />);
  expect(screen.getByRole("alert").textContent).toBe("That was as long as a question can beIt was sent as far as it went.");
  expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
});

/** Packs as they are seen: what is kept, learned from, put right and taken along. */
import { act, cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Bridge, Standing } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import type { Packs as Ways } from "@/shared/bridge/packs";
import { Failure } from "@/shared/failure";
import { prefer, preferences } from "@/shared/preferences";
import type { CardDto, CitationDto, PackDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import { announce, LiveRegion } from "@/shared/ui/live";
import { Keep } from "./keep";
import { Pack } from "./pack";
import { Packs } from "./packs";

const tides: PackDto = { packId: "p", title: "Tides", own: true, public: false, cards: 2, created: 1 };
const waves: PackDto = { packId: "w", title: "Waves", own: true, public: false, cards: 1, created: 1 };
const shared: PackDto = { packId: "s", title: "Winds", own: false, ownerName: "Ada", public: true, cards: 1, created: 1 };
const said: CitationDto = { number: 1, lectureId: "l", passageId: "a", from: 62, to: 65, excerpt: "the moon pulls", score: 1 };
const printed: CitationDto = { ...said, number: 3, lectureId: "", documentId: "d", from: 0, to: 0, pages: { from: 12, to: 12 } };
const first: CardDto = { cardId: "1", question: "why tides?", answer: "The moon. [1] The sun. [2] Both. [3]", citations: [said, printed], withheld: 1, kept: 1 };
const second: CardDto = { cardId: "2", question: "What is [4]?", answer: "Written [4] by hand.", citations: [], withheld: 0, kept: 2 };
const lecturer: Standing = { state: "signed_in", account: { accountId: "a", email: "ada@example.org", role: "lecturer", identityId: "i", created: 1 } };

beforeEach(() => {
  HTMLMediaElement.prototype.play = vi.fn(async () => undefined);
  HTMLMediaElement.prototype.pause = vi.fn();
  HTMLMediaElement.prototype.load = vi.fn();
});

afterEach(() => {
  cleanup();
  prefer({ pack: "" });
});

const save = vi.fn(async () => true);
const audio = vi.fn(async () => "blob:sound");

function show(what: React.ReactElement, ways: Partial<Ways>, standing: Standing = { state: "guest" }, lectures: object[] | null = [{ lectureId: "l", title: "Week 1" }]) {
  const who = new Cell(standing);
  const bridge = {
    packs: ways,
    sessions: { save },
    classes: { list: async () => [] },
    lectures: { state: new Cell({ list: lectures ?? undefined }), audio },
    documents: { state: new Cell({ list: [{ documentId: "d", title: "On Tides" }] }) },
    devices: { route: () => undefined },
    accounts: { standing: who },
    connection: new Cell({ phase: "open" }),
  } as unknown as Bridge;
  render(<BridgeProvider bridge={bridge}>{what}</BridgeProvider>);
  return who;
}

function learn(ways: Partial<Ways> = {}, own = true, card: string | null = null) {
  const [onCard, onOpen, onGone] = [vi.fn(), vi.fn(), vi.fn()];
  show(<Pack id="p" card={card} onCard={onCard} onOpen={onOpen} onGone={onGone} />, { get: async () => ({ pack: { ...tides, own }, cards: [first, second] }), ...ways });
  return { onCard, onOpen, onGone };
}

const press = (key: string, at: Element = document.body) => fireEvent.keyDown(at, { key });
const question = () => screen.getByTestId("card").querySelector("h2")?.textContent;
const choose = (menu: RegExp | string, item: string) => {
  fireEvent.click(screen.getByRole("button", { name: menu }));
  fireEvent.click(screen.getByRole("menuitem", { name: item }));
};
const confirm = (name: string) => fireEvent.submit(within(screen.getByRole("dialog")).getByRole("button", { name }).closest("form") as HTMLFormElement);

test("whoever has no pack is told what one is, and makes one", async () => {
  let mine: PackDto[] = [];
  const make = vi.fn(async (title: string) => (mine = [{ ...tides, title }])[0] as PackDto);
  show(<Packs />, { list: async () => mine, make });
  await screen.findByText(/press Keep below the answer/);
  fireEvent.click(screen.getByRole("button", { name: "New pack" }));
  fireEvent.change(screen.getByLabelText("Name of the pack"), { target: { value: "The sea" } });
  confirm("Make it");
  expect((await screen.findByRole("link", { name: "The sea" })).getAttribute("href")).toBe("#/packs/p");
  expect(screen.queryByText(/press Keep below the answer/)).toBeNull();
});

test("a server without packs says so", async () => {
  show(<Packs />, { list: async () => null });
  await screen.findByText("This server has no packs");
});

test("one's own can be changed, somebody else's only taken along, and sharing is for those who teach", async () => {
  const items = (title: string) => {
    fireEvent.click(screen.getByRole("button", { name: `More for ${title}` }));
    const found = screen.getAllByRole("menuitem").map(({ textContent }) => textContent);
    fireEvent.keyDown(screen.getAllByRole("menuitem")[0] as Element, { key: "Escape" });
    return found;
  };
  show(<Packs />, { list: async () => [tides, shared] }, lecturer);
  await screen.findByText(/2 cards .* Added by you/);
  screen.getByText(/1 card .* From Ada/);
  expect(items("Tides")).toEqual(["Rename", "Share…", "Download for Anki", "Delete"]);
  expect(items("Winds")).toEqual(["Download for Anki"]);
  cleanup();
  show(<Packs />, { list: async () => [tides] });
  await screen.findByText("Tides");
  expect(items("Tides")).toEqual(["Rename", "Download for Anki", "Delete"]);
});

test("a pack is shown to everybody from the dialog of lectures", async () => {
  const publish = vi.fn(async () => undefined);
  show(<Packs />, { list: async () => [tides], publish }, lecturer);
  await screen.findByText("Tides");
  choose("More for Tides", "Share…");
  await screen.findByText("You are in no class yet.");
  fireEvent.click(screen.getByRole("checkbox", { name: /Everybody on this server/ }));
  confirm("Save");
  await waitFor(() => expect(publish).toHaveBeenCalledWith("p", true));
});

test("a pack is taken along for Anki under its name", async () => {
  const heard = () => screen.getByTestId("live").textContent;
  show(
    <>
      <Packs />
      <LiveRegion />
    </>,
    { list: async () => [{ ...tides, title: "Ebb & flow" }], anki: async () => "#separator:tab\n" },
  );
  await screen.findByText("Ebb & flow");
  choose("More for Ebb & flow", "Download for Anki");
  await waitFor(() => expect(save).toHaveBeenCalledWith("Ebb-flow.txt", "#separator:tab\n"));
  await waitFor(() => expect(heard()).toBe("Downloaded"));
  act(() => announce(""));
  save.mockResolvedValueOnce(false);
  choose("More for Ebb & flow", "Download for Anki");
  await waitFor(() => expect(save).toHaveBeenCalledTimes(2));
  await act(async () => undefined);
  expect(heard(), "whoever changes their mind has nothing").toBe("");
});

test("the space bar shows the answer and then the next card, arrows turn the cards, and fields keep their keys", async () => {
  const { onCard } = learn();
  await screen.findByText("Card 1 of 2");
  expect(screen.queryByTestId("answer")).toBeNull();
  press(" ");
  expect(screen.getByTestId("answer").querySelector("p")?.textContent, "a mark stands where its source may be opened").toBe("The moon.1 The sun. Both.3");
  screen.getByText("1 source is not shown: you may not open it, or it is gone.");
  press(" ");
  expect(question()).toBe("What is [4]?");
  expect(onCard).toHaveBeenLastCalledWith("2");
  expect(screen.queryByTestId("answer"), "the next answer is not told before it is asked for").toBeNull();
  // A button that turns the cards gives its space to the answer.
  press(" ", screen.getByRole("button", { name: "Next card (→)" }));
  expect(screen.getByTestId("answer").textContent, "what somebody wrote is shown as it is").toBe("Written [4] by hand.");
  press("ArrowRight");
  expect(question(), "from the last one it goes on with the first").toBe("why tides?");
  press("ArrowLeft");
  expect(question()).toBe("What is [4]?");
  press(" ", screen.getByRole("button", { name: "More for this card" }));
  expect(screen.queryByTestId("answer"), "another button keeps its space").toBeNull();
  choose("More for this card", "Edit the card");
  press("ArrowLeft", screen.getByLabelText("Answer"));
  expect(question()).toBe("What is [4]?");
});

test("a source is heard where it is a lecture's, and opened where it is a page or its words are wanted", async () => {
  const { onOpen } = learn();
  fireEvent.click(await screen.findByRole("button", { name: "Show answer" }));
  expect(screen.getAllByTestId("citation").map(({ textContent }) => textContent)).toEqual(["1:02", "p. 12"]);
  screen.getByText("Week 1");
  fireEvent.click(screen.getAllByRole("button", { name: "Play source 1 at 1:02" })[0] as Element);
  expect(audio).toHaveBeenCalledWith("l");
  expect(onOpen).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Stop" }));
  fireEvent.click(screen.getAllByRole("button", { name: "Open source 3, p. 12" })[0] as Element);
  expect(onOpen).toHaveBeenLastCalledWith(printed);
  fireEvent.click(screen.getByRole("button", { name: /^Show 1:02: .*the moon pulls$/ }));
  expect(onOpen).toHaveBeenLastCalledWith(said);
});

test("a source that cannot be heard says why, and without the list of lectures none is said to be gone", async () => {
  audio.mockRejectedValueOnce(new Failure("server_unreachable", "the server does not answer", true));
  show(<Pack id="p" card={null} onCard={vi.fn()} onOpen={vi.fn()} onGone={vi.fn()} />, { get: async () => ({ pack: tides, cards: [first] }) }, undefined, null);
  fireEvent.click(await screen.findByRole("button", { name: "Show answer" }));
  expect(document.querySelectorAll(".citation-title").length, "what is a page's is known").toBe(1);
  fireEvent.click(screen.getAllByTestId("citation")[0] as Element);
  expect((await screen.findByRole("alert")).textContent).toBe("The server does not answer.");
  expect(screen.queryByText("The lecturer’s own words")).toBeNull();
});

test("nothing is turned below a dialog, by a key that is held, or while a selection grows", async () => {
  const discard = vi.fn(async () => undefined);
  discard.mockRejectedValueOnce(new Failure("server_unreachable", "the server does not answer", true));
  learn({ discard });
  await screen.findByText("Card 1 of 2");
  fireEvent.keyDown(document.body, { key: "ArrowRight", shiftKey: true });
  fireEvent.keyDown(document.body, { key: "ArrowRight", repeat: true });
  expect(question()).toBe("why tides?");
  expect(fireEvent.keyDown(screen.getByRole("button", { name: "Show answer" }), { key: "Enter", repeat: true }), "it clicks nothing").toBe(false);
  choose("More for this card", "Remove the card");
  confirm("Remove");
  await screen.findByText("The server does not answer.");
  press(" ");
  press("ArrowRight");
  expect(question()).toBe("why tides?");
  confirm("Remove");
  await screen.findByText("Card 1 of 1");
  expect(discard).toHaveBeenLastCalledWith("p", "1");
});

test("words are as they were written, and have a capital where they were asked", async () => {
  learn();
  await screen.findByText("Card 1 of 2");
  const asked = () => screen.getByTestId("card").querySelector("h2 .card-asked") !== null;
  expect(asked()).toBe(true);
  press("ArrowRight");
  expect(asked()).toBe(false);
});

test("whoever signs in sees their own packs, and those that everybody sees say so", async () => {
  const list = vi.fn(async () => [tides]);
  const who = show(<Packs />, { list });
  await screen.findByText("Tides");
  list.mockResolvedValue([{ ...waves, public: true }]);
  act(() => who.set(lecturer));
  await screen.findByText(/Everybody on this server sees it/);
  expect(screen.queryByText("Tides")).toBeNull();
  act(() => who.set({ ...lecturer, state: "ended" } as Standing));
  expect(list, "it is asked for once more when somebody signs in").toHaveBeenCalledTimes(2);
});

test("one comes back to the card one left, and what is gone says so", async () => {
  learn({}, true, "2");
  await screen.findByText("Card 2 of 2");
  expect(document.title).toBe("Tides · SynapScribe");
  cleanup();
  expect(document.title).toBe("Packs · SynapScribe");
  learn({ get: async () => Promise.reject(new Failure("not_found", "gone")) });
  await screen.findByText("This pack is not here");
});

test("a card is written, put right and removed by whoever has the pack, and by nobody else", async () => {
  const write = vi.fn(async (_id: string, words: object) => ({ ...second, cardId: "3", ...words }));
  const correct = vi.fn(async (_id: string, _card: string, words: object) => ({ ...first, ...words }));
  const discard = vi.fn(async () => undefined);
  learn({ write, correct, discard });
  await screen.findByText("Card 1 of 2");
  choose("More for this card", "Edit the card");
  fireEvent.change(screen.getByLabelText("Question"), { target: { value: " Why are there tides? " } });
  confirm("Save");
  await waitFor(() => expect(question()).toBe("Why are there tides?"));
  expect(correct).toHaveBeenCalledWith("p", "1", { question: "Why are there tides?", answer: first.answer });
  fireEvent.click(screen.getByRole("button", { name: "Write a card" }));
  fireEvent.change(screen.getByLabelText("Question"), { target: { value: "When?" } });
  fireEvent.change(screen.getByLabelText("Answer"), { target: { value: "Twice a day" } });
  confirm("Add it");
  await screen.findByText("Card 3 of 3");
  expect(write).toHaveBeenCalledWith("p", { question: "When?", answer: "Twice a day" });
  choose("More for this card", "Remove the card");
  confirm("Remove");
  await screen.findByText("Card 2 of 2");
  expect(discard).toHaveBeenCalledWith("p", "3");
  cleanup();
  learn({}, false);
  await screen.findByText("Card 1 of 2");
  expect(screen.queryByRole("button", { name: "Write a card" })).toBeNull();
  expect(screen.queryByRole("button", { name: "More for this card" })).toBeNull();
});

test("an answer is kept where one kept last, and the page says where it is", async () => {
  prefer({ pack: "w" });
  const keep = vi.fn(async () => first);
  show(<Keep turn={{ sessionId: "s", queryId: "q" }} title="Week 1" />, { list: async () => [tides, waves, shared], keep });
  fireEvent.click(screen.getByRole("button", { name: "Keep" }));
  const into = (await screen.findByLabelText("Pack")) as HTMLSelectElement;
  expect(into.value).toBe("w");
  expect([...into.options].map(({ text }) => text), "nobody else's").toEqual(["Tides", "Waves", "A new pack"]);
  confirm("Keep");
  expect((await screen.findByRole("link", { name: "Kept in “Waves”" })).getAttribute("href")).toBe("#/packs/w");
  expect(keep).toHaveBeenCalledWith("w", { sessionId: "s", queryId: "q" });
});

test("keeping waits for the packs, and tries again where they cannot be had", async () => {
  let refuse: (why: Failure) => void = () => undefined;
  const list = vi.fn(async () => [tides]);
  list.mockImplementationOnce(() => new Promise((_, reject) => (refuse = reject)));
  show(<Keep turn={{ sessionId: "s", queryId: "q" }} title="Week 1" />, { list });
  fireEvent.click(screen.getByRole("button", { name: "Keep" }));
  expect(screen.getByRole("button", { name: "Keep" }).getAttribute("aria-busy")).toBe("true");
  await act(async () => refuse(new Failure("unknown_product", "this is another server")));
  expect(screen.getByRole("alert").textContent).toBe("This is another server.");
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(((await screen.findByLabelText("Pack")) as HTMLSelectElement).value).toBe("p");
});

test("the first pack is called as what was asked, and made once, however often keeping fails", async () => {
  const make = vi.fn(async (title: string) => ({ ...tides, title }));
  const keep = vi.fn(async () => first);
  keep.mockRejectedValueOnce(new Failure("server_unreachable", "the server does not answer", true));
  show(<Keep turn={{ sessionId: "s", queryId: "q" }} title="Week 1" />, { list: async () => [], make, keep });
  fireEvent.click(screen.getByRole("button", { name: "Keep" }));
  expect(((await screen.findByLabelText("Name of the pack")) as HTMLInputElement).value).toBe("Week 1");
  confirm("Keep");
  await screen.findByText("The server does not answer.");
  confirm("Keep");
  await screen.findByRole("link", { name: "Kept in “Week 1”" });
  expect(make).toHaveBeenCalledTimes(1);
  expect(preferences.get().pack).toBe("p");
  await act(async () => undefined);
});

/** The library as it is seen. */
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge, DocumentsState, LecturesState, Standing, Upload } from "@/shared/bridge/bridge";
import type { Classes } from "@/shared/bridge/classes";
import { BridgeProvider } from "@/shared/bridge/context";
import { Failure } from "@/shared/failure";
import { prefer } from "@/shared/preferences";
import { pagesLeft, secondsLeft } from "@/shared/preferences/places";
import type { ClassDto, DocumentDto, LectureDto, ReportDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import { arrange, entries } from "./arrange";
import { Library } from "./library";
import { Report } from "./report";
import { Welcome } from "./welcome";

const lecture = (lectureId: string, title: string, more: Partial<LectureDto> = {}): LectureDto => ({
  lectureId, title, state: "ready", progress: 1, duration: 60, created: 1, own: true, addedBy: "you", s3Key: "k", ...more,
});

const book = (documentId: string, title: string, more: Partial<DocumentDto> = {}): DocumentDto => ({
  documentId, title, kind: "pdf", state: "ready", progress: 1, canBeAsked: true, pages: 30, failedPages: 0, hasPictures: true, hasCover: true, notes: [], created: 1, own: true, s3Key: "k", ...more,
});

afterEach(cleanup);

function show(list: LectureDto[] | undefined, extra: Partial<LecturesState> = {}, sending: Partial<Upload>[] = [], books: Partial<DocumentsState> = {}, standing: Standing = { state: "guest" }, classes: Partial<Classes> = {}) {
  const state = new Cell<LecturesState>({ list, windows: {}, corrected: {}, ...extra });
  const rename = vi.fn(async () => undefined);
  const pick = vi.fn(async () => undefined);
  const uploads = { list: new Cell(sending), pick };
  const remove = vi.fn(async () => undefined);
  const unread = vi.fn(async () => [{ number: 3, error: { code: "page_unreadable", message: "its fonts are broken", retryable: false } }]);
  const documents = { state: new Cell<DocumentsState>({ list: [], steps: {}, ...books }), remove, unread, refresh: async () => undefined };
  const accounts = { standing: new Cell(standing) };
  const connection = new Cell({ phase: "open" });
  const bridge = { uploads, documents, classes, accounts, connection, lectures: { state, rename, refresh: async () => undefined } } as unknown as Bridge;
  const add = vi.fn();
  render(
    <BridgeProvider bridge={bridge}>
      <Library onAdd={add} welcome={null} classes={false} covers={false} />
    </BridgeProvider>,
  );
  return { state, add, rename, remove, pick };
}

test("an empty library teaches how to fill it", () => {
  const { add } = show([]);
  fireEvent.click(screen.getByText(/Drop lectures and books anywhere/));
  expect(add).toHaveBeenCalled();
});

test("documents that could not be listed are told, and nothing is called empty before it is known", () => {
  show([], {}, [], { list: undefined });
  expect(screen.queryByText(/Drop lectures and books anywhere/)).toBeNull();
  cleanup();
  const failure = new Failure("server_unreachable", "the server does not answer", true);
  show([lecture("1", "Waves")], {}, [], { list: undefined, failure });
  expect(screen.getByText("Documents could not be listed")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Waves" })).toBeTruthy();
});

test("what is not found is said of the kind that is shown", async () => {
  show([lecture("1", "Waves")], {}, [], { list: [book("2", "Tides")] });
  fireEvent.change(screen.getByLabelText("Show"), { target: { value: "document" } });
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "Waves" } });
  await screen.findByText("No document is called “Waves”");
});

test("a sample that failed is not said to be made ready", () => {
  const sample = { lectureId: "s", title: "Sample", question: "Why?" } as never;
  const see = (state: string) => {
    cleanup();
    render(<Welcome sample={sample} lecture={lecture("s", "Sample", { state })} places={[]} local />);
    return screen.queryByText(/being made ready/) !== null;
  };
  expect([see("making"), see("failed")]).toEqual([true, false]);
});

test("what was begun says where it was left", () => {
  secondsLeft.keep("1", 754.2);
  pagesLeft.keep("3", 12);
  pagesLeft.keep("4", 1);
  show([lecture("1", "Waves"), lecture("2", "Winds")], {}, [], { list: [book("3", "Tides"), book("4", "Shores")] });
  expect(screen.getAllByText(/^left at/).map(({ textContent }) => textContent)).toEqual(["left at 12:34", "left at p. 12"]);
});

test("the order stays as it was chosen, and how much is found is said", async () => {
  const list = [lecture("1", "Waves", { created: 2 }), lecture("2", "Tides", { created: 1 })];
  const titles = () => screen.getAllByRole("link").map(({ textContent }) => textContent);
  show(list);
  expect(titles()).toEqual(["Waves", "Tides"]);
  fireEvent.change(screen.getByLabelText("Sort by"), { target: { value: "title" } });
  cleanup();
  show(list);
  expect(titles()).toEqual(["Tides", "Waves"]);
  fireEvent.change(screen.getByRole("searchbox"), { target: { value: "wav" } });
  await screen.findByText("1 found");
  prefer({ order: "newest" });
});

test("a lecture being worked on shows its stage, one that failed says why, a ready one opens", () => {
  show(
    [
      lecture("1", "Working", { state: "transcribing", progress: 0.4 }),
      lecture("2", "Broken", { state: "failed", error: { code: "audio_silent", message: "it is silent; record it again", retryable: false } }),
      lecture("a b", "Ready"),
    ],
    { windows: { "1": { done: 2, total: 5 } } },
  );
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("40");
  expect(screen.getByText("2 of 5")).toBeTruthy();
  expect(screen.getByText(/It is silent; record it again\./)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Ready" }).getAttribute("href")).toBe("#/lecture/a%20b");
});

test("a lecture that is read from captions counts no parts", () => {
  show([lecture("1", "Read", { state: "transcribing", progress: 0.1 })], { windows: { "1": { done: 0, total: 0 } } });
  expect(screen.getByText("10%")).toBeTruthy();
  expect(screen.queryByText(/0 of 0/)).toBeNull();
});

test("a recording that was hard to hear is said to be", async () => {
  const report = (hardToHear: boolean): ReportDto => ({
    lectureId: "1", source: "recognised", duration: 45, speechShare: 0.9, silences: [], doubtful: [{ from: 1, to: 40 }], hardToHear,
    missing: [], skipped: [], notes: [], captionsRefused: false, words: 100, passages: 2,
  });
  const see = (hard: boolean) => {
    const bridge = { lectures: { report: async () => report(hard) } } as unknown as Bridge;
    render(<BridgeProvider bridge={bridge}><Report lectureId={`hard-${hard}`} own={hard} /></BridgeProvider>);
  };
  see(true);
  await screen.findByText(/hard to hear; captions would help\. Drop a caption file/);
  cleanup();
  see(false);
  await screen.findByText(/100 words/);
  expect(screen.queryByText(/hard to hear/)).toBeNull();
});

test("what is missing of a recording is counted once, and is led to", async () => {
  const report: ReportDto = {
    lectureId: "1", source: "recognised", duration: 600, speechShare: 0.9, silences: [], doubtful: [{ from: 90, to: 100 }], hardToHear: false,
    missing: [{ from: 200, to: 260 }], skipped: [{ from: 210, to: 250, reason: "it could not be heard" }], notes: [], captionsRefused: false, words: 100, passages: 2,
  };
  const bridge = { lectures: { report: async () => report }, connection: new Cell({ phase: "open" }) } as unknown as Bridge;
  render(<BridgeProvider bridge={bridge}><Report lectureId="missing" own /></BridgeProvider>);
  const said = (await screen.findAllByRole("listitem")).map(({ textContent }) => textContent?.trim());
  expect(said).toEqual(["Speech 90%", "Long silence none", "Doubtful 0:10 listen at 1:30", "Missing 1:00 listen at 3:20"]);
});

test("the sample is not said to be uploaded while it is made", () => {
  show([lecture("s", "Sample", { state: "making", progress: 0.02, addedBy: "sample" })], { windows: { s: { done: 12, total: 60 } } });
  expect(screen.getByText("Speaking the sample")).toBeTruthy();
  expect(screen.getByText("12 of 60")).toBeTruthy();
  expect(screen.queryByText("Uploading")).toBeNull();
});

test("what this page is sending is not listed twice", () => {
  const uploading = lecture("1", "Week 3", { state: "uploading" });
  show([uploading, lecture("2", "Elsewhere", { state: "uploading" })], {}, [{ lectureId: "1", state: "sending" }]);
  expect(screen.queryByText("Week 3")).toBeNull();
  expect(screen.getByText("Elsewhere")).toBeTruthy();
});

test("the menu is worked by keyboard and renames", () => {
  const { rename } = show([lecture("1", "Old name")]);
  fireEvent.click(screen.getByRole("button", { name: "More for Old name" }));
  fireEvent.keyDown(screen.getByRole("menu"), { key: "ArrowDown" });
  expect(document.activeElement?.textContent).toBe("Rename");
  fireEvent.click(document.activeElement as Element);
  fireEvent.change(screen.getByLabelText("Title"), { target: { value: " New name " } });
  fireEvent.submit(screen.getByLabelText("Title").closest("form") as HTMLFormElement);
  expect(rename).toHaveBeenCalledWith("1", "New name");
});

test("whoever leaves a dialog has the keyboard where it was opened, and in the list when its row is gone", async () => {
  const { state } = show([lecture("1", "One"), lecture("2", "Two")]);
  const more = screen.getByRole("button", { name: "More for One" });
  for (const leave of ["Cancel", "Rename"]) {
    fireEvent.click(more);
    fireEvent.click(screen.getByRole("menuitem", { name: "Rename" }));
    screen.getByLabelText("Title").focus();
    fireEvent.click(screen.getByRole("button", { name: leave }));
    await waitFor(() => expect(screen.queryByLabelText("Title")).toBeNull());
    expect(document.activeElement).toBe(more);
  }
  act(() => state.update((was) => ({ ...was, list: was.list?.slice(1) })));
  expect(document.activeElement).toBe(screen.getByRole("list", { name: "Library" }));
});

test("a rename that is refused says why and can be tried again", async () => {
  const { rename } = show([lecture("1", "Old name")]);
  rename.mockRejectedValueOnce({ code: "server_unreachable", message: "the server does not answer", retryable: true });
  fireEvent.click(screen.getByRole("button", { name: "More for Old name" }));
  fireEvent.click(screen.getByRole("menuitem", { name: "Rename" }));
  fireEvent.submit(screen.getByLabelText("Title").closest("form") as HTMLFormElement);
  expect((await screen.findByRole("alert")).textContent).toBe("The server does not answer.");
  fireEvent.submit(screen.getByLabelText("Title").closest("form") as HTMLFormElement);
  await waitFor(() => expect(screen.queryByLabelText("Title")).toBeNull());
});

test("a document shows its steps, opens as soon as it can be asked, and says what is wrong with it", () => {
  show([lecture("l", "Talk")], {}, [], {
    list: [
      book("1", "Being read", { kind: null, state: "extracting", canBeAsked: false, progress: 0.2 }),
      book("2", "Nearly there", { state: "embedding", progress: 0.7, failedPages: 2 }),
      book("3", "Locked", { state: "failed", canBeAsked: false, error: { code: "document_locked", message: "it asks for a password; take it off", retryable: false } }),
    ],
    steps: { "1": { done: 3, total: 30 } },
  });
  expect(screen.getByText("3 of 30")).toBeTruthy();
  expect(screen.queryByRole("link", { name: "Being read" })).toBeNull();
  expect(screen.getByRole("link", { name: "Nearly there" }).getAttribute("href")).toBe("#/document/2");
  expect(screen.getByText(/2 pages could not be read/)).toBeTruthy();
  expect(screen.getByText("It asks for a password; take it off.")).toBeTruthy();
});

test("a document that was read in part says which pages are missing, and how they may be read after all", async () => {
  const { pick } = show([], {}, [], { list: [book("d/1", "Shores", { failedPages: 1 })] });
  expect(screen.queryByText(/its fonts are broken/i)).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Which, and why" }));
  expect((await screen.findByRole("link", { name: "Page 3" })).getAttribute("href")).toBe("#/document/d%2F1?page=3");
  expect(screen.getByText(/Its fonts are broken\./)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Choose its file" }));
  expect(pick).toHaveBeenCalledWith("files");
});

test.each([
  ["somebody else's", { own: false }],
  ["one that is being made", { state: "embedding" }],
])("the file of %s is not asked for", async (_, more) => {
  show([], {}, [], { list: [book("2", "Tides", { failedPages: 1, ...more })] });
  fireEvent.click(screen.getByRole("button", { name: "Which, and why" }));
  await screen.findByRole("link", { name: "Page 3" });
  expect(screen.queryByRole("button", { name: "Choose its file" })).toBeNull();
});

test("a document is deleted after a question", () => {
  const { remove } = show([], {}, [], { list: [book("b", "Calculus")] });
  fireEvent.click(screen.getByRole("button", { name: "More for Calculus" }));
  fireEvent.click(screen.getByRole("menuitem", { name: "Delete" }));
  expect(remove).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  expect(remove).toHaveBeenCalledWith("b");
});

test("what others brought says whose it is, where that is known, and is found by it", () => {
  const others = { own: false, addedBy: "other" };
  const list = [lecture("1", "Tides", { ...others, ownerName: "Dr Ada Byron" }), lecture("2", "Waves", others), lecture("3", "Ebbs")];
  const books = [book("4", "Shores", { own: false, ownerName: "Dr Bo Ray" })];
  show(list, {}, [], { list: books });
  const whose = (title: string) => screen.getByRole("link", { name: title }).parentElement?.querySelector(".row-facts span:last-child")?.textContent;
  expect(["Tides", "Waves", "Ebbs", "Shores"].map(whose)).toEqual(["From Dr Ada Byron", "Shared with you", "Added by you", "From Dr Bo Ray"]);
  const found = (query: string) => arrange(entries(list, books), query, "title").map(({ id }) => id);
  expect([found("byron"), found("dr"), found("tides ada")]).toEqual([["1"], ["4", "1"], ["1"]]);
});

test("search finds beginnings of words without accents, in the order asked for", () => {
  const list = [lecture("1", "Théorie 2", { created: 1, duration: 9 }), lecture("2", "Theory 10", { created: 2, duration: 99 }), lecture("3", "Other", { created: 3 })];
  const all = entries(list, [book("4", "The sea", { created: 0, author: "Théa Lund", pages: 400 })]);
  const ids = (...how: [query: string, order: "title" | "newest" | "longest", shown?: "document"]) => arrange(all, ...how).map(({ id }) => id);
  expect(ids("theo", "title")).toEqual(["1", "2"]);
  expect(ids("thea", "title")).toEqual(["4"]);
  expect(ids("", "newest")).toEqual(["3", "2", "1", "4"]);
  expect(ids("", "longest")[0]).toBe("4");
  expect(ids("", "newest", "document")).toEqual(["4"]);
  expect(ids("eory", "title")).toEqual([]);
});

test("a lecturer shares a book with one class and no more with another, and nobody else is offered to", async () => {
  const lecturer: Standing = { state: "signed_in", account: { accountId: "a", email: "ada@example.org", role: "lecturer", identityId: "i", created: 1 } };
  const made = (classId: string, name: string): ClassDto => ({ classId, name, teaching: true, members: 1, sources: 1, created: 1 });
  const rooms = [made("a", "Algebra"), made("b", "Biology")];
  const calls: unknown[][] = [];
  const note = (what: string) => async (...all: unknown[]) => void calls.push([what, ...all]);
  const classes = {
    list: async () => rooms,
    get: async (id: string) => ({ class: rooms.find(({ classId }) => classId === id) as ClassDto, shown: id === "b" ? [{ source: { documentId: "1" }, title: "Shores", own: true, since: 1 }] : [], packs: [] }),
    share: note("share"),
    unshare: note("unshare"),
    publish: note("publish"),
  };
  show([], {}, [], { list: [book("1", "Shores")] }, lecturer, classes);
  fireEvent.click(screen.getByRole("button", { name: "More for Shores" }));
  fireEvent.click(screen.getByRole("menuitem", { name: "Share…" }));
  await waitFor(() => expect([...document.querySelectorAll<HTMLInputElement>(".share input")].map(({ checked }) => checked)).toEqual([false, true, false]));
  for (const name of ["Algebra", "Biology", /^Everybody/]) fireEvent.click(screen.getByLabelText(name));
  fireEvent.submit(document.querySelector("dialog form") as Element);
  await waitFor(() => expect(document.querySelector("dialog")).toBeNull());
  expect(calls).toEqual([["share", "a", { documentId: "1" }], ["unshare", "b", { documentId: "1" }], ["publish", { documentId: "1" }, true]]);
  cleanup();
  show([lecture("2", "Waves")]);
  fireEvent.click(screen.getByRole("button", { name: "More for Waves" }));
  expect(screen.queryByRole("menuitem", { name: "Share…" })).toBeNull();
});

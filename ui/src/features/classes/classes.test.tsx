/** Classes as they are seen: coming in by a code, and what a teacher does with one. */
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge, Standing } from "@/shared/bridge/bridge";
import type { Classes as Ways } from "@/shared/bridge/classes";
import { BridgeProvider } from "@/shared/bridge/context";
import type { Packs } from "@/shared/bridge/packs";
import { Failure } from "@/shared/failure";
import type { ClassDto, PackDto, RoomDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import { Classes } from "./classes";
import { Room } from "./room";

const calculus: ClassDto = { classId: "c", name: "Calculus", teaching: false, teacher: "Ada", members: 1, sources: 1, created: 1 };
const shown = { source: { lectureId: "l" }, title: "Week 1", own: false, since: 1 };
const cards: PackDto = { packId: "p", title: "Week 1 by heart", own: false, public: false, cards: 3, created: 1 };
const lecturer: Standing = { state: "signed_in", account: { accountId: "a", email: "ada@example.org", role: "lecturer", identityId: "i", created: 1 } };

afterEach(cleanup);

const asked = vi.fn(async () => undefined);

function show(what: React.ReactElement, ways: Partial<Ways>, standing: Standing = { state: "guest" }, packs: Partial<Packs> = {}) {
  const lectures = { state: new Cell({ list: [{ lectureId: "own", title: "My own", own: true }], windows: {}, corrected: {} }), refresh: asked };
  const documents = { state: new Cell({ list: [{ documentId: "book", title: "My book", own: true }], steps: {} }), refresh: asked };
  const bridge = { classes: ways, packs, lectures, documents, accounts: { standing: new Cell(standing) }, connection: new Cell({ phase: "open" }) } as unknown as Bridge;
  render(<BridgeProvider bridge={bridge}>{what}</BridgeProvider>);
}

test("a guest joins by the code, is told why when it is wrong, and makes no class", async () => {
  let mine: ClassDto[] = [];
  const join = vi.fn(async (code: string, _name: string): Promise<RoomDto> => {
    if (code === "WRONG") throw new Failure("not_found", "no class has this code");
    mine = [calculus];
    return { class: calculus, shown: [], packs: [] };
  });
  show(<Classes />, { list: async () => mine, join });
  const form = await screen.findByRole("form", { name: "Join a class" });
  fireEvent.change(screen.getByLabelText("Code"), { target: { value: "WRONG" } });
  fireEvent.submit(form);
  expect((await screen.findByRole("alert")).textContent).toBe("No class has this code.");
  fireEvent.change(screen.getByLabelText("Code"), { target: { value: "ABCD-EFGH" } });
  fireEvent.change(screen.getByLabelText(/What its teacher reads/), { target: { value: "Bob" } });
  fireEvent.submit(form);
  expect((await screen.findByTestId("class")).textContent).toMatch(/Calculus.*taught by Ada/);
  expect(join).toHaveBeenLastCalledWith("ABCD-EFGH", "Bob");
  expect(asked, "what the class is shown is in the library").toHaveBeenCalledTimes(2);
  expect(screen.queryByRole("button", { name: "Make a class" })).toBeNull();
});

test("a teacher whose sign-in ended sees what they saw, until they are in again", async () => {
  show(<Classes />, { list: async () => [calculus] }, { ...lecturer, state: "ended" });
  expect(await screen.findByRole("button", { name: "Make a class" })).toBeTruthy();
  expect(screen.queryByLabelText(/What its teacher reads/)).toBeNull();
});

test("a member opens what is shared, and is shown neither code nor people", async () => {
  const leave = vi.fn(async () => undefined);
  show(<Room id="c" onGone={() => undefined} />, { get: async () => ({ class: calculus, shown: [shown], packs: [cards] }), leave });
  const link = await screen.findByRole("link", { name: "Week 1" });
  expect(link.getAttribute("href")).toBe("#/lecture/l");
  expect(screen.getByRole("link", { name: "Week 1 by heart" }).getAttribute("href")).toBe("#/packs/p");
  expect(screen.queryByTestId("class-code")).toBeNull();
  expect(screen.queryByRole("button", { name: /Stop sharing/ })).toBeNull();
  expect(screen.queryByLabelText("Share a lecture, a document or a pack of yours")).toBeNull();
  expect(screen.getByRole("button", { name: "Leave the class" })).toBeTruthy();
});

test("a teacher shares, stops sharing and removes somebody", async () => {
  const room: RoomDto = { class: { ...calculus, teaching: true, code: "ABCD-EFGH" }, people: [{ memberId: "m", name: "Bob", joined: 1 }], shown: [shown], packs: [cards] };
  const [share, unshare, dismiss] = [vi.fn(async () => undefined), vi.fn(async () => undefined), vi.fn(async () => undefined)];
  const packs = { list: async () => [{ ...cards, packId: "mine", title: "My cards", own: true }, cards], share: vi.fn(async () => undefined), unshare: vi.fn(async () => undefined) };
  show(<Room id="c" onGone={() => undefined} />, { get: async () => room, share, unshare, dismiss }, lecturer, packs);
  expect((await screen.findByTestId("class-code")).textContent).toBe("ABCD-EFGH");
  fireEvent.change(screen.getByLabelText("Share a lecture, a document or a pack of yours"), { target: { value: "own" } });
  await waitFor(() => expect(share).toHaveBeenCalledWith("c", { lectureId: "own" }));
  fireEvent.change(screen.getByLabelText("Share a lecture, a document or a pack of yours"), { target: { value: "book" } });
  await waitFor(() => expect(share).toHaveBeenLastCalledWith("c", { documentId: "book" }));
  await screen.findByRole("option", { name: "My cards" });
  fireEvent.change(screen.getByLabelText("Share a lecture, a document or a pack of yours"), { target: { value: "mine" } });
  await waitFor(() => expect(packs.share).toHaveBeenCalledWith("c", "mine"));
  fireEvent.click(screen.getByRole("button", { name: "Stop sharing Week 1 by heart" }));
  await waitFor(() => expect(packs.unshare).toHaveBeenCalledWith("c", "p"));
  fireEvent.click(screen.getByRole("button", { name: "Stop sharing Week 1" }));
  await waitFor(() => expect(unshare).toHaveBeenCalledWith("c", { lectureId: "l" }));
  fireEvent.click(screen.getByRole("button", { name: "Remove Bob" }));
  await waitFor(() => expect(dismiss).toHaveBeenCalledWith("c", "m"));
});

test("a server without classes says so", async () => {
  show(<Classes />, { list: async () => null });
  await screen.findByText(/has no classes/);
  expect(screen.queryByRole("form")).toBeNull();
});

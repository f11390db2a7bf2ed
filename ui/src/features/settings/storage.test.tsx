/** What is kept, and what a person may delete of it. */
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { Bridge } from "@/shared/bridge/bridge";
import { BridgeProvider } from "@/shared/bridge/context";
import { Cell } from "@/shared/store/watch";
import { Storage } from "./storage";

afterEach(cleanup);

interface Kept {
  lectures?: object[];
  documents?: object[];
  uploads?: object[];
}

function show({ lectures = [], documents = [], uploads = [] }: Kept = {}) {
  const used = { lectures: 1_000_000, queries: 0, responses: 2_500_000, models: 0 };
  const shelf = (list: object[], name: string) => {
    const state = new Cell({ list: list as Record<string, unknown>[] });
    const remove = vi.fn(async (id: string) => state.update((was) => ({ list: was.list.filter((one) => one[name] !== id) })));
    return { state, remove };
  };
  const sessions = {
    list: async () => [{ sessionId: "a" }, { sessionId: "b" }],
    remove: vi.fn(async () => void (used.responses = 0)),
  };
  const list = new Cell(uploads as { id: string }[]);
  const dismiss = vi.fn((id: string) => list.update((was) => was.filter((one) => one.id !== id)));
  const parts = { lectures: shelf(lectures, "lectureId"), documents: shelf(documents, "documentId"), uploads: { list, dismiss }, sessions };
  const server = { storage: async () => ({ ...used }) };
  const bridge = { ...parts, server, connection: new Cell({ phase: "open" }) } as unknown as Bridge;
  render(
    <BridgeProvider bridge={bridge}>
      <Storage />
    </BridgeProvider>,
  );
  return parts;
}

test("all conversations go once that is confirmed, and what is used is told anew", async () => {
  const { sessions } = show();
  await screen.findByText("2.5 MB");
  fireEvent.click(screen.getByRole("button", { name: "Delete all conversations" }));
  expect(sessions.remove).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  await screen.findByText("All conversations are deleted");
  expect(sessions.remove.mock.calls).toEqual([["a"], ["b"]]);
  await waitFor(() => expect(screen.queryByText("2.5 MB")).toBeNull());
});

test("what could not be used goes once that is confirmed, and nothing that somebody else owns or that may still arrive", async () => {
  const failure = { code: "c", message: "m" };
  const { lectures, documents, uploads } = show({
    lectures: [
      { lectureId: "broken", own: true, state: "failed" },
      { lectureId: "theirs", own: false, state: "failed" },
      { lectureId: "good", own: true, state: "ready" },
    ],
    documents: [{ documentId: "torn", own: true, state: "failed" }],
    uploads: [
      { id: "refused", state: "failed", failure: { ...failure, retryable: false } },
      { id: "full", state: "failed", failure: { ...failure, retryable: true } },
      { id: "going", state: "sending", failure: null },
    ],
  });
  fireEvent.click(await screen.findByRole("button", { name: "Delete what could not be used" }));
  expect(lectures.remove).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  await screen.findByText("What could not be used is deleted");
  expect(lectures.remove.mock.calls).toEqual([["broken"]]);
  expect(documents.remove.mock.calls).toEqual([["torn"]]);
  expect(uploads.dismiss.mock.calls).toEqual([["refused"]]);
  expect(screen.queryByRole("button", { name: "Delete what could not be used" })).toBeNull();
});

test("where everything could be used nothing of the kind is offered", async () => {
  show({ lectures: [{ lectureId: "good", own: true, state: "ready" }] });
  await screen.findByText("2.5 MB");
  expect(screen.queryByRole("button", { name: "Delete what could not be used" })).toBeNull();
});

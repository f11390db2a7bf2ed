/** The list of documents follows what the server tells, whoever changed it. */
import { afterEach, expect, test, vi } from "vitest";
import type { DocumentDto, ServerMessage } from "@/shared/protocol";
import { soon } from "@/shared/soon";
import { Cell } from "@/shared/store/watch";
import { BrowserDocuments } from "./documents";
import type { Link } from "./link";

vi.mock("./requests/get-documents", () => ({ getDocuments: async () => (asked++, stored) }));

const book = (documentId: string, title: string): DocumentDto => ({
  documentId, title, state: "extracting", progress: 0, canBeAsked: false, failedPages: 0, hasPictures: false, notes: [], created: 1, own: true, s3Key: "k",
});
let stored: DocumentDto[] = [];
let asked = 0;

afterEach(() => vi.useRealTimers());

async function open() {
  vi.useFakeTimers();
  stored = [book("1", "Tides"), book("2", "Winds")];
  let tell: (message: ServerMessage) => void = () => undefined;
  const socket = { onNews: (listener: typeof tell) => (tell = listener), connection: new Cell({ phase: "connecting" }) };
  const documents = new BrowserDocuments({ socket, rest: async () => ({}) } as unknown as Link);
  await soon(() => expect(documents.state.get().list).toBeTruthy());
  asked = 0;
  return { state: () => documents.state.get(), tell: (message: ServerMessage) => tell(message) };
}

test("steps are shown as they happen, and it can be asked before the last", async () => {
  const { state, tell } = await open();
  const progress = (part: object) => tell({ type: "document_progress", documentId: "1", title: "On tides", state: "extracting", progress: 0.1, canBeAsked: false, ...part });
  progress({ done: 3, total: 30 });
  expect(state().steps).toEqual({ "1": { done: 3, total: 30 } });
  expect(state().list?.[0]).toMatchObject({ title: "On tides", state: "extracting", progress: 0.1 });
  progress({ state: "embedding", progress: 0.6, canBeAsked: true });
  expect(state().steps).toEqual({});
  expect(state().list?.[0]?.canBeAsked).toBe(true);
  tell({ type: "document_ready", documentId: "1", title: "On tides", pages: 30, failedPages: 1, passages: 60, tokensUsed: 9000 });
  expect(state().list?.[0]).toMatchObject({ state: "ready", pages: 30, failedPages: 1 });
});

test("what failed or was deleted elsewhere shows here, and what is new is asked for", async () => {
  const { state, tell } = await open();
  tell({ type: "document_error", documentId: "1", error: { code: "document_locked", message: "take the password off", retryable: false } });
  expect(state().list?.[0]).toMatchObject({ state: "failed", error: { code: "document_locked" } });
  tell({ type: "document_deleted", documentId: "2" });
  expect(state().list?.map(({ title }) => title)).toEqual(["Tides"]);
  expect(asked).toBe(0);
  tell({ type: "document_progress", documentId: "new", title: "New", state: "extracting", progress: 0, canBeAsked: false });
  await soon(() => expect(asked).toBe(1));
  tell({ type: "lecture_deleted", lectureId: "1" });
  expect(state().list?.length, "lectures are none of its business").toBe(2);
});

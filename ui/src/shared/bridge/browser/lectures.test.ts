/** The list of lectures follows what the server tells, whoever changed it. */
import { afterEach, expect, test, vi } from "vitest";
import type { LectureDto, ServerMessage } from "@/shared/protocol";
import { soon } from "@/shared/soon";
import { Cell } from "@/shared/store/watch";
import { BrowserLectures } from "./lectures";
import type { Link } from "./link";

vi.mock("./requests/get-lectures", () => ({ getLectures: async () => stored }));

const lecture = (lectureId: string, title: string): LectureDto => ({
  lectureId, title, state: "ready", progress: 1, created: 1, own: true, addedBy: "you", s3Key: "k",
});
let stored: LectureDto[] = [];

afterEach(() => vi.useRealTimers());

async function open() {
  vi.useFakeTimers();
  stored = [lecture("1", "Tides"), lecture("2", "Winds")];
  let tell: (message: ServerMessage) => void = () => undefined;
  const socket = { onNews: (listener: typeof tell) => (tell = listener), connection: new Cell({ phase: "connecting" }) };
  const lectures = new BrowserLectures({ socket, rest: async () => ({}) } as unknown as Link);
  await soon(() => expect(lectures.state.get().list).toBeTruthy());
  return { lectures, tell: (message: ServerMessage) => tell(message) };
}

test("what was renamed, corrected or deleted elsewhere shows here", async () => {
  const { lectures, tell } = await open();
  const titles = () => lectures.state.get().list?.map(({ title }) => title);
  tell({ type: "lecture_renamed", lectureId: "1", title: "Ebb and flow" });
  expect(titles()).toEqual(["Ebb and flow", "Winds"]);
  expect(lectures.state.get().corrected).toEqual({});
  tell({ type: "lecture_corrected", lectureId: "2" });
  tell({ type: "lecture_corrected", lectureId: "2" });
  expect(lectures.state.get().corrected).toEqual({ "2": 2 });
  tell({ type: "lecture_deleted", lectureId: "1" });
  expect(titles()).toEqual(["Winds"]);
});

test("parts are counted while there are some, and not when a lecture is read again from captions", async () => {
  const { lectures, tell } = await open();
  const progress = (done: number | null, total: number | null) => tell({ type: "lecture_progress", lectureId: "1", state: "transcribing", progress: 0.1, done, total });
  progress(2, 5);
  expect(lectures.state.get().windows).toEqual({ "1": { done: 2, total: 5 } });
  progress(0, 0);
  expect(lectures.state.get().windows).toEqual({});
  progress(2, 5);
  progress(null, null);
  expect(lectures.state.get().windows).toEqual({});
});

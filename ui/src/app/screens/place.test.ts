/** Where conversations open. */
import { expect, test } from "vitest";
import type { CitationDto, DocumentDto, LectureDto, SessionDto, TurnDto } from "@/shared/protocol";
import { placeOf } from "./place";

const session = (more: Partial<SessionDto>) => ({ sessionId: "s", lectureId: "", turnCount: 1, ...more }) as SessionDto;
const cites = (citation: Partial<CitationDto>) => ({ turns: [{ citations: [citation as CitationDto] } as TurnDto] });
const lecture = (lectureId: string, state = "ready") => ({ lectureId, state }) as LectureDto;
const document = (documentId: string, canBeAsked = true, state = "ready") => ({ documentId, canBeAsked, state }) as DocumentDto;
const there = { documents: [document("made", false, "extracting"), document("torn", false, "failed"), document("d")], lectures: [lecture("heard", "transcribing"), lecture("l"), lecture("m")] };

test.each([
  ["what it is about", session({ lectureId: "l" }), { lectureId: "l" }],
  ["the lecture that gets other words", session({ lectureId: "heard" }), { lectureId: "heard" }],
  ["the document that is still made", session({ documentId: "made" }), { documentId: "made" }],
  ["what it cited last", session({ everything: true, ...cites({ lectureId: "m" }) }), { lectureId: "m" }],
  ["the page it cited", session({ everything: true, ...cites({ lectureId: "", documentId: "d" }) }), { documentId: "d" }],
  ["one of what it asked", session({ sources: [{ lectureId: "gone" }, { lectureId: "m" }] }), { lectureId: "m" }],
  ["any lecture, where its own is gone", session({ lectureId: "gone" }), { lectureId: "l" }],
  ["any document, where its own is gone", session({ documentId: "gone" }), { documentId: "d" }],
  ["any document, where its own cannot be used", session({ documentId: "torn" }), { documentId: "d" }],
])("a conversation opens beside %s", (_, talk, place) => {
  expect(placeOf(talk, there)).toEqual(place);
});

test("before the library is known it opens beside what it is about", () => {
  expect(placeOf(session({ lectureId: "l" }), { documents: undefined, lectures: undefined })).toEqual({ lectureId: "l" });
});

test("a document's conversation does not open beside a lecture only because the documents are not known yet", () => {
  expect(placeOf(session({ documentId: "d" }), { ...there, documents: undefined })).toEqual({ documentId: "d" });
  expect(placeOf(session({ lectureId: "l" }), { ...there, lectures: undefined })).toEqual({ lectureId: "l" });
});

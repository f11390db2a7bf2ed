/** Where conversations open. */
import { expect, test } from "vitest";
import type { CitationDto, SessionDto, TurnDto } from "@/shared/protocol";
import { placeOf } from "./place";

const session = (more: Partial<SessionDto>) => ({ sessionId: "s", lectureId: "", turnCount: 1, ...more }) as SessionDto;
const cites = (citation: Partial<CitationDto>) => ({ turns: [{ citations: [citation as CitationDto] } as TurnDto] });
const there = [{ documentId: "d" }, { lectureId: "l" }, { lectureId: "m" }];

test.each([
  ["what it is about", session({ lectureId: "l" }), { lectureId: "l" }],
  ["what it cited last", session({ everything: true, ...cites({ lectureId: "m" }) }), { lectureId: "m" }],
  ["the page it cited", session({ everything: true, ...cites({ lectureId: "", documentId: "d" }) }), { documentId: "d" }],
  ["one of what it asked", session({ sources: [{ lectureId: "gone" }, { lectureId: "m" }] }), { lectureId: "m" }],
  ["anything, where that is gone", session({ lectureId: "gone" }), { documentId: "d" }],
])("a conversation opens beside %s", (_, talk, place) => {
  expect(placeOf(talk, there)).toEqual(place);
});

test("before the library is known it opens beside what it is about", () => {
  expect(placeOf(session({ lectureId: "l" }), [])).toEqual({ lectureId: "l" });
});

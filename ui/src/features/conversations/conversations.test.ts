/** Conversations as files. */
import { expect, test } from "vitest";
import { fileName } from "@/shared/format/file-name";
import type { SessionDto } from "@/shared/protocol";
import { toMarkdown } from "./markdown";

test("a conversation is written with its times", () => {
  const session = {
    sessionId: "s", lectureId: "l", state: "open", created: 0, active: 0, expires: 0,
    turns: [{ queryId: "q", asked: 0, question: "Why?", answer: "Because.", citations: [{ number: 1, lectureId: "l", passageId: "p", from: 62, to: 65, excerpt: "it  is so", score: 1 }] }],
  } as unknown as SessionDto;
  const text = toMarkdown(session, "Why?", "Week 1");
  expect(text).toContain("# Why?");
  expect(text).toContain("Because.");
  expect(text).toContain("- [1]: 1:02–1:05 “it is so”");
});

test("any title is a file name", () => {
  expect(fileName("What is α/β? ../x", "conversation", "md")).toBe("What-is-α-β-x.md");
  expect(fileName("///", "conversation", "md")).toBe("conversation.md");
});

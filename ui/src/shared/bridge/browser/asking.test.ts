/** What is asked is named in one field of the message. */
import { expect, test } from "vitest";
import { named } from "./asking";

test.each([
  ["everything" as const, { lectureId: "", everything: true }],
  [[{ lectureId: "l" }], { lectureId: "l" }],
  [[{ documentId: "d" }], { lectureId: "", documentId: "d" }],
  [[{ documentId: "d" }, { lectureId: "l" }], { lectureId: "", sources: [{ documentId: "d" }, { lectureId: "l" }] }],
])("%j", (scope, fields) => expect(named(scope)).toEqual(fields));

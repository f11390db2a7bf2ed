/** Failures in words. */
import { expect, test } from "vitest";
import { sentence } from "./sentence";

test.each([
  ["the recording is silent; record it again", "The recording is silent; record it again."],
  ["It is back.", "It is back."],
  ["what was that?", "What was that?"],
  ["week3.mp3 is empty", "week3.mp3 is empty."],
  ["2 files are missing", "2 files are missing."],
])("%j is said as %j", (message, said) => expect(sentence(message)).toBe(said));

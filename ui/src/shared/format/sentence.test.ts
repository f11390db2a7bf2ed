/** Failures in words. */
import { afterEach, expect, test } from "vitest";
import { speak } from "@/shared/text";
import { inWords, sentence } from "./sentence";

afterEach(() => speak("en", {}));

test.each([
  ["the recording is silent; record it again", "The recording is silent; record it again."],
  ["It is back.", "It is back."],
  ["what was that?", "What was that?"],
  ["week3.mp3 is empty", "week3.mp3 is empty."],
  ["2 files are missing", "2 files are missing."],
])("%j is said as %j", (message, said) => expect(sentence(message)).toBe(said));

test("a translation says a failure in its own words, with those that came where it wants them, and the rest is shown as it came", () => {
  speak("de", { "failure.server_unreachable": "Der Server antwortet nicht.", "failure.invalid_fields": "So geht es nicht: {message}" });
  expect(inWords({ code: "server_unreachable", message: "http://h:1 does not answer; try again" })).toBe("Der Server antwortet nicht.");
  expect(inWords({ code: "invalid_fields", message: "the name is too long" })).toBe("So geht es nicht: the name is too long");
  expect(inWords({ code: "audio_silent", message: "the recording is silent; record it again" })).toBe("The recording is silent; record it again.");
  speak("en", {});
  expect(inWords({ code: "server_unreachable", message: "http://h:1 does not answer" })).toBe("http://h:1 does not answer.");
});

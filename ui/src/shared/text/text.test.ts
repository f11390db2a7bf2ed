/** Words on the screen. */
import { afterEach, expect, test } from "vitest";
import { duration, size } from "@/shared/format/time";
import { speak, t } from ".";

afterEach(() => speak("en", {}));

test("values are filled in, and a count chooses the form", () => {
  expect(t("row.more", { title: "X" })).toBe("More for X");
  expect(t("talks.turns", { count: 1 })).toBe("1 question");
  expect(t("talks.turns", { count: 2 })).toBe("2 questions");
});

test("a translation is used where it has words, and English where it has none", () => {
  speak("de", { "library.title": "Bibliothek" });
  expect(t("library.title")).toBe("Bibliothek");
  expect(t("settings.title")).toBe("Settings");
});

test("times and sizes are as people say them", () => {
  expect([duration(9), duration(354), duration(4350)]).toEqual(["9 sec", "6 min", "1 hr 13 min"]);
  expect([size(12), size(2_500_000), size(512_000_000)]).toEqual(["12 bytes", "2.5 MB", "512 MB"]);
});

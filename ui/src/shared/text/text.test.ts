/** Words on the screen. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterEach, expect, test } from "vitest";
import { code } from "@/shared/failure";
import { duration, size } from "@/shared/format/time";
import { speak, t } from ".";
import { failures } from "./failures";

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

test("a translator finds every code that programs and the page give to a failure", () => {
  const given = (path: string, pattern: RegExp) => [...readFileSync(resolve("..", path), "utf8").matchAll(pattern)].map(([, name]) => name);
  const server = given("backend/domain/src/failure.rs", /^ {4}\w+ = "(\w+)", (?:true|false);$/gm);
  const client = given("app/client/src/error.rs", /^ {4}pub const \w+: &str = "(\w+)";$/gm);
  const shell = given("app/desktop/src/shell.rs", /ClientError::(?:new|passing)\("(\w+)"/g);
  const uploads = given("app/client/src/upload/wait.rs", /ClientError::(?:new|passing)\("(\w+)"/g);
  expect([server, client, shell, uploads].map((codes) => codes.length > 1)).toEqual([true, true, true, true]);
  const known = Object.keys(failures);
  expect([...server, ...client, ...shell, ...uploads, ...Object.values(code)].filter((name) => !known.includes(name ?? ""))).toEqual([]);
});

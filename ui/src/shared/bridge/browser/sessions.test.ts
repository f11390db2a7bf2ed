/** What a page hands out as files. */
import { afterEach, expect, test, vi } from "vitest";
import type { Link } from "./link";
import { BrowserSessions } from "./sessions";

afterEach(() => vi.restoreAllMocks());

test("a text is handed out as what its name says, so that it keeps that name", async () => {
  const given: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${given.push(blob as Blob)}`);
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  const sessions = new BrowserSessions({} as Link);
  for (const name of ["Tides.md", "Tides.txt"]) expect(await sessions.save(name, "x")).toBe(true);
  expect(given.map(({ type }) => type)).toEqual(["text/markdown;charset=utf-8", "text/plain;charset=utf-8"]);
});

/** Addresses name screens. */
import { expect, test } from "vitest";
import type { CitationDto } from "@/shared/protocol";
import { addressOf, hashOf, packAddress, parseRoute, quoting } from "./route";

test.each([
  ["", { screen: "library" }],
  ["#/nonsense", { screen: "library" }],
  ["#/settings", { screen: "settings" }],
  ["#/account", { screen: "account" }],
  ["#/packs", { screen: "packs", id: null, card: null }],
  ["#/packs/a%20b", { screen: "packs", id: "a b", card: null }],
  ["#/packs/p?card=c%2F1", { screen: "packs", id: "p", card: "c/1" }],
  ["#/classes", { screen: "classes", id: null }],
  ["#/classes/a%20b", { screen: "classes", id: "a b" }],
  ["#/lecture/a%20b?at=62.5&session=s", { screen: "lecture", id: "a b", at: 62.5, session: "s", ask: null }],
  ["#/lecture/x?at=-3", { screen: "lecture", id: "x", at: null, session: null, ask: null }],
  ["#/lecture/%E0%A4%A", { screen: "lecture", id: "%E0%A4%A", at: null, session: null, ask: null }],
  ["#/document/b%2Fc?page=12&words=the%20moon&session=s", { screen: "document", id: "b/c", page: 12, until: null, words: "the moon", session: "s", ask: null }],
  ["#/document/b?page=0", { screen: "document", id: "b", page: null, until: null, words: null, session: null, ask: null }],
])("%s", (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

test("deep links name the same places and nothing else", () => {
  expect(hashOf("synapscribe://lecture/abc?at=5")).toBe("#/lecture/abc?at=5");
  expect(hashOf("synapscribe://document/abc?page=5")).toBe("#/document/abc?page=5");
  expect(hashOf("synapscribe://lecture/abc?ask=Why&at=5&%61sk=Who")).toBe("#/lecture/abc?at=5");
  expect(hashOf("synapscribe://lecture/abc?ask=Why")).toBe("#/lecture/abc");
  expect(hashOf("synapscribe://document/")).toBeNull();
  expect(hashOf("synapscribe://packs")).toBe("#/packs");
  expect(hashOf("synapscribe://settings")).toBe("#/settings");
  expect(hashOf("synapscribe://lecture/../../x")).toBeNull();
  expect(hashOf("https://elsewhere/lecture/abc")).toBeNull();
});

test("an address leads back to what it was made of", () => {
  const quoted = quoting({ pages: { from: 3, to: 5 }, excerpt: "50 % & more" } as CitationDto);
  expect(parseRoute(addressOf({ documentId: "a b" }, { ...quoted, session: null }))).toEqual({
    screen: "document", id: "a b", page: 3, until: 5, words: "50 % & more", session: null, ask: null,
  });
  expect(parseRoute(packAddress("a b", "c/1"))).toEqual({ screen: "packs", id: "a b", card: "c/1" });
  expect(parseRoute(packAddress("p", null))).toEqual({ screen: "packs", id: "p", card: null });
  expect(parseRoute(addressOf({ lectureId: "l" }, { at: 62.5 }))).toMatchObject({ screen: "lecture", id: "l", at: 62.5 });
});

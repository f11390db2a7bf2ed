/** Addresses name screens. */
import { expect, test } from "vitest";
import { hashOf, parseRoute } from "./route";

test.each([
  ["", { screen: "library" }],
  ["#/nonsense", { screen: "library" }],
  ["#/settings", { screen: "settings" }],
  ["#/account", { screen: "account" }],
  ["#/classes", { screen: "classes", id: null }],
  ["#/classes/a%20b", { screen: "classes", id: "a b" }],
  ["#/lecture/a%20b?at=62.5&session=s", { screen: "lecture", id: "a b", at: 62.5, session: "s", ask: null }],
  ["#/lecture/x?at=-3", { screen: "lecture", id: "x", at: null, session: null, ask: null }],
  ["#/lecture/%E0%A4%A", { screen: "lecture", id: "%E0%A4%A", at: null, session: null, ask: null }],
])("%s", (hash, route) => {
  expect(parseRoute(hash)).toEqual(route);
});

test("deep links name the same places and nothing else", () => {
  expect(hashOf("synapscribe://lecture/abc?at=5")).toBe("#/lecture/abc?at=5");
  expect(hashOf("synapscribe://settings")).toBe("#/settings");
  expect(hashOf("synapscribe://lecture/../../x")).toBeNull();
  expect(hashOf("https://elsewhere/lecture/abc")).toBeNull();
});

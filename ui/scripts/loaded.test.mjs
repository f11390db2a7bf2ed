/** What counts as loaded before a screen is opened. */
import { expect, test } from "vitest";
import { loaded } from "./loaded.mjs";

const built = {
  "index-1.js": 'import{a as t}from"./text-2.js";import"./watch-3.js";const s=()=>import(`./lecture-4.js`),b=()=>import("./browser-5.js");',
  "text-2.js": 'import*as w from\'./watch-3.js\';export{w};const words=`from "./nowhere"`;',
  "watch-3.js": 'export{deep}from"./deep-6.js";import r from"react";',
  "lecture-4.js": 'import"./text-2.js";import"./player-7.js";',
  "browser-5.js": 'import{deep}from "./deep-6.js";import "./link-8.js";',
  "deep-6.js": 'import{a}from"./text-2.js";export const deep=a;',
};
const read = (name) => built[name] ?? "";

test("what is shared counts once, whatever it is called, and what is opened later does not count", () => {
  expect(loaded(["index-1.js"], read).sort()).toEqual(["deep-6.js", "index-1.js", "text-2.js", "watch-3.js"]);
});

test("what comes by an import of its own is named, and brings its own", () => {
  expect(loaded(["index-1.js", "browser-5.js"], read)).toContain("link-8.js");
  expect(loaded(["index-1.js", "browser-5.js"], read)).not.toContain("lecture-4.js");
});

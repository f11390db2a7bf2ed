/** The JavaScript that is loaded before the lecture view, compressed, against its budget. Run after a build. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { loaded } from "./loaded.mjs";

const BUDGET = 250 * 1024;
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const read = (name) => readFileSync(`${dist}/assets/${name}`, "utf8");
const entry = /assets\/(index-[^"]+\.js)/.exec(readFileSync(`${dist}/index.html`, "utf8"))?.[1];
// The page waits for its bridge, which comes by an import of its own; here both count.
const bridges = ["browser-", "tauri-"].map((start) => readdirSync(`${dist}/assets`).find((name) => name.startsWith(start) && name.endsWith(".js")));
if (!entry || bridges.includes(undefined)) {
  console.error("the page's entry or one of its bridges was not found among what was built");
  process.exit(1);
}
const first = loaded([entry, ...bridges], read);
const bytes = first.reduce((sum, name) => sum + gzipSync(read(name), { level: 9 }).length, 0);
console.log(`${(bytes / 1024).toFixed(1)} KB of JavaScript before the lecture view, compressed; at most ${BUDGET / 1024} KB are allowed`);
if (bytes > BUDGET) process.exit(1);

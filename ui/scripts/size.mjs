/** The JavaScript that is loaded before the lecture view, compressed, against its budget. Run after a build. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET = 250 * 1024;
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const assets = readdirSync(`${dist}/assets`).filter((name) => name.endsWith(".js"));
const entry = /assets\/(index-[^"]+\.js)/.exec(readFileSync(`${dist}/index.html`, "utf8"))?.[1];
const first = assets.filter((name) => name === entry || name.startsWith("browser-") || name.startsWith("tauri-"));
const bytes = first.reduce((sum, name) => sum + gzipSync(readFileSync(`${dist}/assets/${name}`), { level: 9 }).length, 0);
console.log(`${(bytes / 1024).toFixed(1)} KB of JavaScript before the lecture view, compressed; at most ${BUDGET / 1024} KB are allowed`);
if (!entry || bytes > BUDGET) process.exit(1);

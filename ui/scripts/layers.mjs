/**
 * Keeps the layers apart: `app` may use features and shared, a feature only itself and shared, shared only itself.
 * Says every import that points the wrong way.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../src", import.meta.url));

const files = (folder) =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : [];
  });

const layerOf = (path) => {
  const [layer, feature] = path.split("/");
  return layer === "features" ? `features/${feature}` : layer;
};

const allowed = (from, to) => {
  if (from === to || to === "shared") return true;
  // `main.tsx` and the like stand above everything.
  if (!["app", "shared"].includes(from) && !from.startsWith("features/")) return true;
  return from === "app" && to.startsWith("features/");
};

const wrong = [];
for (const file of files(source)) {
  const here = relative(source, file);
  for (const [, target] of readFileSync(file, "utf8").matchAll(/(?:from|import)\s*\(?\s*"((?:@\/|\.)[^"]+)"/g)) {
    const there = target.startsWith("@/") ? target.slice(2) : normalize(join(dirname(here), target));
    if (!allowed(layerOf(here), layerOf(there))) wrong.push(`${here} must not import ${target}`);
  }
}
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}

/** Which built files a page has loaded once the named ones run: they themselves, and whatever they import at once, in turn. */

/** What a file waits for stands behind `from` or `import` as a text; a call of `import` comes later. */
const IMPORT = /\b(?:from|import)\s*["']\.\/([^"']+\.js)["']/g;

/** `read` gives the text of a file beside the others. */
export function loaded(names, read) {
  const found = new Set(names);
  // A set that grows while it is gone through is gone through to its end.
  for (const name of found) for (const [, next] of read(name).matchAll(IMPORT)) found.add(next);
  return [...found];
}

/** The words on the screen, by key. A translation is a file like en.ts; what it lacks is shown in English. */
import { en } from "./en";

export type Key = keyof typeof en;
type Words = string | { one: string; other: string };

let words: Partial<Record<Key, Words>> = {};
let tag = "en";

export function speak(newTag: string, translation: Partial<Record<Key, Words>>): void {
  tag = newTag;
  words = translation;
  document.documentElement.lang = newTag;
}

export function language(): string {
  return tag;
}

/** The language with the person's own country, whose way of writing times and dates they know. */
export function region(): string {
  return navigator.languages?.find((one) => one.split("-")[0] === tag.split("-")[0]) ?? tag;
}

/** The words of `key` with `{name}` replaced; `count` chooses between one and several. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const found: Words = words[key] ?? en[key];
  const count = Number(values["count"] ?? 0);
  const text = typeof found === "string" ? found : new Intl.PluralRules(tag).select(count) === "one" ? found.one : found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

/** The words on the screen, by key. A translation is a file like en.ts and failures.ts; what it lacks is shown in English. */
import { en } from "./en";
import type { FailureKey } from "./failures";

export type Key = keyof typeof en;
type Words = string | { one: string; other: string };
export type Translation = Partial<Record<Key, Words> & Record<FailureKey, string>>;

let words: Translation = {};
let tag = "en";

export function speak(newTag: string, translation: Translation): void {
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
  return fill(text, values);
}

/** What the translation says of a failure; nothing where it has no words for its code. */
export function translated(code: string, message: string): string | undefined {
  const text = words[`failure.${code}` as FailureKey];
  return text && fill(text, { message });
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}

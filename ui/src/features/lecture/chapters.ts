/** Chapters drawn from a transcript: the lecture is divided where the words change and the lecturer pauses. */
import type { PhraseDto } from "@/shared/protocol";

export interface Chapter {
  from: number;
  to: number;
  title: string;
}

/** A chapter is about this long, in seconds. */
const TYPICAL = 300;
/** Shorter lectures are one. */
const SHORTEST_DIVIDED = 240;
const MOST = 24;
/** How much of the text on either side is compared, in seconds. */
const AROUND = 75;

export function chaptersOf(phrases: PhraseDto[], duration: number): Chapter[] {
  if (duration < SHORTEST_DIVIDED || phrases.length < 8) return [];
  const count = Math.min(MOST, Math.max(2, Math.round(duration / TYPICAL)));
  const length = duration / count;
  const words = phrases.map(({ text }) => content(text));
  const cuts: number[] = [0];
  for (let chapter = 1; chapter < count; chapter++) {
    const target = chapter * length;
    let best = -1;
    let bestScore = -1;
    for (let i = (cuts.at(-1) ?? 0) + 2; i < phrases.length - 1; i++) {
      const [before, phrase] = [phrases[i - 1], phrases[i]];
      if (!phrase || !before) continue;
      const off = Math.abs(phrase.from - target) / length;
      if (off > 0.4) continue;
      const pause = Math.min(3, Math.max(0, phrase.from - before.to)) / 3;
      const score = pause + change(phrases, words, i) - off * 0.5;
      if (score > bestScore) [best, bestScore] = [i, score];
    }
    if (best > 0) cuts.push(best);
  }
  return cuts.map((cut, index) => {
    const first = phrases[cut] as PhraseDto;
    const next = phrases[cuts[index + 1] ?? -1];
    return { from: index === 0 ? 0 : first.from, to: next?.from ?? duration, title: titleOf(phrases.slice(cut, cut + 4)) };
  });
}

/** How little the words before a place share with those after it, 0 to 1. */
function change(phrases: PhraseDto[], words: string[][], at: number): number {
  const here = phrases[at]?.from ?? 0;
  const [before, after] = [new Set<string>(), new Set<string>()];
  for (let i = at - 1; i >= 0 && here - (phrases[i]?.from ?? 0) < AROUND; i--) for (const word of words[i] ?? []) before.add(word);
  for (let i = at; i < phrases.length && (phrases[i]?.from ?? 0) - here < AROUND; i++) for (const word of words[i] ?? []) after.add(word);
  if (before.size === 0 || after.size === 0) return 0;
  let shared = 0;
  for (const word of before) if (after.has(word)) shared++;
  return 1 - shared / Math.min(before.size, after.size);
}

/** Longer words carry the subject in most languages; short ones are mostly grammar. */
function content(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}{5,}/gu) ?? []).map((word) => word.slice(0, 7));
}

/** Greetings and asides have fewer words than a title needs. */
const TELLING_WORDS = 4;

/** The first sentence of a chapter that says something, cut at a word. */
function titleOf(phrases: PhraseDto[]): string {
  const text = phrases.map(({ text: words }) => words).join(" ").trim();
  const sentences = (text.match(/[^.!?]+[.!?]*/gu) ?? [text]).map((one) => one.trim());
  const sentence = sentences.find((one) => one.split(/\s+/).length > TELLING_WORDS) ?? sentences[0] ?? "";
  const clean = sentence.replace(/^(so|and|but|now|well|okay|ok|right|um|uh)[,\s]+/i, "").replace(/[.]$/, "");
  const short = clean.length <= 64 ? clean : `${clean.slice(0, 64).replace(/\s+\S*$/, "")}…`;
  return short.charAt(0).toUpperCase() + short.slice(1);
}

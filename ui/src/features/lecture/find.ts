/** Where something is in a transcript. */
import type { PhraseDto } from "@/shared/protocol";

/** The phrase at a time, or the last one before it; -1 before the first. */
export function phraseAt(phrases: PhraseDto[], time: number): number {
  let [low, high] = [0, phrases.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((phrases[middle] as PhraseDto).from <= time + 0.01) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The phrases that hold the words, without regard to case and accents. */
export function search(phrases: PhraseDto[], query: string): number[] {
  const wanted = plain(query.trim());
  if (!wanted) return [];
  const found: number[] = [];
  phrases.forEach(({ text }, index) => {
    if (plain(text).includes(wanted)) found.push(index);
  });
  return found;
}

/** A text in pieces, those that match marked. */
export function marked(text: string, query: string): { text: string; hit: boolean }[] {
  const wanted = plain(query.trim());
  const flat = plain(text);
  // Taking accents away may change a text's length; then nothing can be marked in place.
  if (!wanted || flat.length !== text.length) return [{ text, hit: false }];
  const pieces: { text: string; hit: boolean }[] = [];
  let at = 0;
  for (let hit = flat.indexOf(wanted); hit >= 0; hit = flat.indexOf(wanted, at)) {
    if (hit > at) pieces.push({ text: text.slice(at, hit), hit: false });
    pieces.push({ text: text.slice(hit, hit + wanted.length), hit: true });
    at = hit + wanted.length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false });
  return pieces;
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

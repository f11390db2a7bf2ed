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

/** A part of a phrase. */
export interface Range {
  from: number;
  to: number;
}

/** Where the words are that somebody looks for. */
export interface Found {
  /** The phrases in which a place begins, in order. */
  hits: number[];
  /** What is to be marked, by phrase: a place may go over several. */
  marks: ReadonlyMap<number, Range[]>;
}

export const NOTHING: Found = { hits: [], marks: new Map() };

/** What was said as one text to look in: without case, accents and marks between words, and without regard to where a phrase ends. */
export class Said {
  readonly #text: string;
  /** Of every letter of the text, its phrase and its place there. */
  readonly #phrase: number[] = [];
  readonly #place: number[] = [];

  constructor(phrases: PhraseDto[]) {
    const letters: string[] = [];
    let gap = true;
    const take = (letter: string, phrase: number, place: number) => {
      const between = BETWEEN.test(letter);
      if (between && gap) return;
      gap = between;
      this.#phrase.push(phrase);
      this.#place.push(place);
      letters.push(between ? " " : letter);
    };
    for (const [phrase, { text }] of phrases.entries()) {
      const flat = plain(text);
      // Most texts are as long without their accents; of others it is looked at letter by letter which becomes what.
      const at = flat.length === text.length ? (place: number) => flat[place] ?? "" : (place: number) => plain(text[place] ?? "");
      for (let place = 0; place < text.length; place++) for (const letter of at(place)) take(letter, phrase, place);
      take(" ", phrase, text.length);
    }
    this.#text = letters.join("");
  }

  search(query: string): Found {
    const wanted = plain(query).replace(new RegExp(BETWEEN, "gu"), " ").replace(/ +/g, " ").trim();
    if (!wanted) return NOTHING;
    const hits = new Set<number>();
    const marks = new Map<number, Range[]>();
    for (let at = this.#text.indexOf(wanted); at >= 0; at = this.#text.indexOf(wanted, at + wanted.length)) {
      hits.add(this.#phrase[at] ?? 0);
      for (let letter = at; letter < at + wanted.length; letter++) {
        const [phrase, place] = [this.#phrase[letter] ?? 0, this.#place[letter] ?? 0];
        const ranges = marks.get(phrase) ?? [];
        const last = ranges.at(-1);
        // The blank after a phrase is none of its letters.
        if (this.#text[letter] === " " && this.#phrase[letter + 1] !== phrase) continue;
        if (last && letter > at && this.#phrase[letter - 1] === phrase) last.to = place + 1;
        else ranges.push({ from: place, to: place + 1 });
        marks.set(phrase, ranges);
      }
    }
    return { hits: [...hits], marks };
  }
}

/** A text in pieces, those within the ranges marked. */
export function marked(text: string, ranges: Range[] = []): { text: string; hit: boolean }[] {
  const pieces: { text: string; hit: boolean }[] = [];
  let at = 0;
  for (const { from, to } of ranges) {
    if (from > at) pieces.push({ text: text.slice(at, from), hit: false });
    pieces.push({ text: text.slice(from, to), hit: true });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false });
  return pieces;
}

/** What stands between words and is not said. */
const BETWEEN = /[\s.,;:!?…"“”„«»()[\]\u2013\u2014]/u;

/** Without case and accents, as people search. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("’", "'").toLowerCase();
}

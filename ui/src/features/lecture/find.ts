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

const NOTHING: Found = { hits: [], marks: new Map() };

/** What was said as one text to look in: without case, accents and marks between words, and without regard to where a phrase ends. */
export class Said {
  readonly #text: string;
  /** Of every letter of the text, its phrase and its place there. */
  readonly #phrase: Uint32Array;
  readonly #place: Uint32Array;

  constructor(phrases: PhraseDto[]) {
    const flats = phrases.map(({ text }) => sameLength(text));
    const most = flats.reduce((sum, flat) => sum + flat.length + 1, 0);
    [this.#phrase, this.#place] = [new Uint32Array(most), new Uint32Array(most)];
    const parts: string[] = [];
    let length = 0;
    let gap = true;
    for (const [phrase, flat] of flats.entries()) {
      for (let place = 0; place <= flat.length; place++) {
        const letter = flat[place] ?? " ";
        const between = BETWEEN.test(letter);
        if (between && gap) continue;
        gap = between;
        this.#phrase[length] = phrase;
        this.#place[length++] = place;
        parts.push(between ? " " : letter);
      }
    }
    this.#text = parts.join("");
  }

  search(query: string): Found {
    const wanted = sameLength(query).replace(new RegExp(BETWEEN, "gu"), " ").replace(/ +/g, " ").trim();
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

/** Without case and accents, letter by letter, so that places in it are places in the text. */
function sameLength(text: string): string {
  const flat = plain(text);
  if (flat.length === text.length) return flat;
  return Array.from({ length: text.length }, (_, at) => plain(text[at] ?? "")[0] ?? " ").join("");
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replaceAll("’", "'").toLowerCase();
}

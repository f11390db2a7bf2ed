/** Where something stands in a document: words that are looked for, and words that were cited. */
import type { AreaDto, BlockDto, PageDto } from "@/shared/protocol";

/** A part of a block of a page. */
export interface Place {
  page: number;
  block: number;
  from: number;
  to: number;
}

export interface Hit extends Place {
  /** The words around it, for a list. */
  before: string;
  words: string;
  after: string;
}

/** More hits than this help nobody. */
export const MOST_HITS = 500;
/** Letters around a hit. */
const AROUND = 40;
/** Fewer words in a row than this are found anywhere. */
const FEWEST = 3;
/** The share of the cited words that have to stand there in a row. */
const ENOUGH = 0.34;

/** Every place of the words, without regard to case and accents, in the order of pages. */
export function search(pages: ReadonlyMap<number, PageDto>, query: string): Hit[] {
  const wanted = plain(query.trim());
  const hits: Hit[] = [];
  if (!wanted) return hits;
  for (const page of [...pages.keys()].sort((a, b) => a - b)) {
    for (const [block, { text }] of (pages.get(page)?.blocks ?? []).entries()) {
      const flat = sameLength(text);
      for (let at = flat.indexOf(wanted); at >= 0; at = flat.indexOf(wanted, at + wanted.length)) {
        const to = at + wanted.length;
        hits.push({ page, block, from: at, to, before: begun(text, at), words: text.slice(at, to), after: text.slice(to, to + AROUND) });
        if (hits.length === MOST_HITS) return hits;
      }
    }
  }
  return hits;
}

interface Word {
  page: number;
  block: number;
  from: number;
  to: number;
  word: string;
}

/** The places of cited words among pages: the longest run of them that stands there, in whatever lines and blocks. */
export function cited(pages: PageDto[], excerpt: string): Place[] {
  const wanted = wordsOf(excerpt).map(({ word }) => word);
  const there: Word[] = pages.flatMap(({ number, blocks }) => blocks.flatMap(({ text }, block) => wordsOf(text).map((word) => ({ ...word, page: number, block }))));
  let [best, end] = [0, 0];
  let runs = new Int32Array(wanted.length + 1);
  for (const [at, { word }] of there.entries()) {
    const next = new Int32Array(wanted.length + 1);
    for (let i = 0; i < wanted.length; i++) {
      if (wanted[i] !== word) continue;
      const run = (runs[i] ?? 0) + 1;
      next[i + 1] = run;
      if (run > best) [best, end] = [run, at];
    }
    runs = next;
  }
  if (best < Math.min(wanted.length, FEWEST) || best < wanted.length * ENOUGH || best === 0) return [];
  const places: Place[] = [];
  for (const { page, block, from, to } of there.slice(end - best + 1, end + 1)) {
    const last = places.at(-1);
    if (last && last.page === page && last.block === block) last.to = to;
    else places.push({ page, block, from, to });
  }
  return places;
}

/** Where a part of a block stands on the picture of its page: the lines that it is on, or all of the block where they are not known. */
export function areas({ area, lines = [] }: BlockDto, from: number, to: number): AreaDto[] {
  const on = lines.filter((line, nth) => line.from < to && (lines[nth + 1]?.from ?? Infinity) > from);
  if (on.length > 0) return on.map((line) => line.area);
  return area ? [area] : [];
}

/** A text in pieces; those between the ends of a range are marked. */
export function marked(text: string, ranges: { from: number; to: number; kind: string }[]): { text: string; kind: string | null }[] {
  const pieces: { text: string; kind: string | null }[] = [];
  let at = 0;
  for (const { from, to, kind } of [...ranges].sort((a, b) => a.from - b.from)) {
    if (to <= at) continue;
    const begin = Math.max(from, at);
    if (begin > at) pieces.push({ text: text.slice(at, begin), kind: null });
    pieces.push({ text: text.slice(begin, to), kind });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), kind: null });
  return pieces;
}

function wordsOf(text: string): { word: string; from: number; to: number }[] {
  return [...text.matchAll(/[\p{L}\p{M}\p{N}]+/gu)].map(({ 0: word, index }) => ({ word: plain(word), from: index, to: index + word.length }));
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Plain, letter by letter, so that places in it are places in the text. */
function sameLength(text: string): string {
  const flat = plain(text);
  if (flat.length === text.length) return flat;
  return Array.from({ length: text.length }, (_, i) => plain(text[i] ?? "")[0] ?? " ").join("");
}

/** The words before a place, from the beginning of one. */
function begun(text: string, at: number): string {
  const from = Math.max(0, at - AROUND);
  const before = text.slice(from, at);
  return from === 0 ? before : `…${before.replace(/^\S*/, "")}`;
}

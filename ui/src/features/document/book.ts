/** One document as it is read: its pages as text and as pictures, fetched as they are needed. Knows no screen. */
import { type Documents, MOST_PAGES } from "@/shared/bridge/bridge";
import { type Failure, toFailure } from "@/shared/failure";
import type { PageDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import { type Place, cited } from "./find";

/** Pages fetched at once while somebody reads. */
const STRETCH = 10;
/** The most pages that are looked through for words that are quoted from them. */
const MOST_QUOTED = 20;
/** Pictures kept for whoever turns back. */
const PICTURES = 24;
/** The height of a page by its width, until one was seen. */
const USUAL = 1.414;
/** Pictures are made in steps of this width, so that moving a border draws none anew. */
const STEP = 300;
const WIDEST = 2400;

export interface Texts {
  /** The pages that were fetched, by their number. */
  pages: ReadonlyMap<number, PageDto>;
  failure: Failure | null;
}

export class Book {
  readonly texts = new Cell<Texts>({ pages: new Map(), failure: null });
  /** The height of pages by their width, of those that were seen. */
  readonly shapes = new Cell<ReadonlyMap<number, number>>(new Map());
  /** How often the server came back; what failed before may be there now. */
  readonly returns = new Cell(0);
  readonly #asked = new Map<number, Promise<void>>();
  readonly #pictures = new Map<string, Promise<Blob>>();
  #usual = USUAL;

  constructor(
    readonly id: string,
    readonly count: number,
    private readonly documents: Pick<Documents, "pages" | "picture">,
  ) {}

  /** Fetches the text around a page, once. */
  want(page: number): Promise<void> {
    const from = Math.floor((page - 1) / STRETCH) * STRETCH + 1;
    return this.#fetch(from, Math.min(this.count, from + STRETCH - 1));
  }

  /** Fetches all text, a stretch after the other, as long as somebody wants it. */
  async wantAll(signal: AbortSignal): Promise<void> {
    for (let from = 1; from <= this.count && !signal.aborted; from += MOST_PAGES) {
      const to = Math.min(this.count, from + MOST_PAGES - 1);
      const { pages } = this.texts.get();
      const missing = Array.from({ length: to - from + 1 }, (_, i) => from + i).some((page) => !pages.has(page));
      if (missing) await this.#fetch(from, to);
      if (this.texts.get().failure) return;
    }
  }

  /** Where words stand that are quoted from some of the pages, in the order of pages. */
  async quoted(from: number, to: number, words: string): Promise<Place[]> {
    const among = Array.from({ length: Math.min(to - from + 1, MOST_QUOTED, this.count - from + 1) }, (_, i) => from + i);
    await Promise.all(among.map((page) => this.want(page)));
    const there = this.texts.get().pages;
    return cited(among.flatMap((page) => there.get(page) ?? []), words);
  }

  /** Tries again what could not be fetched. */
  again(page: number): void {
    this.texts.update((was) => ({ ...was, failure: null }));
    void this.want(page);
  }

  /** The server is back: whoever misses something may ask for it again. */
  recover(): void {
    this.texts.update((was) => (was.failure ? { ...was, failure: null } : was));
    this.returns.update((was) => was + 1);
  }

  /** The picture of a page for so many pixels of the screen. */
  picture(page: number, pixels: number): Promise<Blob> {
    const width = Math.min(WIDEST, Math.ceil(pixels / STEP) * STEP);
    const key = `${page} ${width}`;
    const kept = this.#pictures.get(key);
    const picture = kept ?? this.documents.picture(this.id, page, width);
    // The one used last is the last to go.
    this.#pictures.delete(key);
    this.#pictures.set(key, picture);
    picture.catch(() => this.#pictures.delete(key));
    for (const oldest of this.#pictures.keys()) {
      if (this.#pictures.size <= PICTURES) break;
      this.#pictures.delete(oldest);
    }
    return picture;
  }

  /** The height of a page by its width; one that was not seen is like the last one that was. */
  shape(page: number): number {
    return this.shapes.get().get(page) ?? this.#usual;
  }

  seen(page: number, width: number, height: number): void {
    if (!(width > 0 && height > 0)) return;
    const shape = height / width;
    this.#usual = shape;
    const known = this.shapes.get().get(page);
    if (known !== undefined && Math.abs(known - shape) < 0.001) return;
    this.shapes.update((was) => new Map(was).set(page, shape));
  }

  #fetch(from: number, to: number): Promise<void> {
    const asked = this.#asked.get(from * (MOST_PAGES + 1) + (to - from));
    if (asked) return asked;
    const key = from * (MOST_PAGES + 1) + (to - from);
    const fetched = this.documents.pages(this.id, from, to).then(
      (found) =>
        this.texts.update((was) => {
          const pages = new Map(was.pages);
          // A page of which nothing is told is one on which nothing stands.
          for (let number = from; number <= to; number++) if (!pages.has(number)) pages.set(number, { number, blocks: [], figures: [] });
          for (const page of found) pages.set(page.number, page);
          return { pages, failure: null };
        }),
      (error: unknown) => {
        this.#asked.delete(key);
        this.texts.update((was) => ({ ...was, failure: toFailure(error) }));
      },
    );
    this.#asked.set(key, fetched);
    return fetched;
  }
}

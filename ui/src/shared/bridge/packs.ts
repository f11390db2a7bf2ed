/** Packs: sets of cards for revising, each a question, its answer and what that rests on. A part of the bridge. */
import type { CardDto, OpenPackDto, PackDto } from "@/shared/protocol";

export interface Packs {
  /** One's own, then those that classes and everybody are shown; `null` where the server has none. */
  list(): Promise<PackDto[] | null>;
  get(id: string): Promise<OpenPackDto>;
  make(title: string): Promise<PackDto>;
  rename(id: string, title: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Shows it to everybody on the server, or to nobody but oneself and one's classes. */
  publish(id: string, shown: boolean): Promise<void>;
  share(classId: string, id: string): Promise<void>;
  unshare(classId: string, id: string): Promise<void>;
  /** Makes a card of an answered question; one that is there already stays as it is. */
  keep(id: string, turn: KeptTurn): Promise<CardDto>;
  /** Writes a card by hand. */
  write(id: string, words: CardWords): Promise<CardDto>;
  correct(id: string, cardId: string, words: CardWords): Promise<CardDto>;
  discard(id: string, cardId: string): Promise<void>;
  /** What Anki imports, as text. */
  anki(id: string): Promise<string>;
}

/** An answered question, by what the server calls it. */
export interface KeptTurn {
  sessionId: string;
  queryId: string;
}

export interface CardWords {
  question: string;
  answer: string;
}

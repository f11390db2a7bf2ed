/** Uploads that wait for what passes, a server that is away or a full disk: they are tried again and again, which nobody has to see each time. */
import type { Upload, Uploads } from "@/shared/bridge/bridge";
import type { ErrorDto } from "@/shared/protocol";
import { Cell, type Watch } from "@/shared/store/watch";

interface Wait {
  failure: ErrorDto;
  /** Bytes that had left at most; only more than these are news. */
  sent: number;
}

type Waits = ReadonlyMap<string, Wait>;

const shown = new WeakMap<Uploads, CalmList>();

/** The uploads as they are shown; whatever shows or tells of them has the same ones. */
export function calmList(uploads: Uploads): CalmList {
  const list = shown.get(uploads) ?? new CalmList(uploads.list);
  shown.set(uploads, list);
  return list;
}

export class CalmList implements Watch<Upload[]> {
  #waits: Waits = new Map();
  /** Those that a person tries again, until that has begun: the shell of the desktop takes a moment. */
  #asked: ReadonlySet<string> = new Set();
  #seen: Upload[] | null = null;
  #calm: Upload[] = [];
  readonly #forgotten = new Cell(0);

  constructor(private readonly list: Watch<Upload[]>) {}

  get = (): Upload[] => {
    const list = this.list.get();
    if (list === this.#seen) return this.#calm;
    this.#seen = list;
    this.#asked = new Set(list.filter(({ id, state }) => this.#asked.has(id) && state === "failed").map(({ id }) => id));
    this.#waits = stillWaiting(this.#waits, list, this.#asked);
    this.#calm = list.map((upload) => calm(upload, this.#waits));
    return this.#calm;
  };

  subscribe = (listener: () => void): (() => void) => {
    const ends = [this.list.subscribe(listener), this.#forgotten.subscribe(listener)];
    return () => ends.forEach((end) => end());
  };

  /** Whoever tries one again themselves sees what comes of it. */
  forget(id: string): void {
    this.#asked = new Set([...this.#asked, id]);
    this.#waits = new Map([...this.#waits].filter(([other]) => other !== id));
    this.#seen = null;
    this.#forgotten.update((times) => times + 1);
  }
}

/** Those that wait after what is told now; an attempt of which nothing has come leaves a wait as it was, unless a person asked for it. */
function stillWaiting(before: Waits, list: Upload[], asked: ReadonlySet<string>): Waits {
  return new Map(
    list.flatMap(({ id, state, failure, sent }): [string, Wait][] => {
      if (asked.has(id)) return [];
      const was = before.get(id);
      if (state === "failed" && failure?.retryable) return [[id, { failure, sent: Math.max(sent, was?.sent ?? 0) }]];
      const tried = state === "checking" || state === "waiting" || state === "sending";
      return was && tried && sent <= was.sent ? [[id, was]] : [];
    }),
  );
}

/** An upload as it is shown: while it is only tried again, what it waits for. */
function calm(upload: Upload, waits: Waits): Upload {
  const wait = waits.get(upload.id);
  return wait ? { ...upload, state: "failed", failure: wait.failure, speed: 0, secondsLeft: null } : upload;
}

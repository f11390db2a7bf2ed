/** When words of an answer are heard: when its stretches sound, put together with the times within them. Knows no device. */
import type { SpokenWordDto } from "@/shared/protocol";

export class Words {
  /** When the stretch of a number begins to sound. */
  readonly #begins = new Map<number, number>();
  /** Words whose stretch has not come. */
  readonly #waiting = new Map<number, SpokenWordDto[]>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();

  constructor(private readonly heard: (word: SpokenWordDto) => void) {}

  /** A stretch sounds in so many milliseconds. */
  stretch(index: number, ms: number): void {
    this.#begins.set(index, Date.now() + ms);
    const words = this.#waiting.get(index);
    if (!words) return;
    this.#waiting.delete(index);
    this.told(index, words);
  }

  /** Words are heard so long after this stretch has begun. */
  told(index: number, words: SpokenWordDto[]): void {
    const begins = this.#begins.get(index);
    if (begins === undefined) {
      this.#waiting.set(index, words);
      return;
    }
    for (const word of words) {
      const ms = begins + word.atMs - Date.now();
      // One that was heard before it is known is passed over.
      if (ms < 0) continue;
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        this.heard(word);
      }, ms);
      this.#timers.add(timer);
    }
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#waiting.clear();
  }
}

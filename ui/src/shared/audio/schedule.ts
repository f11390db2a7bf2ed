/** When each stretch of a streamed answer has to begin so that there is neither gap nor overlap. Knows no device. */

/** Time to hand a first stretch over before it has to sound. */
const LEAD_SECONDS = 0.02;

export class Schedule {
  /** Where the last stretch ends, in samples since the first; whole numbers do not drift. */
  #samples = 0;
  #origin: number | null = null;

  constructor(readonly rate: number) {}

  /** The moment at which a stretch of `length` samples begins, when it is `now`. */
  next(length: number, now: number): number {
    // After a pause in the stream the rest moves back as one.
    if (this.#origin === null || this.end() < now + 0.002) {
      this.#origin = now + LEAD_SECONDS;
      this.#samples = 0;
    }
    const at = this.#origin + this.#samples / this.rate;
    this.#samples += length;
    return at;
  }

  /** The moment at which everything scheduled so far has sounded. */
  end(): number {
    return this.#origin === null ? 0 : this.#origin + this.#samples / this.rate;
  }
}

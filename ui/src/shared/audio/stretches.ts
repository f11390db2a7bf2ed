/** What is new in a stretch of a spoken answer: the rule of the numbers in `audio_chunk`. Knows no sound. */

/**
 * The stretches of an answer that have come. After an interruption a piece may come again from its first number, and a voice may be cut
 * otherwise than before, so what is known of it is told by its length.
 */
export class Stretches {
  /** Where each number began, in the order of the numbers. */
  readonly #begins: { number: number; at: number }[] = [];
  #length = 0;
  /** The number that goes on with what came last, and where. */
  #follows = { number: 0, at: 0 };

  /** Takes a stretch of this length, and says how much of it, from its beginning, has come before. */
  take(number: number, length: number): number {
    const place = this.#begins.findLastIndex((one) => one.number < number) + 1;
    const next = this.#begins[place];
    const at = this.#follows.number === number ? this.#follows.at : (next?.at ?? this.#length);
    if (next?.number !== number) this.#begins.splice(place, 0, { number, at });
    const known = Math.min(this.#length - at, length);
    this.#length = Math.max(this.#length, at + length);
    this.#follows = { number: number + 1, at: at + length };
    return known;
  }
}

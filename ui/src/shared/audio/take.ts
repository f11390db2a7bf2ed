/** Keeps the moment before a press, so that no first word is lost, and gathers what comes after. Knows no device. */

/** How much of the past is kept. */
export const PRE_ROLL_SECONDS = 0.4;

export class Take {
  readonly #past: Float32Array[] = [];
  #pastLength = 0;
  #taken: Float32Array[] | null = null;
  #takenLength = 0;
  #most = Infinity;
  readonly #keep: number;

  constructor(readonly rate: number) {
    this.#keep = Math.round(rate * PRE_ROLL_SECONDS);
  }

  /** So many seconds are taken at most, also of what is being taken. */
  limit(seconds: number): void {
    this.#most = Math.floor(this.rate * seconds);
  }

  /** Whether as much was taken as may be. */
  get full(): boolean {
    return this.#taken !== null && this.#takenLength >= this.#most;
  }

  /** The next samples from the microphone. */
  hear(samples: Float32Array): void {
    if (this.#taken) {
      if (this.full) return;
      this.#taken.push(samples);
      this.#takenLength += samples.length;
      return;
    }
    this.#past.push(samples);
    this.#pastLength += samples.length;
    while (this.#past[0] && this.#pastLength - this.#past[0].length >= this.#keep) {
      this.#pastLength -= (this.#past.shift() as Float32Array).length;
    }
  }

  /** From now on samples are kept, after those of the moment before. */
  begin(): void {
    this.#taken = this.#past.splice(0);
    this.#takenLength = this.#pastLength;
    this.#pastLength = 0;
  }

  /** Everything since the moment before `begin`. */
  end(): Float32Array {
    const parts = this.#taken ?? [];
    this.#taken = null;
    const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole.subarray(0, this.#most);
  }
}

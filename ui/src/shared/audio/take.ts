/** Keeps the moment before a press, so that no first word is lost, and gathers what comes after. Knows no device. */

/** How much of the past is kept. */
export const PRE_ROLL_SECONDS = 0.4;

export class Take {
  readonly #past: Float32Array[] = [];
  #pastLength = 0;
  #taken: Float32Array[] | null = null;
  readonly #keep: number;

  constructor(readonly rate: number) {
    this.#keep = Math.round(rate * PRE_ROLL_SECONDS);
  }

  /** The next samples from the microphone. */
  hear(samples: Float32Array): void {
    if (this.#taken) {
      this.#taken.push(samples);
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
    return whole;
  }
}

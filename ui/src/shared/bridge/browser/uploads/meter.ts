/** Turns counts of bytes into speed and time left. Knows no network. */

/** The speed is that of this last stretch: long enough to be steady, short enough to follow the network. */
const WINDOW_MS = 5000;

export class Meter {
  readonly #past: { at: number; bytes: number }[];

  constructor(
    private readonly total: number,
    already: number,
    now: number,
  ) {
    this.#past = [{ at: now, bytes: already }];
  }

  read(bytes: number, now: number): { sent: number; speed: number; secondsLeft: number | null } {
    this.#past.push({ at: now, bytes });
    while (this.#past.length > 2 && now - (this.#past[1]?.at ?? now) > WINDOW_MS) this.#past.shift();
    const [since] = this.#past;
    const seconds = (now - (since?.at ?? now)) / 1000;
    const speed = seconds > 0 ? Math.max(0, Math.floor((bytes - (since?.bytes ?? 0)) / seconds)) : 0;
    const left = Math.max(0, this.total - bytes);
    return { sent: Math.min(bytes, this.total), speed, secondsLeft: speed > 0 ? Math.ceil(left / speed) : null };
  }
}

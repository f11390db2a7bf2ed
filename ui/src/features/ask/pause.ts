/** Notices that somebody has finished speaking, by loudness alone. Knows no microphone. */

/** How far above the room's own noise speech is, on the scale of levels. */
const ABOVE = 0.12;
/** Quieter than this is nobody, whatever the room. */
const QUIETEST = 0.28;
/** Speech may pause this long to think. */
const THINKING_MS = 1300;
/** Without a word for this long there will be none. */
const NOBODY_MS = 8000;
/** A cough is shorter than a word. */
const WORD_MS = 150;

export class Pause {
  #room = 1;
  #began: number | null = null;
  #last = 0;
  #loudSince: number | null = null;
  #spoke = false;

  /** Takes a level from 0 to 1. */
  hear(level: number, now: number): "going" | "paused" | "silent" {
    this.#began ??= now;
    // The room's noise is the quietest of late; it rises slowly, so that a fan that starts is not speech for ever.
    this.#room = Math.min(level, this.#room + 0.0008);
    if (level > Math.max(QUIETEST, this.#room + ABOVE)) {
      this.#loudSince ??= now;
      if (now - this.#loudSince >= WORD_MS) this.#spoke = true;
      this.#last = now;
    } else {
      this.#loudSince = null;
    }
    if (this.#spoke && now - this.#last > THINKING_MS) return "paused";
    if (!this.#spoke && now - this.#began > NOBODY_MS) return "silent";
    return "going";
  }
}

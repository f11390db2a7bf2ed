/** Plays a recording: position, speed without chipmunks, silence skipped, single clips. Knows an audio element, no screen. */
import { Failure, code, toFailure } from "@/shared/failure";
import type { SpanDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";

export interface PlaybackState {
  playing: boolean;
  /** Whether sound is waited for. */
  waiting: boolean;
  duration: number;
  rate: number;
  failure: Failure | null;
  /** The clip that is heard instead of the lecture. */
  clip: SpanDto | null;
}

/** Some silence is left, so that sentences stay apart. */
const KEPT_SILENCE = 0.35;
/** An address that was renewed a moment ago and fails again will not get better. */
const RENEW_PAUSE_MS = 10_000;
/** Whoever has not told by then that a recording is known, or a place in it found, may only tell once it plays. */
const SETTLING_MS = 2_000;
/** A player that is to play and has not moved for so long is stuck, and begins anew at its place; each time it is given longer. */
const STUCK_MS = 4_000;

export const SLOWEST = 0.5;
export const FASTEST = 3;

export class Playback {
  readonly state: Cell<PlaybackState>;
  /** Seconds; changes with every frame while playing. */
  readonly time = new Cell(0);
  #silences: SpanDto[] = [];
  #skip = false;
  #back: { time: number; playing: boolean } | null = null;
  #frame = 0;
  #loaded: Promise<void> | null = null;
  #renewed = 0;
  /** Whether the person wants to hear it, whatever stands in the way. */
  #wished = false;

  constructor(
    readonly element: HTMLAudioElement,
    private readonly address: () => Promise<string>,
    duration: number,
    rate: number,
  ) {
    this.state = new Cell<PlaybackState>({ playing: false, waiting: false, duration, rate, failure: null, clip: null });
    element.preload = "metadata";
    element.preservesPitch = true;
    element.defaultPlaybackRate = element.playbackRate = rate;
    element.addEventListener("play", () => this.#now({ playing: true }));
    element.addEventListener("pause", () => this.#now({ playing: false, waiting: false }));
    element.addEventListener("waiting", () => this.#now({ waiting: true }));
    element.addEventListener("playing", () => this.#now({ waiting: false, failure: null }));
    element.addEventListener("ended", () => this.state.get().clip && this.#endClip());
    element.addEventListener("seeked", () => this.#tick());
    element.addEventListener("error", () => void this.#renew());
    element.addEventListener("durationchange", () => {
      if (Number.isFinite(element.duration) && element.duration > 0) this.#now({ duration: element.duration });
    });
  }

  async play(): Promise<void> {
    this.#wished = true;
    try {
      await this.#load();
      if (this.time.get() >= this.state.get().duration - 0.05 && !this.state.get().clip) this.seek(0);
      // Some players get stuck when they are to play while they still look for the place.
      if (this.element.readyState < HTMLMediaElement.HAVE_METADATA) await this.#told("loadedmetadata");
      if (this.element.seeking) await this.#told("seeked");
      if (!this.#wished) return;
      await this.element.play();
      this.#run();
    } catch (error) {
      // A pause that comes before the sound is no failure.
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.#now({ playing: false, failure: error instanceof Failure ? error : cannotPlay() });
    }
  }

  pause(): void {
    this.#wished = false;
    this.element.pause();
    cancelAnimationFrame(this.#frame);
  }

  /** What failed is tried again, because the server is back. */
  recover(): void {
    if (!this.state.get().failure) return;
    this.#renewed = 0;
    this.#loaded = null;
    this.#now({ failure: null });
    if (this.#wished) void this.play();
  }

  toggle(): void {
    if (this.state.get().playing) this.pause();
    else void this.play();
  }

  seek(seconds: number): void {
    this.#back = null;
    this.#now({ clip: null });
    this.#jump(seconds);
  }

  skip(seconds: number): void {
    this.seek(this.time.get() + seconds);
  }

  setRate(rate: number): void {
    const clean = Math.min(FASTEST, Math.max(SLOWEST, Math.round(rate * 20) / 20));
    this.element.defaultPlaybackRate = this.element.playbackRate = clean;
    this.#now({ rate: clean });
  }

  setSilences(silences: SpanDto[], skip: boolean): void {
    this.#silences = silences;
    this.#skip = skip;
  }

  /** Plays the lecturer's own seconds and returns to where the lecture stopped. */
  async playClip(span: SpanDto): Promise<void> {
    this.#back ??= { time: this.time.get(), playing: this.state.get().playing };
    this.#now({ clip: span });
    await this.#load().catch(() => undefined);
    this.#jump(span.from);
    await this.play();
  }

  stopClip(): void {
    if (this.state.get().clip) this.#endClip();
  }

  /** Where the lecture stands, also while a clip from elsewhere is heard. */
  position(): number {
    return this.#back?.time ?? this.time.get();
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.element.pause();
    this.element.removeAttribute("src");
    this.element.load();
  }

  #jump(seconds: number): void {
    const at = Math.min(Math.max(0, seconds), Math.max(0, this.state.get().duration - 0.01));
    this.time.set(at);
    if (this.element.src) this.element.currentTime = at;
    else void this.#load().then(() => (this.element.currentTime = this.time.get()), () => undefined);
  }

  #load(): Promise<void> {
    this.#loaded ??= this.address().then(
      (url) => {
        this.element.src = url;
        this.element.currentTime = this.time.get();
        this.element.playbackRate = this.state.get().rate;
      },
      (error: unknown) => {
        this.#loaded = null;
        this.#now({ failure: toFailure(error) });
        throw error;
      },
    );
    return this.#loaded;
  }

  /** Addresses expire; a new one goes on at the same place. */
  async #renew(): Promise<void> {
    if (!this.element.src) return;
    if (Date.now() - this.#renewed < RENEW_PAUSE_MS) return this.#now({ playing: false, waiting: false, failure: cannotPlay() });
    this.#renewed = Date.now();
    const playing = this.state.get().playing;
    this.#loaded = null;
    await this.#load().catch(() => undefined);
    if (playing) await this.play();
  }

  /** Waits for an event of the player, but neither for ever nor beyond a failure. */
  #told(event: "loadedmetadata" | "seeked"): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        for (const name of [event, "error"]) this.element.removeEventListener(name, done);
        resolve();
      };
      const timer = setTimeout(done, SETTLING_MS);
      for (const name of [event, "error"]) this.element.addEventListener(name, done);
    });
  }

  #run(): void {
    cancelAnimationFrame(this.#frame);
    let [at, moved, patience] = [this.element.currentTime, performance.now(), STUCK_MS];
    const step = () => {
      const now = performance.now();
      if (this.element.currentTime !== at) [at, moved] = [this.element.currentTime, now];
      if (now - moved > patience && !this.element.paused) {
        [moved, patience] = [now, patience * 2];
        this.#anew();
      }
      this.#tick();
      if (!this.element.paused) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** The same recording in a player without a past. */
  #anew(): void {
    const at = this.time.get();
    this.element.load();
    this.element.currentTime = at;
    // Whatever keeps it from playing is told by its events.
    this.element.play().catch(() => undefined);
  }

  #tick(): void {
    const at = this.element.currentTime;
    const { clip, playing } = this.state.get();
    this.time.set(at);
    if (clip) {
      if (at >= clip.to) this.#endClip();
      return;
    }
    if (!this.#skip || !playing) return;
    const silence = this.#silences.find((span) => at > span.from + KEPT_SILENCE && at < span.to - KEPT_SILENCE);
    if (silence) this.element.currentTime = silence.to - KEPT_SILENCE;
  }

  #endClip(): void {
    const back = this.#back;
    this.#back = null;
    this.pause();
    this.#now({ clip: null });
    if (!back) return;
    this.#jump(back.time);
    if (back.playing) void this.play();
  }

  #now(change: Partial<PlaybackState>): void {
    this.state.update((was) => ({ ...was, ...change }));
  }
}

function cannotPlay(): Failure {
  return new Failure(code.cannotPlay, "the recording cannot be played here", true);
}

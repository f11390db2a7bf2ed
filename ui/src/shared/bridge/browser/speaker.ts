/** Plays streamed answers without gaps or clicks, and falls silent at once. Knows no question. */
import { Schedule } from "@/shared/audio/schedule";
import { Cell } from "@/shared/store/watch";
import type { Speaker } from "../bridge";

/** Long enough to be no click, short enough to be at once. */
const FADE_SECONDS = 0.01;

/** One answer being heard. */
export interface Speech {
  /** Says in how many milliseconds it is heard; nothing when it is not. */
  push(samples: Float32Array<ArrayBuffer>, rate: number): number | null;
  /** Nothing more will come. */
  end(): void;
  stop(): void;
}

export class StreamPlayer implements Speaker {
  readonly speaking = new Cell(false);
  #context: AudioContext | null = null;
  #current: StreamedSpeech | null = null;
  #output = "";
  /** Voices keep their rate, so the last one is a good guess for the next. */
  #rate = 16_000;

  begin(): Speech {
    this.hush();
    // Waking the loudspeaker takes longer than the first stretch may wait.
    this.#at(this.#rate);
    const speech = new StreamedSpeech(
      (rate) => this.#at(rate),
      () => this.#current === speech && this.speaking.set(speech.sounding),
    );
    this.#current = speech;
    return speech;
  }

  hush(): void {
    this.#current?.stop();
    this.#current = null;
    this.speaking.set(false);
  }

  async use(output: string): Promise<void> {
    this.#output = output;
    if (this.#context) await route(this.#context, output);
  }

  async test(): Promise<void> {
    const rate = 48_000;
    const samples = new Float32Array(rate * 0.9);
    for (let i = 0; i < samples.length; i++) {
      const second = i / rate;
      const pitch = second < 0.3 ? 440 : second < 0.6 ? 554.37 : 659.25;
      const within = second % 0.3;
      samples[i] = 0.2 * Math.sin(2 * Math.PI * pitch * second) * Math.sin((Math.PI * within) / 0.3);
    }
    const speech = this.begin();
    speech.push(samples, rate);
    speech.end();
  }

  /** A context at the stream's own rate: each stretch is then played sample by sample, and seams cannot be heard. */
  #at(rate: number): AudioContext {
    this.#rate = rate;
    if (this.#context?.sampleRate !== rate) {
      void this.#context?.close();
      this.#context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
      if (this.#output) void route(this.#context, this.#output);
    }
    if (this.#context.state === "suspended") void this.#context.resume();
    return this.#context;
  }
}

class StreamedSpeech implements Speech {
  #gain: GainNode | null = null;
  #schedule: Schedule | null = null;
  readonly #sources = new Set<AudioBufferSourceNode>();
  #stopped = false;
  #ended = false;

  constructor(
    private readonly contextAt: (rate: number) => AudioContext,
    private readonly changed: () => void,
  ) {}

  /** Between two stretches of an answer that goes on, the speech still counts as sounding. */
  get sounding(): boolean {
    return !this.#stopped && this.#schedule !== null && (this.#sources.size > 0 || !this.#ended);
  }

  push(samples: Float32Array<ArrayBuffer>, rate: number): number | null {
    if (this.#stopped || samples.length === 0) return null;
    const context = this.contextAt(rate);
    if (!this.#gain || !this.#schedule) {
      this.#gain = context.createGain();
      this.#gain.connect(context.destination);
      this.#schedule = new Schedule(rate);
    }
    const buffer = context.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#gain);
    source.onended = () => {
      this.#sources.delete(source);
      this.changed();
    };
    this.#sources.add(source);
    const at = this.#schedule.next(samples.length, context.currentTime);
    source.start(at);
    this.changed();
    return (at - context.currentTime) * 1_000;
  }

  end(): void {
    this.#ended = true;
    this.changed();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#silence();
    this.changed();
  }

  #silence(): void {
    const gain = this.#gain;
    if (!gain) return;
    const now = gain.context.currentTime;
    gain.gain.setValueAtTime(1, now);
    gain.gain.linearRampToValueAtTime(0, now + FADE_SECONDS);
    for (const source of this.#sources) {
      source.onended = null;
      source.stop(now + FADE_SECONDS);
    }
    this.#sources.clear();
  }
}

/** Plays on a chosen loudspeaker where the browser can; a device that went away is replaced by the system's choice. */
async function route(context: AudioContext, output: string): Promise<void> {
  const able = context as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  // A context that was closed meanwhile has nothing to be routed.
  const use = async (id: string) => (context.state === "closed" ? undefined : able.setSinkId?.(id));
  await use(output)
    .catch(() => use(""))
    .catch(() => undefined);
}

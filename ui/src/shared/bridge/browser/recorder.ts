/** Records from a microphone at the device's own rate. Says in plain words why it cannot, and opens again when it can. */
import captureUrl from "@/shared/audio/capture.worklet.js?url&no-inline";
import { loudness } from "@/shared/audio/level";
import { Take } from "@/shared/audio/take";
import { Failure, code } from "@/shared/failure";
import { Cell } from "@/shared/store/watch";
import type { Recorder, RecorderState, Recording } from "../bridge";

/** What is recorded after the release, for the end of the last word. */
const TAIL_MS = 180;
/** How long a question may be where the server has not told. */
const USUAL_SECONDS = 120;

export interface Captured {
  samples: Float32Array;
  rate: number;
}

interface Open {
  stream: MediaStream;
  context: AudioContext;
  take: Take;
}

export class MicrophoneRecorder implements Recorder {
  readonly state = new Cell<RecorderState>({ phase: "closed" });
  readonly level = new Cell(0);
  #open: Open | null = null;
  #opening: Promise<Open> | null = null;
  #device = "";
  /** How often devices came or went. */
  #changes = 0;
  /** Whether the page wants the microphone open; it is opened again when a device comes back. */
  #wanted = false;

  /** `longest` tells how many seconds are recorded at most. */
  constructor(private readonly longest: () => Promise<number>) {
    navigator.mediaDevices?.addEventListener("devicechange", () => {
      this.#changes++;
      if (this.#wanted && this.state.get().phase === "failed") void this.open().catch(() => undefined);
    });
    // A permission that is given later in the browser's own settings is used at once.
    void permission().then((status) =>
      status?.addEventListener("change", () => {
        if (status.state === "granted" && this.state.get().phase === "failed") void this.open().catch(() => undefined);
        if (status.state === "denied") this.#lose(new Failure(code.refusedMicrophone, "the microphone is not allowed"));
      }),
    );
  }

  async allowed(): Promise<boolean> {
    return (await permission())?.state === "granted";
  }

  async use(device: string): Promise<void> {
    if (device === this.#device) return;
    this.#device = device;
    if (!this.#wanted) return;
    this.#shut();
    // What is being opened just now notices the choice by itself.
    await this.#ready();
  }

  async open(): Promise<void> {
    this.#wanted = true;
    await this.#ready();
  }

  close(): void {
    this.#wanted = false;
    this.#shut();
    this.state.set({ phase: "closed" });
  }

  async start(): Promise<void> {
    this.#wanted = true;
    const open = this.#open ?? (await this.#ready());
    open.take.begin();
    void this.longest().then(
      (seconds) => open.take.limit(seconds),
      () => open.take.limit(USUAL_SECONDS),
    );
    this.state.set({ phase: "recording", since: Date.now() });
  }

  async finish(): Promise<Recording | null> {
    const open = this.#open;
    if (!open || !this.#records()) return null;
    if (!open.take.full) await new Promise((resolve) => setTimeout(resolve, TAIL_MS));
    const samples = open.take.end();
    if (this.#open === open) this.state.set({ phase: "ready" });
    if (samples.length === 0) return null;
    const captured: Captured = { samples, rate: open.take.rate };
    return { seconds: samples.length / open.take.rate, content: captured };
  }

  discard(): void {
    this.#open?.take.end();
    if (this.#records()) this.state.set({ phase: "ready" });
  }

  /** Whether there is a recording to finish. */
  #records(): boolean {
    const { phase } = this.state.get();
    return phase === "recording" || phase === "full";
  }

  #ready(): Promise<Open> {
    if (this.#open) return Promise.resolve(this.#open);
    this.#opening ??= this.#begin().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #begin(): Promise<Open> {
    this.state.set({ phase: "opening" });
    try {
      const open = await this.#connectChosen();
      this.#open = open;
      // Whoever asked for it may have left meanwhile, and nobody would close it.
      if (!this.#wanted) throw new Failure(code.stopped, "the microphone is not needed any more");
      this.state.set({ phase: "ready" });
      return open;
    } catch (error) {
      const failure = explain(error);
      if (!this.#wanted) {
        this.close();
        throw failure;
      }
      this.state.set({ phase: "failed", failure });
      throw failure;
    }
  }

  /**
   * Opens the chosen device; where another was chosen meanwhile, that one instead, whatever became of the first. One that was not there
   * may have come while it was looked for.
   */
  async #connectChosen(): Promise<Open> {
    for (;;) {
      const [device, changes] = [this.#device, this.#changes];
      const last = () => device === this.#device || !this.#wanted;
      const open = await this.#connect(device).catch((error: unknown) => {
        if (last() && (changes === this.#changes || !this.#wanted)) throw error;
        return null;
      });
      if (open && last()) return open;
      if (open) end(open);
    }
  }

  async #connect(device: string): Promise<Open> {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Failure(code.insecure, "browsers allow a microphone only on secure pages; open this page over https or on this machine");
    }
    const chosen = device ? { deviceId: { ideal: device } } : {};
    // Echoes of the lecture and of the answer are removed; noise is left to the recogniser, which knows better what is speech.
    const audio = { ...chosen, echoCancellation: true, noiseSuppression: false, autoGainControl: false };
    // Most microphones run at the rate of the loudspeaker; where one does not, listening begins a little later.
    const likely = listener();
    const stream = await navigator.mediaDevices.getUserMedia({ audio }).catch(async (error: unknown) => {
      await (await likely).close();
      throw error;
    });
    const [track] = stream.getAudioTracks();
    const rate = track?.getSettings().sampleRate;
    let context = await likely;
    if (rate && rate !== context.sampleRate) {
      void context.close();
      context = await listener(rate);
    }
    const take = new Take(context.sampleRate);
    const node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
      take.hear(data);
      if (take.full && this.state.get().phase === "recording") this.state.set({ phase: "full" });
      this.level.set(Math.max(loudness(data), this.level.get() * 0.8));
    };
    context.createMediaStreamSource(stream).connect(node);
    track?.addEventListener("ended", () => {
      if (this.#open?.stream === stream) this.#lose(new Failure(code.unplugged, "the microphone was unplugged"));
    });
    if (context.state === "suspended") await context.resume();
    return { stream, context, take };
  }

  #lose(failure: Failure): void {
    this.#shut();
    this.state.set({ phase: "failed", failure });
    // Another device may be there already.
    if (failure.code === code.unplugged && this.#wanted) setTimeout(() => void this.open().catch(() => undefined), 500);
  }

  #shut(): void {
    const open = this.#open;
    this.#open = null;
    this.level.set(0);
    if (open) end(open);
  }
}

function end({ stream, context }: Open): void {
  for (const track of stream.getTracks()) track.stop();
  void context.close();
}

/** A context that can hand out samples; made while the device is being opened, so that no word is lost to it. */
async function listener(sampleRate?: number): Promise<AudioContext> {
  const context = new AudioContext(sampleRate ? { sampleRate } : {});
  await context.audioWorklet.addModule(captureUrl);
  return context;
}

async function permission(): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: "microphone" as PermissionName });
  } catch {
    return null;
  }
}

function explain(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return new Failure(code.refusedMicrophone, "the microphone is not allowed");
  if (name === "NotFoundError" || name === "OverconstrainedError") return new Failure(code.noMicrophone, "no microphone was found");
  if (name === "NotReadableError") return new Failure(code.busyMicrophone, "another program holds the microphone; close it there", true);
  return new Failure(code.noMicrophone, "the microphone cannot be opened; choose another one", true);
}

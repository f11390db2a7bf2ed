/** Single clips of lectures, heard where no lecture is open. Knows audio elements, no screen. */
import type { Failure } from "@/shared/failure";
import type { SpanDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import { Playback } from "./playback";

export interface Clip {
  lectureId: string;
  span: SpanDto;
}

export class Clips {
  /** What is heard now. */
  readonly now = new Cell<Clip | null>(null);
  /** Why the last one was not heard. */
  readonly failure = new Cell<Failure | null>(null);
  #playback: Playback | null = null;

  constructor(
    private readonly element: () => HTMLAudioElement,
    private readonly address: (lectureId: string) => Promise<string>,
    private readonly rate: () => number,
  ) {}

  play(lectureId: string, span: SpanDto): void {
    this.stop();
    // How long the lecture is, its sound tells; until then it is at least as long as the clip.
    const playback = new Playback(this.element(), () => this.address(lectureId), span.to + 1, this.rate());
    this.#playback = playback;
    this.now.set({ lectureId, span });
    playback.state.subscribe(() => {
      const { clip, failure } = playback.state.get();
      if (this.#playback !== playback || (clip !== null && !failure)) return;
      this.stop();
      this.failure.set(failure);
    });
    void playback.playClip(span);
  }

  stop(): void {
    const playback = this.#playback;
    this.#playback = null;
    playback?.dispose();
    this.now.set(null);
    this.failure.set(null);
  }
}

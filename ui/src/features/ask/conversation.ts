/**
 * One conversation with a lecture, a document or several of them: raising a hand, being heard, the answer, interrupting it, and the lecture going on.
 * Knows the bridge and something that can be paused; no screen.
 */
import type { Asked, AskEvent, Asking, HeardWord, Recorder, Recording, Scope, Speaker } from "@/shared/bridge/bridge";
import { Failure, code, toFailure } from "@/shared/failure";
import type { CitationDto, SessionDto, SpeechWish, TurnDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";
import { Pause } from "./pause";
import { sameScope, scopeOf } from "./scope";

export type Phase = "idle" | "opening" | "listening" | "sending" | "answering" | "speaking";

export interface Turn {
  id: string;
  /** `null` until the words of a spoken question are known. */
  question: string | null;
  answer: string;
  citations: CitationDto[];
  /** Whether everything of it arrived. */
  done: boolean;
  interrupted: boolean;
  /** Whether a model wrote it; otherwise it is made of the lecture's own sentences. */
  generated: boolean;
  found: boolean;
  failure: Failure | null;
  asked: number;
  /** What the server calls it, from when it was sent. */
  queryId?: string;
  /** The characters of the answer that are heard now, where the voice tells. */
  word?: { from: number; to: number };
}

export interface ConversationState {
  phase: Phase;
  /** What is asked; one conversation keeps to it. */
  scope: Scope;
  /** Whether listening ends by itself, because the key was tapped rather than held. */
  latched: boolean;
  turns: Turn[];
  sessionId: string | null;
  /** What a person should know now. */
  notice: Failure | null;
}

/** What is heard, interrupted by a question and gone on with afterwards. */
export interface Interruptible {
  playing(): boolean;
  pause(): void;
  resume(): void;
}

/** A place in a lecture, in seconds, or in a document; neither where it is not clear which is meant. */
export interface Place {
  playhead: number | null;
  page: number | null;
}

export interface Parts {
  scope: Scope;
  asking: Asking;
  recorder: Recorder;
  speaker: Speaker;
  lecture: Interruptible;
  /** Where the person is in what they ask. */
  place: (scope: Scope) => Place;
  wish: () => SpeechWish;
  /** Whether the lecture goes on by itself. */
  goOn: () => boolean;
}

/** A shorter press was a tap. */
const TAP_MS = 300;
/** A recording shorter than this holds no word. */
const SHORTEST_SECONDS = 0.25;

export class Conversation {
  readonly state: Cell<ConversationState>;
  readonly #watching: (() => void)[];
  #asked: Asked | null = null;
  #pressed = 0;
  #held = false;
  /** Whether a question stopped the lecture, and it has not gone on since. */
  #owed = false;
  /** Each beginning has a number, so that what comes late for an earlier one is dropped. */
  #attempt = 0;
  #pause: Pause | null = null;
  /** Whether the press that began this recording silenced an answer. */
  #interrupted = false;

  constructor(private readonly parts: Parts) {
    this.state = new Cell<ConversationState>({ phase: "idle", scope: parts.scope, latched: false, turns: [], sessionId: null, notice: null });
    this.#watching = [
      parts.speaker.speaking.subscribe(() => this.#settle()),
      parts.recorder.level.subscribe(() => this.#listen()),
      parts.recorder.state.subscribe(() => this.#watchRecorder()),
    ];
  }

  /** The key or button goes down. */
  press(): void {
    if (this.#held) return;
    this.#held = true;
    this.#pressed = Date.now();
    const { phase, latched, turns } = this.state.get();
    if (phase === "listening" && latched) {
      this.#held = false;
      void this.#send();
      return;
    }
    // Until its last word is recorded a question is no turn yet, and the microphone is not free for another one.
    const asked = phase === "sending" && turns.at(-1)?.done === false;
    const interrupting = asked || phase === "answering" || phase === "speaking";
    if (!interrupting && phase !== "idle") return;
    const ready = this.parts.recorder.state.get().phase === "ready";
    // It is on its way before anything falls silent, stands still or is drawn: the first word is said already.
    const started = this.parts.recorder.start();
    if (interrupting) this.interrupt();
    else this.#hold();
    void this.#begin(interrupting, ready, started);
  }

  /** The key or button comes up. */
  release(handsFree: boolean): void {
    if (!this.#held) return;
    this.#held = false;
    const tap = Date.now() - this.#pressed < TAP_MS;
    const { phase } = this.state.get();
    if (phase !== "listening" && phase !== "opening") return;
    if (tap && this.#interrupted) return this.cancelListening();
    if (tap || handsFree) {
      this.#pause = new Pause();
      this.state.update((was) => ({ ...was, latched: true }));
    } else if (phase === "listening") {
      void this.#send();
    } else {
      // The microphone was not open yet and the words are gone; from here on it listens until the person pauses.
      this.#pause = new Pause();
      this.state.update((was) => ({ ...was, latched: true }));
    }
  }

  cancelListening(): void {
    this.#attempt++;
    this.#held = false;
    this.#pause = null;
    this.parts.recorder.discard();
    this.#set({ phase: "idle", latched: false });
    if (!this.#interrupted) this.#resumeLecture();
  }

  async askText(text: string): Promise<void> {
    const { phase } = this.state.get();
    // Whatever is on its way gives way, be it that nothing was heard of it yet.
    if (this.#asked || phase === "sending") this.interrupt();
    if (phase === "listening" || phase === "opening") {
      this.#held = false;
      this.#pause = null;
      this.parts.recorder.discard();
    }
    this.#hold();
    await this.#ask({ text }, text.trim());
  }

  /** Stops the answer; what was said of it stays. */
  interrupt(): void {
    this.#attempt++;
    // First, or an answer that falls silent here would count as heard to its end, and the lecture would go on.
    const { phase } = this.state.get();
    if (phase === "answering" || phase === "speaking" || phase === "sending") this.#set({ phase: "idle" });
    this.parts.speaker.hush();
    this.#asked?.cancel();
    this.#asked = null;
    this.#change((turn) => (turn.done ? turn : { ...turn, done: true, interrupted: true }));
  }

  /** Silences the speech and lets the text come, because something else is to be heard. */
  hush(): void {
    this.#owed = false;
    this.parts.speaker.hush();
  }

  /** The person lets the lecture play; it need not be gone on with any more. */
  played(): void {
    this.#owed = false;
  }

  /** Asks again what failed. */
  async again(turn: Turn): Promise<void> {
    if (turn.question) await this.askText(turn.question);
  }

  /** Goes on with an earlier thread. An answer that is still written stays open where more of it is `coming`, and otherwise ends here. */
  load(session: SessionDto, coming = false): void {
    this.interrupt();
    const { sessionId, turns } = session;
    const loaded = (turns ?? []).map((turn) => (coming && !isFinal(turn) ? { ...fromDto(turn), done: false, interrupted: false } : fromDto(turn)));
    this.state.set({ phase: "idle", scope: scopeOf(session), latched: false, sessionId, turns: loaded, notice: null });
  }

  begin(): void {
    this.interrupt();
    this.state.update(({ scope }) => ({ phase: "idle", scope, latched: false, sessionId: null, turns: [], notice: null }));
  }

  /** Asks something else from now on; what was asked before stays a conversation of its own. */
  choose(scope: Scope): void {
    if (sameScope(scope, this.state.get().scope)) return;
    this.begin();
    this.#set({ scope });
  }

  /** Says what a person should know. */
  tell(notice: Failure): void {
    this.#set({ notice });
  }

  dismissNotice(): void {
    this.#set({ notice: null });
  }

  dispose(): void {
    for (const stop of this.#watching) stop();
    this.interrupt();
    this.parts.recorder.close();
  }

  async #begin(interrupting: boolean, ready: boolean, started: Promise<void>): Promise<void> {
    const attempt = ++this.#attempt;
    this.#interrupted = interrupting;
    this.#set({ phase: ready ? "listening" : "opening", latched: false, notice: null });
    try {
      await started;
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#held = false;
      this.#set({ phase: "idle", latched: false, notice: toFailure(error) });
      this.#resumeLecture();
      return;
    }
    if (attempt !== this.#attempt) return this.parts.recorder.discard();
    this.#set({ phase: "listening" });
  }

  async #send(notice: Failure | null = null): Promise<void> {
    const attempt = this.#attempt;
    this.#pause = null;
    this.#set({ phase: "sending", latched: false });
    let recording: Recording | null;
    try {
      recording = await this.parts.recorder.finish();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#set({ phase: "idle", notice: toFailure(error) });
      this.#resumeLecture();
      return;
    }
    if (attempt !== this.#attempt) return;
    if (!recording || recording.seconds < SHORTEST_SECONDS) {
      const notice = new Failure(code.emptyQuestion, "nothing was heard; hold the key a little longer while you speak");
      this.#set({ phase: "idle", notice });
      this.#resumeLecture();
      return;
    }
    await this.#ask({ recording }, null, notice);
  }

  async #ask(question: { text: string } | { recording: Recording }, words: string | null, notice: Failure | null = null): Promise<void> {
    const attempt = ++this.#attempt;
    const { asking, place, wish } = this.parts;
    const { scope, sessionId } = this.state.get();
    const turn = blank(`turn-${attempt}-${Date.now()}`, words);
    this.state.update((was) => ({ ...was, phase: "sending", latched: false, notice, turns: [...was.turns, turn] }));
    let events = 0;
    try {
      const request = { scope, sessionId, question, ...place(scope), speech: wish() };
      const asked = await asking.ask(request, (event) => {
        events++;
        if (event.type === "word") this.#mark(turn.id, event);
        else if (this.#mine(turn.id)) this.#hear(turn.id, event);
      });
      if (attempt !== this.#attempt) return asked.cancel();
      this.#change((one) => ({ ...one, queryId: asked.queryId }), turn.id);
      this.state.update((was) => ({ ...was, sessionId: asked.sessionId, phase: was.phase === "sending" && events === 0 ? "answering" : was.phase }));
      // An answer may be whole before this is reached.
      if (!this.#turn(turn.id)?.done) this.#asked = asked;
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#end(turn.id, { failure: toFailure(error) });
    }
  }

  #mine(id: string): boolean {
    const turn = this.#turn(id);
    return turn !== undefined && !turn.done;
  }

  /** It is heard, also when all of it was written long ago. */
  #mark(id: string, { from, to }: HeardWord): void {
    const { phase, turns } = this.state.get();
    if (phase === "speaking" && turns.at(-1)?.id === id) this.#change((turn) => ({ ...turn, word: { from, to } }), id);
  }

  #hear(id: string, event: Exclude<AskEvent, HeardWord>): void {
    const change = (part: Partial<Turn>) => this.#change((turn) => ({ ...turn, ...part }), id);
    switch (event.type) {
      case "query_accepted":
        return this.#set({ phase: "answering", sessionId: event.sessionId });
      case "answer_restarted":
        return change({ answer: "", citations: [], word: undefined });
      case "query_text": {
        // When the words come again, the whole answer is being told again.
        const known = this.#turn(id);
        return change(known?.answer ? { question: event.text, answer: "", citations: [] } : { question: event.text });
      }
      case "answer_text":
        this.#set({ phase: this.state.get().phase === "speaking" ? "speaking" : "answering" });
        return this.#change((turn) => ({ ...turn, answer: turn.answer + event.delta }), id);
      case "citation": {
        const { citation } = event;
        return this.#change((turn) => (turn.citations.some(({ number }) => number === citation.number) ? turn : { ...turn, citations: [...turn.citations, citation] }), id);
      }
      case "first_sound":
        return this.#set({ phase: "speaking" });
      case "answer_done":
        this.#asked = null;
        return this.#end(id, { generated: event.generated, found: event.found });
      case "cancelled":
        this.#asked = null;
        return this.#end(id, { interrupted: true });
      case "error":
        // It goes on in writing.
        if (event.about != null) return this.#set({ notice: new Failure(code.mute, event.message, event.retryable) });
        this.#asked = null;
        return this.#end(id, { failure: Failure.of(event) });
    }
  }

  #end(id: string, part: Partial<Turn>): void {
    this.#change((turn) => ({ ...turn, ...part, done: true }), id);
    if (part.failure && !this.parts.speaker.speaking.get()) this.#set({ phase: "idle" });
    this.#settle();
  }

  /** When everything was written and said, the lecture goes on. */
  #settle(): void {
    const { phase, turns } = this.state.get();
    if (phase !== "answering" && phase !== "speaking") return;
    const speaking = this.parts.speaker.speaking.get();
    if (speaking && phase === "answering") this.#set({ phase: "speaking" });
    const last = turns.at(-1);
    if (speaking || !last?.done) return;
    this.#set({ phase: "idle" });
    if (!last.failure) this.#resumeLecture();
  }

  /** Ends listening when the person pauses, where no key is held. */
  #listen(): void {
    const { phase, latched } = this.state.get();
    if (phase !== "listening" || !latched || !this.#pause) return;
    const heard = this.#pause.hear(this.parts.recorder.level.get(), Date.now());
    if (heard === "paused") void this.#send();
    if (heard === "silent") {
      this.cancelListening();
      this.#set({ notice: new Failure(code.emptyQuestion, "nothing was heard; is the right microphone chosen?") });
    }
  }

  #watchRecorder(): void {
    const recorder = this.parts.recorder.state.get();
    const { phase } = this.state.get();
    if (recorder.phase === "failed" && (phase === "listening" || phase === "opening")) {
      this.#attempt++;
      this.#held = false;
      this.#set({ phase: "idle", latched: false, notice: recorder.failure });
      this.#resumeLecture();
    } else if (recorder.phase === "full" && phase === "listening") {
      // It ends as if the key had been let go.
      this.#held = false;
      void this.#send(new Failure(code.fullQuestion, "that was as long as a question can be"));
    } else if (recorder.phase === "ready" && this.state.get().notice && isMicrophone(this.state.get().notice)) {
      // The microphone is back; there is nothing to say any more.
      this.#set({ notice: null });
    }
  }

  #hold(): void {
    const { lecture } = this.parts;
    // One that an earlier question stopped stands already, and is owed still.
    if (!lecture.playing()) return;
    this.#owed = true;
    lecture.pause();
  }

  #resumeLecture(): void {
    const goes = this.#owed && this.parts.goOn();
    this.#owed = false;
    if (goes) this.parts.lecture.resume();
  }

  #turn(id: string): Turn | undefined {
    return this.state.get().turns.find((turn) => turn.id === id);
  }

  #change(change: (turn: Turn) => Turn, id?: string): void {
    this.state.update((was) => {
      const target = id ?? was.turns.at(-1)?.id;
      return { ...was, turns: was.turns.map((turn) => (turn.id === target ? change(turn) : turn)) };
    });
  }

  #set(part: Partial<ConversationState>): void {
    this.state.update((was) => ({ ...was, ...part }));
  }
}

function isMicrophone(failure: Failure | null): boolean {
  return failure !== null && [code.noMicrophone, code.refusedMicrophone, code.busyMicrophone, code.unplugged].some((one) => one === failure.code);
}

function blank(id: string, question: string | null): Turn {
  return { id, question, answer: "", citations: [], done: false, interrupted: false, generated: false, found: true, failure: null, asked: Date.now() };
}

/** Whether nothing more is said about a question. */
export function isFinal({ state }: TurnDto): boolean {
  return ["done", "cancelled", "failed"].includes(state);
}

export function fromDto(turn: TurnDto): Turn {
  const failure = turn.error ? Failure.of(turn.error) : null;
  const { queryId, question, answer, citations, generated, found, asked, state } = turn;
  return { id: queryId, queryId, question: question || null, answer, citations, done: true, interrupted: state === "cancelled" || !isFinal(turn), generated, found, failure, asked };
}

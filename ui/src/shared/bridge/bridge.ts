/**
 * What the page needs from the world. Two things keep this promise: a browser, and the desktop shell.
 * It speaks of lectures, documents, questions and sound; where credentials, sockets and devices are is not its business.
 */
import type { Failure } from "@/shared/failure";
import type {
  AccountDto,
  AreaDto,
  CitationDto,
  CorrectionDto,
  Discovery,
  DocumentDto,
  EngineDto,
  ErrorDto,
  FailedPageDto,
  LectureDto,
  OutlineEntryDto,
  PageDto,
  ReportDto,
  ServerMessage,
  SessionDto,
  SignInDto,
  SourceDto,
  SpeechWish,
  StorageDto,
  TranscriptDto,
  VoiceDto,
} from "@/shared/protocol";
import type { Watch } from "@/shared/store/watch";
import type { Classes } from "./classes";
import type { Packs } from "./packs";

export interface Bridge {
  readonly kind: "browser" | "desktop";
  readonly connection: Watch<Connection>;
  readonly server: Server;
  readonly accounts: Accounts;
  readonly lectures: Lectures;
  readonly classes: Classes;
  readonly packs: Packs;
  readonly documents: Documents;
  readonly uploads: Uploads;
  readonly asking: Asking;
  readonly sessions: Sessions;
  readonly recorder: Recorder;
  readonly speaker: Speaker;
  readonly devices: Devices;
  /** What the operating system opened the app with last, such as `synapscribe://lecture/…?at=90`; nothing in a browser. */
  readonly opened: Watch<{ address: string } | null>;
}

/** How the page stands with its server. */
export interface Connection {
  phase: "connecting" | "open" | "waiting" | "refused";
  /** Why there is no connection. */
  failure?: Failure;
}

export interface Server {
  /** What the server says of itself; fails while it cannot be reached. */
  discovery(): Promise<Discovery>;
  /** Tries again at once instead of after a pause. */
  reconnect(): void;
  /** The address in use; empty for the host inside the app. */
  readonly address: Watch<string>;
  /** Goes on with another server; only the desktop can. */
  use?(address: string): Promise<void>;
  /** `null` where the server does not tell. */
  storage(): Promise<StorageDto | null>;
  engines(): Promise<EngineDto[]>;
  voices(): Promise<VoiceDto[]>;
  /** How long what was asked is kept; only where the person may say so. */
  readonly retention?: {
    /** `null` where somebody else decides. */
    days(): Promise<number | null>;
    keepFor(days: number): Promise<void>;
  };
}

/** Who uses the server from here. What was `ended` is asked for in nobody's name until they sign in again or go on as a guest. */
export type Standing = { state: "guest" } | { state: "signed_in" | "ended"; account: AccountDto };

/** A second proof that signing in takes. */
export interface Challenge {
  kind: string;
  session: string;
}

/** Accounts, where the server has them: its discovery document says so. */
export interface Accounts {
  readonly standing: Watch<Standing>;
  /** Where a sign-in rests between starts; `page` ends with the tab. */
  resting(): Promise<"keychain" | "file" | "page">;
  register(form: { email: string; password: string; name: string; invitation: string }): Promise<void>;
  verify(email: string, code: string): Promise<void>;
  verifyAgain(email: string): Promise<void>;
  forgotten(email: string): Promise<void>;
  reset(email: string, code: string, password: string): Promise<void>;
  /** `null` when it is done; otherwise what is still asked for. */
  signIn(email: string, password: string, answer?: Challenge & { answer: string }): Promise<Challenge | null>;
  signOut(everywhere: boolean): Promise<void>;
  signIns(): Promise<SignInDto[]>;
  endSignIn(id: string): Promise<void>;
  /** Everything the server keeps of whoever is signed in, as JSON. */
  export(): Promise<string>;
  remove(password: string): Promise<void>;
}

export interface LecturesState {
  /** `undefined` until they are known. */
  list: LectureDto[] | undefined;
  failure?: Failure;
  /** Windows finished and in all, of lectures being transcribed; sentences of the sample while it is made. */
  windows: Record<string, { done: number; total: number }>;
  /** How often words of a lecture were put right meanwhile; its transcript is loaded again when this grows. */
  corrected: Record<string, number>;
}

export interface Lectures {
  readonly state: Watch<LecturesState>;
  refresh(): Promise<void>;
  rename(id: string, title: string): Promise<void>;
  remove(id: string): Promise<void>;
  transcript(id: string): Promise<TranscriptDto>;
  report(id: string): Promise<ReportDto>;
  /** Loudness from 0 to 1 at `points` places; `null` where the server cannot tell. */
  waveform(id: string, points: number): Promise<number[] | null>;
  /** An address that an audio element can play for a while. */
  audio(id: string): Promise<string>;
  correct(id: string, correction: CorrectionDto): Promise<void>;
}

export interface DocumentsState {
  /** `undefined` until they are known. */
  list: DocumentDto[] | undefined;
  failure?: Failure;
  /** Pages read, or passages embedded, and how many there are, of documents that are being worked on. */
  steps: Record<string, { done: number; total: number }>;
}

export interface Documents {
  readonly state: Watch<DocumentsState>;
  refresh(): Promise<void>;
  rename(id: string, title: string): Promise<void>;
  remove(id: string): Promise<void>;
  outline(id: string): Promise<OutlineEntryDto[]>;
  /** Pages as text, both ends included; no more than `MOST_PAGES`, and only those that are read by now. */
  pages(id: string, from: number, to: number): Promise<PageDto[]>;
  /** The pages that could not be read, and why. */
  unread(id: string): Promise<FailedPageDto[]>;
  /** A page, or a part of it, as a picture so many pixels wide. */
  picture(id: string, page: number, width: number, part?: AreaDto): Promise<Blob>;
  /** Its cover, at most so many pixels wide, where it has one. */
  cover(id: string, width: number): Promise<Blob>;
}

/** Pages that a server gives at once. */
export const MOST_PAGES = 50;

export interface Upload {
  id: string;
  name: string;
  bytes: number;
  state: UploadState;
  sent: number;
  /** Bytes a second over the last seconds. */
  speed: number;
  secondsLeft: number | null;
  /** The captions sent along. */
  captions: string | null;
  /** What it becomes, once that has a name: a lecture, or a document. */
  lectureId: string | null;
  documentId: string | null;
  /** Why it cannot go on; of one that is ready, why what its file had become before stays beside it. */
  failure: ErrorDto | null;
}

/**
 * `lost` means that the file has to be chosen again, because the browser did not keep it; `leaving`, that it was cancelled and what was
 * sent of it is being removed, which is shown nowhere.
 */
export type UploadState = "checking" | "waiting" | "sending" | "paused" | "processing" | "ready" | "failed" | "lost" | "leaving";

export interface Uploads {
  readonly list: Watch<Upload[]>;
  /** Opens the platform's dialog for files or for a folder. */
  pick(what: "files" | "folder"): Promise<void>;
  /** Takes files pasted, or dropped anywhere; `over` tells whether some hover above the window. Returns what ends it. */
  receive(over: (hovering: boolean) => void): () => void;
  pause(id: string): void;
  resume(id: string): void;
  retry(id: string): void;
  /** Stops it and removes what was sent; what a failed one came to on the server after all stays there. */
  cancel(id: string): void;
  /** Takes it off the list. */
  dismiss(id: string): void;
}

/** What a question is asked of: these sources and nothing else, or everything that its person may see. */
export type Scope = SourceDto[] | "everything";

export interface AskRequest {
  scope: Scope;
  /** The thread to go on with; a new one begins without. */
  sessionId: string | null;
  question: { text: string } | { recording: Recording };
  /** Where in the lecture the person is, in seconds, or which page of the document they see. */
  playhead: number | null;
  page: number | null;
  speech: SpeechWish;
}

/** What is heard of a question. The speech itself goes to the speaker; here it is only told of. */
export type AskEvent = Exclude<ServerMessage, { type: "audio_chunk" | "spoken_words" }> | { type: "first_sound" } | HeardWord;

/** A word is heard now, by its characters in the answer; told where the voice knows. */
export interface HeardWord {
  type: "word";
  from: number;
  to: number;
}

/** Whether nothing more is said about a question after this. */
export function ends(message: { type: string; about?: string | null }): boolean {
  return message.type === "answer_done" || message.type === "cancelled" || (message.type === "error" && message.about == null);
}

export interface Asked {
  queryId: string;
  sessionId: string;
  /** Stops the answer on the server and its speech here. */
  cancel(): void;
}

export interface Asking {
  /** Sends a question; the last event is `answer_done`, `cancelled` or `error`. */
  ask(request: AskRequest, on: (event: AskEvent) => void): Promise<Asked>;
}

export interface Sessions {
  /** Those about one source, or all. */
  list(of?: SourceDto): Promise<SessionDto[]>;
  get(id: string): Promise<SessionDto>;
  rename(id: string, title: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** The conversation as Markdown, or `null` where the server cannot write it. */
  markdown(id: string): Promise<string | null>;
  /** Offers a text to keep as a file; whether it was taken, as far as that can be known. */
  save(fileName: string, text: string): Promise<boolean>;
}

/** A recorded question; what it is made of is the bridge's business. */
export interface Recording {
  readonly seconds: number;
  readonly content: unknown;
}

export type RecorderState =
  | { phase: "closed" }
  | { phase: "opening" }
  | { phase: "ready" }
  | { phase: "recording"; since: number }
  /** As much was recorded as may be; it waits to be finished. */
  | { phase: "full" }
  | { phase: "failed"; failure: Failure };

export interface Recorder {
  readonly state: Watch<RecorderState>;
  /** Loudness from 0 to 1, many times a second. */
  readonly level: Watch<number>;
  /** Whether opening needs no question to the person. */
  allowed(): Promise<boolean>;
  /** Opens the microphone ahead, so that a press begins at once and the moment before it is kept. */
  open(): Promise<void>;
  close(): void;
  /** Begins; opens the microphone first when it is closed. */
  start(): Promise<void>;
  /** Ends, with the tail of the last word; `null` when nothing was recorded. */
  finish(): Promise<Recording | null>;
  discard(): void;
}

export interface Speaker {
  /** Whether an answer is heard now. */
  readonly speaking: Watch<boolean>;
  /** Silent within 50 ms. */
  hush(): void;
  /** Plays a short sound, to choose a loudspeaker by. */
  test(): Promise<void>;
}

export interface Device {
  id: string;
  name: string;
}

export interface DeviceList {
  inputs: Device[];
  outputs: Device[];
}

export interface Devices {
  readonly list: Watch<DeviceList>;
  /** Whether a lecture is heard on the chosen loudspeaker as well. */
  readonly follows: Watch<boolean>;
  refresh(): Promise<void>;
  /** Empty means the system's choice. */
  use(input: string, output: string): Promise<void>;
  /** Lets an element play where answers are heard. */
  route(element: HTMLMediaElement): void;
}

export type { AccountDto, CitationDto, Discovery, DocumentDto, LectureDto, ReportDto, SessionDto, SignInDto, TranscriptDto };

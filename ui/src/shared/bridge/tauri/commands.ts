/**
 * Every command and event between the page and the desktop shell. The shell implements these names and nothing else:
 * arguments arrive as one object in camelCase, results are JSON, and a refusal is an `ErrorDto`.
 */
import type { DiscoverySummary } from "./summary";
import type { Challenge, Connection, DeviceList, DocumentsState, LecturesState, Standing, Upload } from "../bridge";
import type {
  AreaDto,
  CardDto,
  ChallengeAnswerDto,
  ClassDto,
  CorrectionDto,
  EngineDto,
  ErrorDto,
  FailedPageDto,
  OpenPackDto,
  OutlineEntryDto,
  PackDto,
  PageDto,
  RegisterDto,
  ReportDto,
  RoomDto,
  ServerMessage,
  SessionDto,
  SignInDto,
  SourceDto,
  SpeechWish,
  StorageDto,
  TranscriptDto,
  VoiceDto,
} from "@/shared/protocol";

/** `name: [arguments, result]`. */
export interface Commands {
  // The server.
  /** How the window stands with it now; `connection` events tell what changes. */
  connection: [void, Events["connection"]];
  /** The address the app was started with, told once; `opened` events tell of later ones. */
  opened: [void, string | null];
  /** The discovery document; waits for the host inside the app to start. */
  discovery: [void, DiscoverySummary];
  reconnect: [void, void];
  server_address: [void, string];
  /** Goes on with another server; an empty address means the host inside the app. */
  use_server: [{ address: string }, void];
  storage: [void, StorageDto | null];
  engines: [void, EngineDto[]];
  voices: [void, VoiceDto[]];
  /** For how many days what was asked is kept; `null` where another program or server keeps it. */
  retention: [void, number | null];
  keep_for: [{ days: number }, void];

  // Accounts. The shell holds the tokens; `account` is told whenever somebody signs in or out.
  account: [void, Standing];
  /** Where a sign-in rests between starts. */
  account_resting: [void, "keychain" | "file"];
  register: [{ form: RegisterDto }, void];
  verify_email: [{ email: string; code: string }, void];
  verify_email_again: [{ email: string }, void];
  forgotten_password: [{ email: string }, void];
  reset_password: [{ email: string; code: string; password: string }, void];
  /** `null` when it is done; otherwise the second proof that is asked for. */
  sign_in: [{ email: string; password: string; answer: ChallengeAnswerDto | null }, Challenge | null];
  sign_out: [{ everywhere: boolean }, void];
  sign_ins: [void, SignInDto[]];
  end_sign_in: [{ id: string }, void];
  /** Everything the server keeps of whoever is signed in, as JSON. */
  export_account: [void, string];
  delete_account: [{ password: string }, void];

  // Lectures. `lectures` also makes the shell send `lectures` events from then on.
  lectures: [void, LecturesState["list"]];
  rename_lecture: [{ id: string; title: string }, void];
  delete_lecture: [{ id: string }, void];
  transcript: [{ id: string }, TranscriptDto];
  report: [{ id: string }, ReportDto];
  /** `null` where the server cannot draw one. */
  waveform: [{ id: string; points: number }, number[] | null];
  /** An address of the shell's own that the webview's audio element can play for a while; the one of storage stays in the shell. */
  audio: [{ id: string }, string];
  correct_phrase: [{ id: string; correction: CorrectionDto }, void];

  // Classes.
  /** `null` where the server has none. */
  classes: [void, ClassDto[] | null];
  class: [{ id: string }, RoomDto];
  join_class: [{ code: string; name: string | null }, RoomDto];
  create_class: [{ name: string }, ClassDto];
  rename_class: [{ id: string; name: string }, RoomDto];
  renew_class_code: [{ id: string }, RoomDto];
  leave_class: [{ id: string }, void];
  dismiss_member: [{ id: string; member: string }, void];
  delete_class: [{ id: string }, void];
  share_with_class: [{ id: string; source: SourceDto }, void];
  unshare_with_class: [{ id: string; source: SourceDto }, void];
  publish: [{ source: SourceDto; public: boolean }, void];

  // Packs.
  /** `null` where the server has none. */
  packs: [void, PackDto[] | null];
  pack: [{ id: string }, OpenPackDto];
  make_pack: [{ title: string }, PackDto];
  rename_pack: [{ id: string; title: string }, void];
  delete_pack: [{ id: string }, void];
  publish_pack: [{ id: string; public: boolean }, void];
  share_pack_with_class: [{ classId: string; id: string }, void];
  unshare_pack_with_class: [{ classId: string; id: string }, void];
  /** Makes a card of an answered question, or names the one that is there. */
  keep_turn: [{ id: string; sessionId: string; queryId: string }, CardDto];
  write_card: [{ id: string; question: string; answer: string }, CardDto];
  correct_card: [{ id: string; card: string; question: string; answer: string }, CardDto];
  delete_card: [{ id: string; card: string }, void];
  /** What Anki imports, as text. */
  pack_for_anki: [{ id: string }, string];

  // Documents. `documents` events tell of the list as it changes.
  documents: [void, DocumentsState["list"]];
  rename_document: [{ id: string; title: string }, void];
  delete_document: [{ id: string }, void];
  outline: [{ id: string }, OutlineEntryDto[]];
  pages: [{ id: string; from: number; to: number }, PageDto[]];
  /** The pages that could not be read, and why. */
  unread_pages: [{ id: string }, FailedPageDto[]];
  /** The bytes of a PNG. */
  page_picture: [{ id: string; page: number; width: number; part: AreaDto | null }, ArrayBuffer];
  /** The bytes of a PNG. */
  cover: [{ id: string; width: number }, ArrayBuffer];

  // Uploads. The shell keeps the list, also over restarts, and sends it as `uploads` whenever it changes (at most 5 a second).
  uploads: [void, Upload[]];
  /** Opens the platform's dialog and adds what was chosen. */
  pick_uploads: [{ what: "files" | "folder" }, void];
  /** Adds dropped files and folders by their paths. */
  add_uploads: [{ paths: string[] }, void];
  /** Adds the files that were copied elsewhere; `false` where there are none. */
  paste_uploads: [void, boolean];
  pause_upload: [{ id: string }, void];
  resume_upload: [{ id: string }, void];
  cancel_upload: [{ id: string }, void];
  dismiss_upload: [{ id: string }, void];

  // Questions. Events of an answer come as `answer`; its speech is played by the shell.
  ask: [AskArguments, { queryId: string; sessionId: string }];
  /** Stops the answer and falls silent within 50 ms. */
  cancel_question: [{ queryId: string }, void];

  // Conversations.
  /** Those about one source, or all. */
  sessions: [{ of: SourceDto | null }, SessionDto[]];
  session: [{ id: string }, SessionDto];
  rename_session: [{ id: string; title: string }, void];
  delete_session: [{ id: string }, void];
  session_markdown: [{ id: string }, string | null];
  /** Opens the platform's dialog to keep a text as a file; `false` when the person thought better of it. */
  save_text: [{ fileName: string; text: string }, boolean];

  // Sound.
  /** Opens the microphone ahead, with its pre-roll. */
  open_microphone: [void, void];
  close_microphone: [void, void];
  start_recording: [void, void];
  /** Ends with the tail of the last word; `null` when nothing was recorded. The recording stays in the shell under `id`. */
  finish_recording: [void, { id: string; seconds: number } | null];
  discard_recording: [void, void];
  /** Falls silent within 50 ms. */
  hush: [void, void];
  test_speaker: [void, void];
  devices: [void, DeviceList];
  /** Says whether a lecture is heard on the chosen loudspeaker as well. */
  use_devices: [{ input: string; output: string }, boolean];
}

export interface AskArguments {
  /** What is asked; none means everything that the person may see. */
  sources: SourceDto[];
  sessionId: string | null;
  /** Either is given. */
  text: string | null;
  recording: string | null;
  playhead: number | null;
  page: number | null;
  speech: SpeechWish;
}

/** Events that the shell emits to the window. */
export interface Events {
  account: Standing;
  connection: { phase: Connection["phase"]; failure: ErrorDto | null };
  /** The whole list, whenever anything about it changed. */
  lectures: { list: LecturesState["list"]; windows: LecturesState["windows"]; corrected: LecturesState["corrected"]; failure: ErrorDto | null };
  /** The whole list, whenever anything about it changed. */
  documents: { list: DocumentsState["list"]; steps: DocumentsState["steps"]; failure: ErrorDto | null };
  uploads: Upload[];
  /** A message about a question, without its sound; `first_sound` when the loudspeaker begins, and in how long each stretch is heard. */
  answer: Exclude<ServerMessage, { type: "audio_chunk" }> | { type: "first_sound"; queryId: string } | { type: "stretch"; queryId: string; index: number; ms: number };
  /** `phase` is `closed`, `opening`, `ready`, `recording`, `full` once as much was recorded as may be, or `failed`. */
  recorder: { phase: "closed" | "opening" | "ready" | "recording" | "full" | "failed"; failure: ErrorDto | null };
  /** Loudness from 0 to 1, about 25 times a second while the microphone is open. */
  level: number;
  /** Whether an answer is heard. */
  speaking: boolean;
  devices: DeviceList;
  /** An address the operating system opened the app with while it ran. */
  opened: string;
}

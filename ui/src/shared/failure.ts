/** What went wrong, with a stable code and a sentence a person can act on. */
import type { ErrorDto } from "@/shared/protocol";

export class Failure extends Error {
  readonly code: string;
  readonly retryable: boolean;
  /** The name under which the server's operator finds it in the logs. */
  readonly correlation: string | undefined;

  constructor(code: string, message: string, retryable = false, correlation?: string | null) {
    super(message);
    this.name = "Failure";
    this.code = code;
    this.retryable = retryable;
    this.correlation = correlation ?? undefined;
  }

  static of(dto: ErrorDto): Failure {
    return new Failure(dto.code, dto.message, dto.retryable, dto.correlation);
  }

  toDto(): ErrorDto {
    return { code: this.code, message: this.message, retryable: this.retryable, ...(this.correlation && { correlation: this.correlation }) };
  }
}

/** Codes this side makes itself; the server's own are passed on as they are. */
export const code = {
  unreachable: "server_unreachable",
  foreign: "not_synapscribe",
  tooNew: "client_too_old",
  credentials: "credentials_refused",
  forbidden: "forbidden",
  signedOut: "signed_out",
  notFound: "not_found",
  conflict: "conflict",
  file: "file_unreadable",
  empty: "audio_empty",
  type: "audio_unsupported",
  tooBig: "audio_too_big",
  tooLong: "audio_too_long",
  upload: "upload_failed",
  captionsAlone: "captions_alone",
  diskFull: "disk_full",
  emptyQuestion: "empty_question",
  longQuestion: "question_too_long",
  fullQuestion: "question_full",
  noMicrophone: "no_microphone",
  refusedMicrophone: "microphone_refused",
  busyMicrophone: "microphone_busy",
  unplugged: "microphone_unplugged",
  insecure: "insecure_page",
  cannotPlay: "cannot_play",
  mute: "answer_mute",
  threadGone: "thread_gone",
  stopped: "stopped",
} as const;

/** Whatever was thrown, as a failure. */
export function toFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isDto(error)) return Failure.of(error);
  const message = error instanceof Error ? error.message : String(error);
  return new Failure("unexpected", message);
}

function isDto(error: unknown): error is ErrorDto {
  return typeof error === "object" && error !== null && "code" in error && "message" in error;
}

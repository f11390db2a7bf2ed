/** Uploads that wait for what passes, a server that is away or a full disk: they are tried again and again, which nobody has to see each time. */
import type { Upload } from "@/shared/bridge/bridge";
import type { ErrorDto } from "@/shared/protocol";

export interface Wait {
  failure: ErrorDto;
  /** Bytes that had left at most; only more than these are news. */
  sent: number;
}

export type Waits = ReadonlyMap<string, Wait>;

/** Those that wait after what is told now; an attempt of which nothing has come leaves a wait as it was. */
export function stillWaiting(before: Waits, list: Upload[]): Waits {
  return new Map(
    list.flatMap(({ id, state, failure, sent }): [string, Wait][] => {
      const was = before.get(id);
      if (state === "failed" && failure?.retryable) return [[id, { failure, sent: Math.max(sent, was?.sent ?? 0) }]];
      const tried = state === "checking" || state === "waiting" || state === "sending";
      return was && tried && sent <= was.sent ? [[id, was]] : [];
    }),
  );
}

/** An upload as it is shown: while it is only tried again, what it waits for. */
export function calm(upload: Upload, waits: Waits): Upload {
  const wait = waits.get(upload.id);
  return wait ? { ...upload, state: "failed", failure: wait.failure, speed: 0, secondsLeft: null } : upload;
}

/** Puts bytes to a presigned address, counted, and again where the network fails. Knows no lecture. */
import { Failure, code } from "@/shared/failure";

const ATTEMPTS = 6;
/** A transfer slower than this many bytes a second is given up and begun again. */
const SLOWEST = 16 * 1024;
/** The code of a multipart upload that the server does not know any more. */
export const GONE = "no_such_upload";

export interface PutOptions {
  contentType: string | undefined;
  signal: AbortSignal | undefined;
  /** Bytes of this body that have left; it may fall back when an attempt fails. */
  onSent: ((bytes: number) => void) | undefined;
}

/** Puts to the address that `address` makes for each attempt, and gives back the entity tag. */
export async function put(address: () => Promise<string>, body: Blob, options: PutOptions): Promise<string> {
  for (let attempt = 1, pause = 500; ; attempt++, pause = Math.min(pause * 2, 16_000)) {
    try {
      return await send(await address(), body, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      // A full disk is told at once: it is not made empty by waiting in silence.
      if (!(error instanceof Failure) || !error.retryable || error.code === code.diskFull || attempt >= ATTEMPTS) throw error;
      options.onSent?.(0);
      await sleep(pause, options.signal);
    }
  }
}

/** Puts to an address that was given. */
export async function putOnce(url: string, body: Blob, contentType: string): Promise<void> {
  await put(async () => url, body, { contentType, signal: undefined, onSent: undefined });
}

/** `fetch` does not tell how much of a body has left, so this is the older way. */
function send(url: string, body: Blob, { contentType, signal, onSent }: PutOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal?.addEventListener("abort", abort, { once: true });
    request.open("PUT", url);
    request.timeout = 30_000 + (body.size / SLOWEST) * 1000;
    if (contentType) request.setRequestHeader("content-type", contentType);
    request.upload.onprogress = (event) => onSent?.(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.getResponseHeader("etag") ?? "");
      else reject(refusal(request.status, request.responseText));
    };
    request.onerror = request.ontimeout = () => reject(broken());
    request.onabort = () => reject(signal?.reason ?? broken());
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    if (signal?.aborted) reject(signal.reason);
    else request.send(body);
  });
}

/** What a refusal of object storage means. */
export function refusal(status: number, body: string): Failure {
  const reason = /<Code>([^<]*)<\/Code>/.exec(body)?.[1] ?? "";
  const said = /<Message>([^<]*)<\/Message>/.exec(body)?.[1] ?? reason;
  if (reason === "NoSuchUpload") return new Failure(GONE, "the server gave the upload up; it begins anew", true);
  if (status === 507 || /space|disk.*full|StorageFull/i.test(said)) {
    return new Failure(code.diskFull, "the server's disk is full; it goes on by itself when there is room", true);
  }
  if (status === 408 || status === 429 || status >= 500 || reason === "RequestTimeout" || reason === "SlowDown") return broken();
  return new Failure(code.upload, `the server does not take the file: ${said || status}`);
}

function broken(): Failure {
  return new Failure(code.upload, "the upload was interrupted; it goes on where it stopped when you try again", true);
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

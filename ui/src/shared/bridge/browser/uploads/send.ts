/** Sends one file, in one piece or in parts, captions before their recording; goes on where an earlier attempt stopped. */
import { Failure, code, toFailure } from "@/shared/failure";
import type { Link } from "../link";
import { Meter } from "./meter";
import { GONE, put, putOnce } from "./put";
import { type Saved, keep } from "./saved";
import { Storage, type StoredPart } from "./storage";

/** Files up to this size travel in one piece, larger ones in parts of this size. */
export const PART = 8 * 1024 * 1024;
/** A browser opens six connections to a server, and two uploads at once must leave some of them to the rest of the page. */
const PARALLEL = 2;
const LARGEST_CAPTIONS = 8_000_000;

export interface Progress {
  sent: number;
  speed: number;
  secondsLeft: number | null;
}

interface Piece {
  number: number;
  from: number;
  bytes: number;
}

export async function sendFile(link: Link, saved: Saved, file: File, signal: AbortSignal, tell: (progress: Progress) => void): Promise<void> {
  let freshUrl: string | null = null;
  if (!saved.key) {
    const place = await link.socket.place({ type: "request_upload", fileName: saved.name, bytes: saved.bytes, purpose: saved.kind ?? "lecture" });
    Object.assign(saved, { lectureId: place.lectureId || null, documentId: place.documentId ?? null, key: place.s3Key, contentType: place.contentType });
    freshUrl = place.uploadUrl;
    await keep(saved);
    // Whoever stopped it meanwhile goes on with this place later, or has it removed.
    signal.throwIfAborted();
  }
  if (saved.captions && !saved.captionsSent) {
    // The server looks for captions when the recording arrives, so they go first.
    await sendCaptions(link, saved.lectureId ?? "", saved.captions);
    saved.captionsSent = true;
    await keep(saved);
  }
  const storage = new Storage(await link.discovery(), await link.guest());
  if (saved.bytes <= PART) await whole(storage, saved, file, freshUrl, signal, tell);
  else await inParts(storage, saved, file, signal, tell);
  saved.sent = true;
  await keep(saved);
}

/** Removes what was sent of an upload that is given up; fails only where it may be tried again. */
export async function giveUp(link: Link, saved: Saved): Promise<void> {
  if (!saved.key || !saved.multipart) return;
  const storage = new Storage(await link.discovery(), await link.guest());
  try {
    await storage.abort(saved.key, saved.multipart);
  } catch (error) {
    const { code: why, retryable } = toFailure(error);
    // What the server has cleared already is not tried again.
    if (retryable && why !== GONE) throw error;
  }
}

async function whole(storage: Storage, saved: Saved, file: File, fresh: string | null, signal: AbortSignal, tell: (p: Progress) => void) {
  const meter = new Meter(saved.bytes, 0, performance.now());
  const address = () => (fresh ? Promise.resolve(fresh) : storage.wholeAddress(saved.key ?? ""));
  const onSent = (bytes: number) => tell(meter.read(bytes, performance.now()));
  await put(address, file, { contentType: saved.contentType, signal, onSent });
}

async function inParts(storage: Storage, saved: Saved, file: File, signal: AbortSignal, tell: (p: Progress) => void, again = true): Promise<void> {
  const key = saved.key ?? "";
  try {
    const pieces = layout(saved.bytes, PART);
    const there = saved.multipart ? await storage.parts(key, saved.multipart) : [];
    if (!saved.multipart) {
      saved.multipart = await storage.begin(key, saved.contentType);
      await keep(saved);
    }
    const stored = there.filter((part) => pieces[part.number - 1]?.bytes === part.bytes);
    const parts = await sendMissing(storage, saved, file, pieces, stored, signal, tell);
    await storage.complete(key, saved.multipart, parts);
  } catch (error) {
    // The server may have cleared an upload that lay about for long; that is no reason to give up.
    if (!(error instanceof Failure) || error.code !== GONE || !again) throw error;
    saved.multipart = null;
    await keep(saved);
    await inParts(storage, saved, file, signal, tell, false);
  }
}

async function sendMissing(
  storage: Storage,
  saved: Saved,
  file: File,
  pieces: Piece[],
  stored: StoredPart[],
  signal: AbortSignal,
  tell: (p: Progress) => void,
): Promise<StoredPart[]> {
  const parts = [...stored];
  const have = new Set(stored.map((part) => part.number));
  const missing = pieces.filter((piece) => !have.has(piece.number));
  const already = stored.reduce((sum, part) => sum + part.bytes, 0);
  const underway = new Map<number, number>();
  const meter = new Meter(saved.bytes, already, performance.now());
  let done = already;
  const report = () => tell(meter.read(done + [...underway.values()].reduce((a, b) => a + b, 0), performance.now()));
  report();
  // One piece that fails for good stops the others.
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const worker = async () => {
    for (let piece = missing.shift(); piece; piece = missing.shift()) {
      const { number, from, bytes } = piece;
      const address = () => storage.partAddress(saved.key ?? "", saved.multipart ?? "", number);
      const onSent = (sent: number) => (underway.set(number, sent), report());
      const etag = await put(address, file.slice(from, from + bytes), { contentType: undefined, signal: either, onSent });
      underway.delete(number);
      done += bytes;
      parts.push({ number, etag, bytes });
      report();
    }
  };
  try {
    await Promise.all(Array.from({ length: PARALLEL }, worker));
  } catch (error) {
    stop.abort(error);
    throw error;
  }
  return parts;
}

export function layout(total: number, part: number): Piece[] {
  return Array.from({ length: Math.ceil(total / part) }, (_, index) => ({
    number: index + 1,
    from: index * part,
    bytes: Math.min(part, total - index * part),
  }));
}

export async function sendCaptions(link: Link, lectureId: string, captions: File): Promise<void> {
  if (captions.size > LARGEST_CAPTIONS) {
    throw new Failure(code.tooBig, "this is too large for captions; captions are text of at most 8 MB");
  }
  const place = await link.socket.place({ type: "request_upload", fileName: captions.name, bytes: captions.size, purpose: "captions", lectureId });
  await putOnce(place.uploadUrl, captions, place.contentType);
}

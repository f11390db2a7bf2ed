/** Tells what a file is by its first bytes, never by its name, and refuses early what the server would refuse late. */
import { Failure, code } from "@/shared/failure";
import type { UploadLimits } from "@/shared/protocol";
import type { Kind } from "./saved";

export type Format = "mp3" | "wav" | "m4a" | "ogg" | "flac" | "webm";

export function formatOf(head: Uint8Array): Format | null {
  const at = (from: number, what: string) => [...what].every((c, i) => head[from + i] === c.charCodeAt(0));
  if (at(0, "ID3")) {
    // An ID3 tag may stand before FLAC too; the tag names its own length.
    const length = [6, 7, 8, 9].reduce((sum, i) => sum * 128 + ((head[i] ?? 0) & 0x7f), 0);
    return at(10 + length, "fLaC") ? "flac" : "mp3";
  }
  if ((at(0, "RIFF") || at(0, "RF64")) && at(8, "WAVE")) return "wav";
  if (at(4, "ftyp")) return "m4a";
  if (at(0, "OggS")) return "ogg";
  if (at(0, "fLaC")) return "flac";
  if (head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf && head[3] === 0xa3) return "webm";
  // Frames of MPEG audio: eleven set bits, a version, a layer and a rate that exist. AAC in ADTS has layer 0.
  const [a = 0, b = 0, c = 0] = head;
  const mpeg = a === 0xff && (b & 0xe0) === 0xe0 && (b & 0x18) !== 0x08 && (b & 0x06) !== 0 && (c & 0xf0) !== 0xf0 && (c & 0x0c) !== 0x0c;
  return mpeg ? "mp3" : null;
}

/** The largest document. */
const LARGEST_DOCUMENT = 500 * 1024 * 1024;
/** Names of documents, for the platform's dialog and for what has no mark of its own. */
export const DOCUMENTS = ["pdf", "epub", "docx", "pptx", "md", "markdown", "txt", "text"];

/** Whether a file is called as documents are. */
export function isCalledDocument(name: string): boolean {
  return DOCUMENTS.includes(extension(name));
}

/**
 * Whether a file may be a book or a paper. Text has no mark of its own, and what is in an archive is not seen from outside, so
 * that these are told by their names as well.
 */
export function isDocument(head: Uint8Array, name: string): boolean {
  const starts = (what: string, from = 0) => [...what].every((c, i) => head[from + i] === c.charCodeAt(0));
  for (let at = 0; at < Math.min(1024, head.length); at++) if (head[at] === 0x25 && starts("%PDF-", at)) return true;
  switch (extension(name)) {
    case "epub":
    case "docx":
    case "pptx":
      return starts("PK\x03\x04");
    case "md":
    case "markdown":
    case "txt":
    case "text":
      return !head.includes(0);
    default:
      return false;
  }
}

/** Tells what a file becomes, or refuses it with what to do instead. */
export async function check(file: File, limits: UploadLimits): Promise<Kind> {
  if (file.size === 0) throw new Failure(code.empty, "the file is empty; export or copy it again");
  let head: Uint8Array;
  try {
    head = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  } catch {
    throw new Failure(code.file, "the file cannot be read; choose it again");
  }
  if (formatOf(head)) return fits(file, limits.lectureBytes, "export it as mp3 or m4a, or split it") && "lecture";
  if (isDocument(head, file.name)) return fits(file, LARGEST_DOCUMENT, "split it") && "document";
  throw new Failure(
    code.type,
    "this is neither a recording nor a document; recordings are mp3, wav, m4a or mp4, ogg or opus, flac and webm, documents are pdf, epub, docx, pptx, md and txt",
  );
}

function fits(file: File, most: number, instead: string): true {
  if (file.size <= most) return true;
  throw new Failure(code.tooBig, `the file has ${Math.ceil(file.size / 1e6)} MB and the server takes ${Math.floor(most / 1e6)} MB; ${instead}`);
}

function extension(name: string): string {
  return /\.([^.]*)$/.exec(name)?.[1]?.toLowerCase() ?? "";
}

/** Tells what a file is by its first bytes, never by its name, and refuses early what the server would refuse late. */
import { Failure, code } from "@/shared/failure";
import type { UploadLimits } from "@/shared/protocol";

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

export async function check(file: File, limits: UploadLimits): Promise<Format> {
  if (file.size === 0) throw new Failure(code.empty, "the file is empty; export or copy it again");
  let head: Uint8Array;
  try {
    head = new Uint8Array(await file.slice(0, 4096).arrayBuffer());
  } catch {
    throw new Failure(code.file, "the file cannot be read; choose it again");
  }
  const format = formatOf(head);
  if (!format) {
    throw new Failure(code.type, "this is not a recording; recordings are mp3, wav, m4a or mp4, ogg or opus, flac and webm");
  }
  if (file.size > limits.lectureBytes) {
    const [has, takes] = [Math.ceil(file.size / 1e6), Math.floor(limits.lectureBytes / 1e6)];
    throw new Failure(code.tooBig, `the file has ${has} MB and the server takes ${takes} MB; export it as mp3 or m4a, or split it`);
  }
  return format;
}

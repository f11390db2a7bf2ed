/** Turns what was dropped or chosen into documents, and recordings with their captions. Knows no network. */

import type { DocumentDto, LectureDto } from "@/shared/protocol";
import { isCalledDocument } from "./sniff";

export interface Collected {
  file: File;
  captions: File | null;
}

export interface Gathered {
  /** Recordings and documents. */
  found: Collected[];
  /** Captions whose recording was not among the files. */
  lonely: File[];
}

const CAPTIONS = /\.(srt|vtt)$/i;
/** Files that lie about in folders and are none of anybody's business. */
const HIDDEN = /^(\.|desktop\.ini$|thumbs\.db$)/i;

/** Each caption file goes with the recording of the same name. */
export function gather(files: File[]): Gathered {
  const seen = files.filter((file) => !HIDDEN.test(file.name));
  const captions = new Map<string, File>();
  for (const file of seen) if (CAPTIONS.test(file.name)) captions.set(stem(file.name), file);
  const found = seen
    .filter((file) => !CAPTIONS.test(file.name))
    .map((file) => {
      // A book may be named like the lecture beside it.
      if (isCalledDocument(file.name)) return { file, captions: null };
      const beside = [...captions.keys()].find((name) => isNamedAlike(name, stem(file.name)));
      const theirs = beside === undefined ? null : (captions.get(beside) ?? null);
      if (beside !== undefined) captions.delete(beside);
      return { file, captions: theirs };
    });
  return { found, lonely: [...captions.values()] };
}

/** A recogniser's language may stand behind the name: `week3.en.vtt` beside `week3.mp3`. */
const LANGUAGE = /\.[a-z]{2,3}(-[a-z0-9]+)?$/i;

/** Whether captions are named like a recording, both without what kind of file they are. */
export function isNamedAlike(captions: string, recording: string): boolean {
  return captions === recording || captions.replace(LANGUAGE, "") === recording;
}

export function stem(name: string): string {
  return name.replace(/\.[^.]*$/, "").toLowerCase();
}

/** The person's own lectures that captions are named like: by their title, or by the file they came from. */
export function namesakes(captions: string, lectures: LectureDto[]): LectureDto[] {
  const wanted = bare(stem(captions).replace(LANGUAGE, ""));
  const named = ({ own, title, s3Key }: LectureDto) => own && [bare(title), bare(stem(s3Key.split("/").at(-1) ?? ""))].includes(wanted);
  return wanted ? lectures.filter(named) : [];
}

/** What the person added and could not be used, by its name. */
export function unusable(lectures: LectureDto[] = [], documents: DocumentDto[] = []): { id: string; s3Key: string }[] {
  const named = [...lectures.map((one) => ({ ...one, id: one.lectureId })), ...documents.map((one) => ({ ...one, id: one.documentId }))];
  return named.filter(({ own, state }) => own && state === "failed").map(({ id, s3Key }) => ({ id, s3Key }));
}

export interface GivesWay {
  former: DocumentDto;
  by: DocumentDto;
}

/**
 * The readings of one file of which one gives way now that this one is ready: the former left pages unread, the later fewer of them.
 * The oldest comes first, so that the latest title lasts; and the one that was brought first may be ready last.
 */
export function givesWay(documents: DocumentDto[], id: string): GivesWay[] {
  const now = documents.find(({ documentId }) => documentId === id);
  if (now?.bytes == null) return [];
  const readings = documents.filter(({ own, state, bytes, s3Key }) => own && state === "ready" && bytes === now.bytes && sameFile(s3Key, now.s3Key)).sort((a, b) => a.created - b.created);
  return readings.flatMap((former) => {
    const better = readings.filter(({ created, failedPages }) => created >= former.created && failedPages < former.failedPages);
    const [by] = better.sort((a, b) => a.failedPages - b.failedPages);
    return by && [former, by].some(({ documentId }) => documentId === id) ? [{ former, by }] : [];
  });
}

/** Whether two keys are of files of one kind and name. */
export function sameFile(one: string, other: string): boolean {
  const [kind, name] = [0, -1].map((at) => one.split("/").at(at));
  return kind === other.split("/").at(0) && name === other.split("/").at(-1);
}

/** Whether what is pasted is meant as text: whoever copies from a document brings a picture of it along. */
export function isText(target: EventTarget | null, { types }: { types: readonly string[] }): boolean {
  return target instanceof Element && target.matches("input, textarea") && types.includes("text/plain");
}

/** Letters and numbers only: titles and keys write spaces and marks in their own ways. */
function bare(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

export interface Dropped {
  files: File[];
  /** Names of files and folders that the system does not let the browser read. */
  unreadable: string[];
  /** Names of folders in which there is no file. */
  empty: string[];
}

/** All files of a drop, with those in folders, in the order of their names. */
export async function dropped(transfer: DataTransfer): Promise<Dropped> {
  // The entries are gone after the event, so they are taken before anything is awaited.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
  const found: Dropped = { files: [], unreadable: [], empty: [] };
  if (entries.every((entry) => entry === null)) return { ...found, files: [...transfer.files] };
  for (const entry of entries) {
    if (!entry) continue;
    const before = found.files.length + found.unreadable.length;
    await walk(entry, found);
    if (found.files.length + found.unreadable.length === before) found.empty.push(entry.name);
  }
  return found;
}

/** One that cannot be read keeps no other from being taken. */
async function walk(entry: FileSystemEntry, found: Dropped): Promise<void> {
  try {
    if (entry.isFile) found.files.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)));
    else await within(entry as FileSystemDirectoryEntry, found);
  } catch {
    found.unreadable.push(entry.name);
  }
}

async function within(entry: FileSystemDirectoryEntry, found: Dropped): Promise<void> {
  const reader = entry.createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    // A reader gives a hundred at a time, and nothing when it is done.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    inside.push(...some);
  }
  inside.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  for (const child of inside) if (!HIDDEN.test(child.name)) await walk(child, found);
}

/** Which lectures and documents are shown, in which order. */
import type { Preferences } from "@/shared/preferences";
import type { DocumentDto, LectureDto } from "@/shared/protocol";

export type Entry = { kind: "lecture"; id: string; lecture: LectureDto } | { kind: "document"; id: string; document: DocumentDto };
export type Order = Preferences["order"];
export type Shown = "all" | Entry["kind"];

/** About as long takes a page to read, so that books stand among recordings. */
const PAGE_SECONDS = 120;

export function entries(lectures: LectureDto[], documents: DocumentDto[]): Entry[] {
  return [
    ...lectures.map((lecture) => ({ kind: "lecture" as const, id: lecture.lectureId, lecture })),
    ...documents.map((document) => ({ kind: "document" as const, id: document.documentId, document })),
  ];
}

/** Every word of the query has to begin a word of the title, of the owner's name, or of a document's author. */
export function arrange(all: Entry[], query: string, order: Order, shown: Shown = "all"): Entry[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const found = all.filter((entry) => {
    if (shown !== "all" && entry.kind !== shown) return false;
    const { title, ownerName } = entry.kind === "lecture" ? entry.lecture : entry.document;
    const author = entry.kind === "document" ? entry.document.author : "";
    const text = ` ${plain([title, ownerName ?? "", author ?? ""].join(" "))}`;
    return words.every((word) => text.includes(` ${word}`) || text.includes(`-${word}`) || text.includes(`_${word}`));
  });
  return found.sort(by[order]);
}

const titleOf = (entry: Entry) => (entry.kind === "lecture" ? entry.lecture.title : entry.document.title);
const created = (entry: Entry) => (entry.kind === "lecture" ? entry.lecture.created : entry.document.created);
const length = (entry: Entry) => (entry.kind === "lecture" ? (entry.lecture.duration ?? 0) : (entry.document.pages ?? 0) * PAGE_SECONDS);

const by: Record<Order, (a: Entry, b: Entry) => number> = {
  newest: (a, b) => created(b) - created(a),
  title: (a, b) => titleOf(a).localeCompare(titleOf(b), undefined, { numeric: true, sensitivity: "base" }),
  longest: (a, b) => length(b) - length(a),
};

/** Without case and accents, as people search. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Where a conversation is gone on with: beside what it is about, or what it cited last, or else beside anything, so that it can be read. */
import type { DocumentDto, LectureDto, SessionDto, SourceDto } from "@/shared/protocol";

/** What is there; a list that is not known yet is left out. */
export interface There {
  documents: DocumentDto[] | undefined;
  lectures: LectureDto[] | undefined;
}

export function placeOf({ lectureId, documentId, sources, turns }: SessionDto, { documents, lectures }: There): SourceDto | undefined {
  const own = documentId ? { documentId } : lectureId ? { lectureId } : undefined;
  const cited = turns?.findLast(({ citations }) => citations.length > 0)?.citations[0];
  const quoted = cited && (cited.documentId ? { documentId: cited.documentId } : { lectureId: cited.lectureId });
  const wanted = [own, quoted, ...(sources ?? [])].filter((one) => one !== undefined);
  // What is only worked on comes back, and what is not known to be gone may be there: nothing else takes their place.
  const stands = (one: SourceDto) => {
    const list: { state: string; lectureId?: string; documentId?: string }[] | undefined = one.documentId ? documents : lectures;
    return list?.some((other) => nameOf(other) === nameOf(one) && other.state !== "failed") ?? true;
  };
  const books = (documents ?? []).filter(({ canBeAsked }) => canBeAsked).map(({ documentId }) => ({ documentId }));
  const talks = (lectures ?? []).filter(({ state }) => state === "ready").map(({ lectureId }) => ({ lectureId }));
  const anything: SourceDto[] = lectureId ? [...talks, ...books] : [...books, ...talks];
  return wanted.find(stands) ?? anything[0] ?? wanted[0];
}

const nameOf = ({ documentId, lectureId }: SourceDto) => documentId ?? lectureId;

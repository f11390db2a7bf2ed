/** Where a conversation is gone on with: beside what it is about, or what it cited last, or else beside anything, so that it can be read. */
import type { SessionDto, SourceDto } from "@/shared/protocol";

/** `there` is what can be opened now; what a conversation is about may not be among it any more. */
export function placeOf({ lectureId, documentId, sources, turns }: SessionDto, there: SourceDto[]): SourceDto | undefined {
  const own = documentId ? { documentId } : lectureId ? { lectureId } : undefined;
  const cited = turns?.findLast(({ citations }) => citations.length > 0)?.citations[0];
  const quoted = cited && (cited.documentId ? { documentId: cited.documentId } : { lectureId: cited.lectureId });
  const wanted: (SourceDto | undefined)[] = [own, quoted, ...(sources ?? [])];
  const found = wanted.find((one) => one && there.some((other) => nameOf(other) === nameOf(one)));
  return found ?? there[0] ?? wanted.find((one) => one !== undefined);
}

const nameOf = ({ documentId, lectureId }: SourceDto) => documentId ?? lectureId;

/** What a conversation asks: one source, several, or everything. */
import type { Scope } from "@/shared/bridge/bridge";
import type { CitationDto, SessionDto, SourceDto } from "@/shared/protocol";

/** What kind of thing is asked, which decides in which words is spoken of it. */
export type Matter = "lecture" | "document" | "several";

/** The most sources that a question may name. */
export const MOST_SOURCES = 20;

export const nameOf = (source: SourceDto | CitationDto): string => source.documentId || source.lectureId || "";

export function matterOf(scope: Scope): Matter {
  if (scope === "everything" || scope.length !== 1) return "several";
  return scope[0]?.documentId ? "document" : "lecture";
}

/** What an earlier conversation was about. */
export function scopeOf({ lectureId, documentId, sources, everything }: SessionDto): Scope {
  if (everything) return "everything";
  if (sources && sources.length > 0) return sources;
  return [documentId ? { documentId } : { lectureId }];
}

export function sameScope(a: Scope, b: Scope): boolean {
  if (a === "everything" || b === "everything") return a === b;
  const names = (scope: SourceDto[]) => scope.map(nameOf).sort().join(" ");
  return names(a) === names(b);
}

/** Whether only this source is asked, so that a place in it means something. */
export function isOnly(scope: Scope, name: string): boolean {
  return scope !== "everything" && scope.length === 1 && nameOf(scope[0] as SourceDto) === name;
}

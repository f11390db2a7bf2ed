/** What a conversation is called, and what it is about. */
import type { SessionDto, SourceDto } from "@/shared/protocol";
import { language, t } from "@/shared/text";

export function titleOf(session: SessionDto): string {
  return session.title || session.turns?.[0]?.question || t("talks.untitled");
}

/** Whether it is about more than one thing. */
export function severalOf({ sources, everything }: SessionDto): boolean {
  return everything === true || (sources ?? []).length > 0;
}

/** The titles of what it is about, as far as they are known. */
export function aboutOf(session: SessionDto, titleOfSource: (source: SourceDto) => string | undefined): string {
  if (session.everything) return t("talks.everything");
  const { lectureId, documentId, sources } = session;
  const named = sources && sources.length > 0 ? sources : [documentId ? { documentId } : { lectureId }];
  const titles = named.flatMap((source) => titleOfSource(source) ?? []);
  return titles.length > 3 ? t("talks.several", { first: titles[0] ?? "", count: titles.length - 1 }) : new Intl.ListFormat(language()).format(titles);
}

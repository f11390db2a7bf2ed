/** What a conversation is called, and how much was asked in it. */
import type { SessionDto } from "@/shared/protocol";
import { t } from "@/shared/text";

/** Servers that give conversations titles tell them, and the number of questions, in lists too. */
type Titled = SessionDto & { title?: string | null; turnCount?: number };

export function titleIn(session: SessionDto): string | undefined {
  return (session as Titled).title ?? undefined;
}

export function titleOf(session: SessionDto): string {
  return titleIn(session) || session.turns?.[0]?.question || t("talks.untitled");
}

export function countOf(session: SessionDto): number {
  return session.turns?.length ?? (session as Titled).turnCount ?? 1;
}

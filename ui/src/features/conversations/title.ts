/** What a conversation is called. */
import type { SessionDto } from "@/shared/protocol";
import { t } from "@/shared/text";

export function titleOf(session: SessionDto): string {
  const given = (session as SessionDto & { title?: string | null }).title;
  return given || session.turns?.[0]?.question || t("talks.untitled");
}

/** What a conversation is called. */
import type { SessionDto } from "@/shared/protocol";
import { t } from "@/shared/text";

export function titleOf(session: SessionDto): string {
  return session.title || session.turns?.[0]?.question || t("talks.untitled");
}

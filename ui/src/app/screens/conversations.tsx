/** All conversations, of everything that can be asked. */
import { Conversations } from "@/features/conversations/conversations";
import { useBridge } from "@/shared/bridge/context";
import type { SessionDto, SourceDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { addressOf, go } from "../route";

export function ConversationsScreen() {
  const { lectures, documents } = useBridge();
  const open = (session: SessionDto) => {
    const known = [
      ...(documents.state.get().list ?? []).filter(({ canBeAsked }) => canBeAsked).map(({ documentId }) => ({ documentId })),
      ...(lectures.state.get().list ?? []).filter(({ state }) => state === "ready").map(({ lectureId }) => ({ lectureId })),
    ];
    const place = placeOf(session) ?? known[0];
    if (place) go(addressOf(place, { session: session.sessionId }));
  };
  return (
    <div className="talks-screen">
      <h1>{t("talks.title")}</h1>
      <Conversations onOpen={open} />
    </div>
  );
}

/** Where a conversation is gone on with: beside what it is about, or what it cited last. */
function placeOf({ lectureId, documentId, sources, turns }: SessionDto): SourceDto | undefined {
  if (documentId) return { documentId };
  if (lectureId) return { lectureId };
  const cited = turns?.findLast(({ citations }) => citations.length > 0)?.citations[0];
  return cited ? (cited.documentId ? { documentId: cited.documentId } : { lectureId: cited.lectureId }) : sources?.[0];
}

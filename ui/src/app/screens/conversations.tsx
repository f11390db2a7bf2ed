/** All conversations, of everything that can be asked. */
import { Conversations } from "@/features/conversations/conversations";
import { useBridge } from "@/shared/bridge/context";
import type { SessionDto, SourceDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { addressOf, go } from "../route";
import { placeOf } from "./place";

export function ConversationsScreen() {
  const { lectures, documents } = useBridge();
  const open = (session: SessionDto) => {
    const there: SourceDto[] = [
      ...(documents.state.get().list ?? []).filter(({ canBeAsked }) => canBeAsked).map(({ documentId }) => ({ documentId })),
      ...(lectures.state.get().list ?? []).filter(({ state }) => state === "ready").map(({ lectureId }) => ({ lectureId })),
    ];
    const place = placeOf(session, there);
    if (place) go(addressOf(place, { session: session.sessionId }));
  };
  return (
    <div className="talks-screen">
      <h1>{t("talks.title")}</h1>
      <Conversations onOpen={open} />
    </div>
  );
}

/** All conversations, of everything that can be asked. */
import { Conversations } from "@/features/conversations/conversations";
import { useBridge } from "@/shared/bridge/context";
import type { SessionDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { addressOf, go } from "../route";
import { placeOf } from "./place";

export function ConversationsScreen() {
  const { lectures, documents } = useBridge();
  const open = (session: SessionDto) => {
    const place = placeOf(session, { documents: documents.state.get().list, lectures: lectures.state.get().list });
    if (place) go(addressOf(place, { session: session.sessionId }));
  };
  return (
    <div className="talks-screen">
      <h1>{t("talks.title")}</h1>
      <Conversations onOpen={open} />
    </div>
  );
}

/** All conversations, of all lectures. */
import { Conversations } from "@/features/conversations/conversations";
import { t } from "@/shared/text";

export function ConversationsScreen() {
  return (
    <div className="talks-screen">
      <h1>{t("talks.title")}</h1>
      <Conversations
        onOpen={({ lectureId, sessionId }) => {
          location.hash = `#/lecture/${encodeURIComponent(lectureId)}?session=${encodeURIComponent(sessionId)}`;
        }}
      />
    </div>
  );
}

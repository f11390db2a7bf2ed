/** Tells a screen reader what happens in a conversation: that it listens, what was understood, the whole answer. */
import { useEffect, useRef } from "react";
import { preferences } from "@/shared/preferences";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { announce } from "@/shared/ui/live";
import type { Conversation, Phase } from "./conversation";

export function useSpoken(conversation: Conversation): void {
  const { phase, turns } = useWatch(conversation.state);
  const before = useRef<Phase>("idle");
  const last = turns.at(-1);
  useEffect(() => {
    if (before.current === phase) return;
    if (phase === "listening") announce(t("ask.listening"));
    if (phase === "sending" && before.current === "listening") announce(t("ask.sent"));
    before.current = phase;
  }, [phase]);
  const question = last?.question;
  useEffect(() => {
    if (question && last && !last.done) announce(t("ask.understood", { question }));
  }, [question, last?.id]);
  const done = last?.done;
  useEffect(() => {
    // An answer that is spoken need not be read out as well.
    if (done && last && Date.now() - last.asked < 600_000 && !preferences.get().speak && !last.failure) announce(last.answer);
  }, [done, last?.id]);
}

/** Tells a screen reader what happens in a conversation: that it listens, what was understood, the whole answer. */
import { useEffect, useRef } from "react";
import { code } from "@/shared/failure";
import { preferences } from "@/shared/preferences";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { pieces } from "@/shared/text/pieces";
import { announce } from "@/shared/ui/live";
import type { Conversation, Phase } from "./conversation";

export function useSpoken(conversation: Conversation): void {
  const { phase, turns, notice } = useWatch(conversation.state);
  const before = useRef<Phase>("idle");
  const last = turns.at(-1);
  useEffect(() => {
    if (before.current === phase) return;
    if (phase === "listening") announce(t(preferences.get().talk === "handsFree" ? "ask.listening.latched" : "ask.listening"));
    if (phase === "sending" && before.current === "listening") announce(t("ask.sent"));
    before.current = phase;
  }, [phase]);
  const question = last?.question;
  useEffect(() => {
    if (question && last && !last.done) announce(t("ask.understood", { question }));
  }, [question, last?.id]);
  const mute = useRef(false);
  mute.current = notice?.code === code.mute;
  const done = last?.done;
  useEffect(() => {
    // An answer that is spoken need not be read out as well.
    const silent = !preferences.get().speak || mute.current;
    if (done && last && Date.now() - last.asked < 600_000 && silent && !last.failure) announce(wordsOf(last.answer));
  }, [done, last?.id]);
}

/** An answer as it is said: without the marks of its sources. */
function wordsOf(answer: string): string {
  return pieces(answer)
    .flatMap((piece) => (piece.kind === "text" ? piece.text : []))
    .join("");
}

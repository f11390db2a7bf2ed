/** Goes on with the thread that an address names, and says so where there is none of that name any more. */
import { useEffect, useRef } from "react";
import { useBridge } from "@/shared/bridge/context";
import { Failure, code } from "@/shared/failure";
import { useLoaded } from "@/shared/store/use-watch";
import { type Conversation, isFinal } from "./conversation";

/** How soon an answer that is still written is looked at again: at first, how much later each time, and at the latest. */
const LOOK_MS = 2_000;
const SLOWER = 1.15;
const LONGEST_MS = 30_000;

export function useThread(session: string | null, conversation: Conversation): void {
  const { sessions } = useBridge();
  const { value, failure, again } = useLoaded(`thread:${session}`, async () => (session ? sessions.get(session) : null));
  /** The turns that were there before, and how often they were looked at. */
  const before = useRef(conversation.state.get().turns);
  const looks = useRef(0);
  /** Why the last look failed, as it was told. */
  const told = useRef<string | undefined>(undefined);
  useEffect(() => {
    before.current = conversation.state.get().turns;
    looks.current = 0;
    told.current = undefined;
  }, [session, conversation]);
  useEffect(() => {
    const { phase, turns } = conversation.state.get();
    // Whoever asks, or asked meanwhile, has begun another one.
    if (!value || phase !== "idle" || turns !== before.current) return;
    // A look that failed for what passes says nothing of the answer.
    const coming = (!failure || failure.retryable) && !(value.turns ?? []).every(isFinal);
    // There is nothing new to load then, and what is said of it stays until the person has read it.
    if (!failure?.retryable) {
      conversation.load(value, coming);
      before.current = conversation.state.get().turns;
    }
    if (!coming) return;
    const timer = setTimeout(again, Math.min(LONGEST_MS, LOOK_MS * SLOWER ** looks.current++));
    return () => clearTimeout(timer);
  }, [value, failure, conversation, again]);
  useEffect(() => {
    // A look that fails as the one before it puts back no notice that was dismissed.
    if (failure && failure.code !== told.current) conversation.tell(failure.code === code.notFound ? new Failure(code.threadGone, "this conversation is gone") : failure);
    told.current = failure?.code;
  }, [failure, conversation]);
}

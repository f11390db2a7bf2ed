/** Goes on with the thread that an address names, and says so where there is none of that name any more. */
import { useEffect, useRef } from "react";
import { useBridge } from "@/shared/bridge/context";
import { Failure, code } from "@/shared/failure";
import { useLoaded } from "@/shared/store/use-watch";
import type { Conversation } from "./conversation";

export function useThread(session: string | null, conversation: Conversation): void {
  const { sessions } = useBridge();
  const { value, failure } = useLoaded(`thread:${session}`, async () => (session ? sessions.get(session) : null));
  const before = useRef(conversation.state.get().turns);
  useEffect(() => {
    before.current = conversation.state.get().turns;
  }, [session, conversation]);
  useEffect(() => {
    // Whoever asked meanwhile has begun another one.
    if (value && conversation.state.get().turns === before.current) conversation.load(value);
  }, [value, conversation]);
  useEffect(() => {
    if (failure) conversation.tell(failure.code === code.notFound ? new Failure(code.threadGone, "this conversation is gone") : failure);
  }, [failure, conversation]);
}

/** A conversation for as long as its screen is open, with the microphone opened ahead where it is allowed. */
import { useEffect, useRef, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { preferences } from "@/shared/preferences";
import { Conversation, type Parts } from "./conversation";
import { useHandKey } from "./keys";

/** What the screen knows: what is asked, what a question interrupts, and where the person is. */
export type Stage = Pick<Parts, "scope" | "lecture" | "place">;

export function useConversation(stage: Stage): Conversation {
  const { asking, recorder, speaker } = useBridge();
  const now = useRef(stage);
  now.current = stage;
  const [conversation] = useState(
    () =>
      new Conversation({
        scope: stage.scope,
        asking,
        recorder,
        speaker,
        lecture: {
          playing: () => now.current.lecture.playing(),
          pause: () => now.current.lecture.pause(),
          resume: () => now.current.lecture.resume(),
        },
        place: (scope) => now.current.place(scope),
        wish: () => {
          const { speak, voice, voiceSpeed } = preferences.get();
          return { speak, speed: voiceSpeed, ...(voice ? { voice } : {}) };
        },
        goOn: () => preferences.get().goOn,
      }),
  );
  useHandKey(conversation);
  useEffect(() => {
    if (preferences.get().keepReady) void recorder.allowed().then((yes) => (yes ? recorder.open() : undefined)).catch(() => undefined);
    return () => conversation.dispose();
  }, [conversation, recorder]);
  return conversation;
}

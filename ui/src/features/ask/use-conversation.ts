/** One lecture's conversation for as long as the lecture is open, with the microphone opened ahead where it is allowed. */
import { useEffect, useState } from "react";
import type { Playback } from "@/shared/audio/playback";
import { useBridge } from "@/shared/bridge/context";
import { preferences } from "@/shared/preferences";
import { Conversation } from "./conversation";
import { useHandKey } from "./keys";

export function useConversation(lectureId: string, playback: Playback): Conversation {
  const { asking, recorder, speaker } = useBridge();
  const [conversation] = useState(
    () =>
      new Conversation({
        lectureId,
        asking,
        recorder,
        speaker,
        lecture: {
          playing: () => playback.state.get().playing,
          position: () => playback.position(),
          pause: () => {
            playback.stopClip();
            playback.pause();
          },
          resume: () => void playback.play(),
        },
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

/** One recording's playback for as long as its lecture is open. */
import { useEffect, useState } from "react";
import { Playback } from "@/shared/audio/playback";
import { useBridge } from "@/shared/bridge/context";
import { preferences } from "@/shared/preferences";
import type { SpanDto } from "@/shared/protocol";
import { useWatch } from "@/shared/store/use-watch";
import { placeLeft, usePlace } from "./use-place";

export function usePlayback(lectureId: string, duration: number, silences: SpanDto[] | undefined): Playback {
  const bridge = useBridge();
  const [playback] = useState(() => {
    const element = new Audio();
    bridge.devices.route(element);
    const playback = new Playback(element, () => bridge.lectures.audio(lectureId), duration, preferences.get().playbackRate);
    // Nothing is loaded for it before somebody listens.
    playback.time.set(placeLeft(lectureId, duration));
    return playback;
  });
  usePlace(lectureId, playback);
  const { skipSilence } = useWatch(preferences);
  useEffect(() => playback.setSilences(silences ?? [], skipSilence), [playback, silences, skipSilence]);
  const { connection } = bridge;
  useEffect(() => connection.subscribe(() => connection.get().phase === "open" && playback.recover()), [connection, playback]);
  useEffect(() => () => playback.dispose(), [playback]);
  return playback;
}

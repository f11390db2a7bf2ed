/** A lecture that is opened again stands where it was left. */
import { useEffect } from "react";
import type { Playback } from "@/shared/audio/playback";
import { secondsLeft } from "@/shared/preferences/places";

/** Closer to its beginning or its end nobody looks for the place. */
const MARGIN = 10;
/** It is kept this often while it is heard. */
const STEP = 5;

/** Where a lecture was left, if it was left in the middle. */
export function placeLeft(id: string, duration: number): number {
  const place = secondsLeft.of(id) ?? 0;
  return place < duration - MARGIN ? place : 0;
}

export function usePlace(id: string, playback: Playback): void {
  useEffect(() => {
    let step = -1;
    const keep = () => {
      const [place, { duration }] = [playback.position(), playback.state.get()];
      if (place > MARGIN && place < duration - MARGIN) secondsLeft.keep(id, place);
      else secondsLeft.forget(id);
    };
    const heard = () => {
      const { playing, clip } = playback.state.get();
      const now = Math.floor(playback.position() / STEP);
      // A place that is only looked at, or a clip, is not where one was.
      if (!playing || clip || now === step) return;
      step = now;
      keep();
    };
    let { playing } = playback.state.get();
    const paused = () => {
      const { playing: now, clip } = playback.state.get();
      if (playing && !now && !clip) keep();
      playing = now && !clip;
    };
    const stops = [playback.time.subscribe(heard), playback.state.subscribe(paused)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [id, playback]);
}

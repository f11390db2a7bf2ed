/** The keys of the player. The space bar is not among them: it raises the hand. */
import { useEffect, useRef } from "react";
import type { Playback } from "@/shared/audio/playback";
import type { PhraseDto } from "@/shared/protocol";
import { changeRate, toPhrase } from "./player";

/** A box that is ticked needs none of them, and the waveform hands on what it does not need. */
const OWN_KEYS = "input:not([type=checkbox]), textarea, select, [contenteditable], dialog, [role=menu]";

/** `onSearch` brings the search in sight. */
export function useLectureKeys(playback: Playback, phrases: PhraseDto[], onSearch: () => void): void {
  const search = useRef(onSearch);
  search.current = onSearch;
  useEffect(() => {
    const keys: Record<string, () => void> = {
      k: () => playback.toggle(),
      j: () => playback.skip(-10),
      l: () => playback.skip(10),
      ArrowLeft: () => playback.skip(-5),
      ArrowRight: () => playback.skip(5),
      "[": () => toPhrase(playback, phrases, -1),
      "]": () => toPhrase(playback, phrases, 1),
      ",": () => changeRate(playback, -1),
      ".": () => changeRate(playback, 1),
      "/": () => search.current(),
    };
    const down = (event: KeyboardEvent) => {
      const act = keys[event.key];
      const target = event.target as Element | null;
      if (!act || event.ctrlKey || event.metaKey || event.altKey || target?.closest?.(OWN_KEYS)) return;
      // Between tabs one goes by arrows.
      if (event.key.startsWith("Arrow") && target?.closest?.("[role=tab]")) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [playback, phrases]);
}

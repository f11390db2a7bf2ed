/** The keys of the player. The space bar is not among them: it raises the hand. */
import { useEffect } from "react";
import type { Playback } from "@/shared/audio/playback";
import type { PhraseDto } from "@/shared/protocol";
import { changeRate, toPhrase } from "./player";

/** A box that is ticked needs none of them. */
const OWN_KEYS = "input:not([type=checkbox]), textarea, select, [contenteditable], [role=slider], [role=tab]";

export function useLectureKeys(playback: Playback, phrases: PhraseDto[]): void {
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
      "/": () => document.querySelector<HTMLInputElement>(".transcript-head input")?.focus(),
    };
    const down = (event: KeyboardEvent) => {
      const act = keys[event.key];
      const target = event.target as Element | null;
      if (!act || event.ctrlKey || event.metaKey || event.altKey || target?.closest?.(`${OWN_KEYS}, dialog, [role=menu]`)) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [playback, phrases]);
}

/** The keys that turn cards. */
import { useEffect, useRef } from "react";

const OWN_KEYS = "input, textarea, select, [contenteditable], [role=menu]";
/** What has a use for the space bar. The buttons that turn the cards give it to the answer, for they have Enter. */
const OWN_SPACE = "button:not([data-turns]), summary";

interface Acts {
  /** Shows the answer, and then the next card. */
  forth: () => void;
  turn: (by: 1 | -1) => void;
}

export function useCardKeys(acts: Acts): void {
  const now = useRef(acts);
  now.current = acts;
  useEffect(() => {
    const keys: Record<string, () => void> = {
      " ": () => now.current.forth(),
      ArrowLeft: () => now.current.turn(-1),
      ArrowRight: () => now.current.turn(1),
    };
    const ours = (event: KeyboardEvent) => {
      const target = event.target as Element | null;
      // Below a dialog nothing is turned, also while nothing in it has the keyboard. The shift key extends a selection.
      if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return undefined;
      if (target?.closest?.(OWN_KEYS)) return undefined;
      return event.key === " " && target?.closest?.(OWN_SPACE) ? undefined : keys[event.key];
    };
    const down = (event: KeyboardEvent) => {
      const act = ours(event);
      if (!act) return;
      event.preventDefault();
      // A key that is held would run through all cards.
      if (!event.repeat) act();
    };
    // Some browsers click a button when the space bar comes up.
    const up = (event: KeyboardEvent) => event.key === " " && ours(event) && event.preventDefault();
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
    };
  }, []);
}

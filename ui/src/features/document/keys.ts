/** The keys of the reader. The space bar is not among them: it raises the hand. */
import { type RefObject, useEffect, useRef } from "react";

const OWN_KEYS = "input, textarea, select, [contenteditable], dialog, [role=menu]";
/** Between tabs one goes by arrows. */
const TABS = "[role=tab]";
/** What scrolls by itself. */
const OWN_SCROLL = ".ask-turns, .talks, pre, .block-rows";

export interface ReaderActs {
  leaf: (by: number) => void;
  to: (page: number) => void;
  last: () => void;
  zoom: (step: 1 | -1 | 0) => void;
  contents: () => void;
  search: () => void;
}

export function useReaderKeys(acts: ReaderActs, scroller: RefObject<HTMLElement | null>): void {
  const now = useRef(acts);
  now.current = acts;
  useEffect(() => {
    const scroll = (share: number) => scroller.current?.scrollBy({ top: scroller.current.clientHeight * share });
    const keys: Record<string, () => void> = {
      ArrowLeft: () => now.current.leaf(-1),
      ArrowRight: () => now.current.leaf(1),
      ArrowUp: () => scroll(-0.12),
      ArrowDown: () => scroll(0.12),
      PageUp: () => scroll(-0.9),
      PageDown: () => scroll(0.9),
      Home: () => now.current.to(1),
      End: () => now.current.last(),
      "+": () => now.current.zoom(1),
      "=": () => now.current.zoom(1),
      "-": () => now.current.zoom(-1),
      "0": () => now.current.zoom(0),
      o: () => now.current.contents(),
      g: () => document.querySelector<HTMLInputElement>("[data-page-field]")?.focus(),
      "/": () => now.current.search(),
    };
    const down = (event: KeyboardEvent) => {
      // What the browser itself would find is only what is on the screen.
      const finding = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "f";
      if (finding) {
        event.preventDefault();
        return now.current.search();
      }
      const act = keys[event.key];
      const target = event.target as Element | null;
      if (!act || event.ctrlKey || event.metaKey || event.altKey || target?.closest?.(OWN_KEYS)) return;
      if (/^Arrow(Left|Right)/.test(event.key) && target?.closest?.(TABS)) return;
      if (/^(Arrow(Up|Down)|Page|Home|End)/.test(event.key) && target?.closest?.(OWN_SCROLL)) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [scroller]);
}

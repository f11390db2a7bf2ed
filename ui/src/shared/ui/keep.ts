/** A list from which something goes keeps the keyboard that was there: otherwise it begins at the top of the page. */
import { type RefObject, useEffect, useRef } from "react";

export function useKeptKeyboard<T extends HTMLElement>(count: number): RefObject<T | null> {
  const list = useRef<T>(null);
  const before = useRef(count);
  useEffect(() => {
    const fewer = count < before.current;
    before.current = count;
    if (fewer && document.activeElement === document.body) list.current?.focus({ preventScroll: true });
  }, [count]);
  return list;
}

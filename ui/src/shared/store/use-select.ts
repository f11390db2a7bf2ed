/** A part of a watched value; the component is drawn again only when that part changes. */
import { useCallback, useSyncExternalStore } from "react";
import type { Watch } from "./watch";

export function useSelect<T, P extends string | number | boolean | null | undefined>(watch: Watch<T>, select: (value: T) => P): P {
  const read = useCallback(() => select(watch.get()), [watch, select]);
  return useSyncExternalStore(watch.subscribe, read);
}

/** Watched values and awaited answers in components. */
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useBridge } from "@/shared/bridge/context";
import { type Failure, toFailure } from "@/shared/failure";
import type { Watch } from "./watch";

export function useWatch<T>(watch: Watch<T>): T {
  return useSyncExternalStore(watch.subscribe, watch.get);
}

/** Something that is fetched: there, on its way, or failed with a reason. */
export interface Loaded<T> {
  value: T | undefined;
  failure: Failure | undefined;
  loading: boolean;
  again: () => void;
  /** Replaces the value at hand, when the page itself changed what was fetched. */
  set: (value: T) => void;
}

/** Fetches when `key` changes; what arrives late for an earlier key is dropped. */
export function useLoaded<T>(key: string, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; failure?: Failure }>({ key });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    let gone = false;
    latest.current().then(
      (value) => !gone && setState({ key, value }),
      (error: unknown) => !gone && setState((was) => ({ key, value: was.key === key ? was.value : undefined, failure: toFailure(error) })),
    );
    return () => {
      gone = true;
    };
  }, [key, turn]);
  const again = useCallback(() => setTurn((n) => n + 1), []);
  const { connection } = useBridge();
  const waits = state.key === key && state.failure?.retryable === true;
  // What failed because the server was away is fetched when it is back.
  useEffect(() => (waits ? connection.subscribe(() => connection.get().phase === "open" && again()) : undefined), [waits, connection, again]);
  const set = useCallback((value: T) => setState({ key, value }), [key]);
  const mine = state.key === key;
  const value = mine ? state.value : undefined;
  const failure = mine ? state.failure : undefined;
  return { value, failure, loading: value === undefined && failure === undefined, again, set };
}

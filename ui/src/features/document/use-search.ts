/** Words that are looked for in a whole document, which is fetched once somebody looks for any. */
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useWatch } from "@/shared/store/use-watch";
import type { Book } from "./book";
import { type Hit, MOST_HITS, search } from "./find";

export interface Looking {
  query: string;
  set: (query: string) => void;
  /** `null` while nothing is looked for. */
  hits: Hit[] | null;
  at: number;
  go: (at: number) => void;
  /** Whether there may be more hits than these. */
  more: boolean;
  /** What there is to say where nothing was found. */
  none: "reader.none" | "reader.looking" | "reader.partly";
}

export function useSearch(book: Book): Looking {
  const [query, setQuery] = useState("");
  const [at, go] = useState(0);
  const { pages, failure } = useWatch(book.texts);
  const returns = useWatch(book.returns);
  const wanted = useDeferredValue(query.trim());
  const wants = wanted !== "";
  useEffect(() => {
    if (!wants) return;
    const stop = new AbortController();
    void book.wantAll(stop.signal);
    return () => stop.abort();
  }, [wants, book, returns]);
  const hits = useMemo(() => (wanted ? search(pages, wanted) : null), [pages, wanted]);
  const set = useCallback((text: string) => {
    setQuery(text);
    go(0);
  }, []);
  const missing = wants && pages.size < book.count;
  const more = missing || hits?.length === MOST_HITS;
  // Pages that could not be fetched are looked through once the server is back.
  const none = !missing ? "reader.none" : failure ? "reader.partly" : "reader.looking";
  return { query, set, hits, at, go, more, none };
}

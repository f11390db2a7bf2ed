/** Words that are looked for in a whole document, which is fetched once somebody looks for any. */
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useWatch } from "@/shared/store/use-watch";
import type { Book } from "./book";
import { type Hit, search } from "./find";

export interface Looking {
  query: string;
  set: (query: string) => void;
  /** `null` while nothing is looked for. */
  hits: Hit[] | null;
  at: number;
  go: (at: number) => void;
  looking: boolean;
}

export function useSearch(book: Book): Looking {
  const [query, setQuery] = useState("");
  const [at, go] = useState(0);
  const { pages, failure } = useWatch(book.texts);
  const wanted = useDeferredValue(query.trim());
  const wants = wanted !== "";
  useEffect(() => {
    if (!wants) return;
    const stop = new AbortController();
    void book.wantAll(stop.signal);
    return () => stop.abort();
  }, [wants, book]);
  const hits = useMemo(() => (wanted ? search(pages, wanted) : null), [pages, wanted]);
  const set = useCallback((text: string) => {
    setQuery(text);
    go(0);
  }, []);
  return { query, set, hits, at, go, looking: wants && pages.size < book.count && !failure };
}

/** What stands where in a document: its table of contents, or where words that are looked for were found. */
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Failure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import type { OutlineEntryDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import type { Hit } from "./find";

interface Props {
  /** Nothing until it is known. */
  outline: OutlineEntryDto[] | undefined;
  failure: Failure | undefined;
  onAgain: () => void;
  page: number;
  onPage: (page: number) => void;
  /** Where the words that are looked for stand; nothing while none are. */
  hits: Hit[] | null;
  hit: number;
  /** What there is to say where nothing was found. */
  none: "reader.none" | "reader.looking" | "reader.partly";
  onHit: (at: number) => void;
}

/** The deepest step by which a line is set in. */
const DEEPEST = 4;

export function Contents({ outline, failure, onAgain, page, onPage, hits, hit, none, onHit }: Props) {
  const scroller = useRef<HTMLElement>(null);
  // The last heading that begins on or before the page.
  const now = useMemo(() => (outline ?? []).findLastIndex((entry) => entry.page <= page), [outline, page]);
  const count = hits ? hits.length : (outline?.length ?? 0);
  const at = hits ? hit : now;
  /** The line that the keyboard went to, as long as it is among them. */
  const [taken, setTaken] = useState<number | null>(null);
  // Whoever goes on by Tab passes one line and not hundreds; the arrows go from it to the others.
  const stop = Math.min(taken ?? Math.max(0, at), count - 1);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => (hits ? 64 : 36),
    overscan: 10,
    // Scrolled out of sight it is still where Tab leads.
    rangeExtractor: (range) => [...new Set([stop, ...defaultRangeExtractor(range)])].filter((index) => index >= 0).sort((a, b) => a - b),
  });
  useLayoutEffect(() => {
    if (taken !== null) scroller.current?.querySelector<HTMLElement>(`[data-index="${taken}"] button`)?.focus({ preventScroll: true });
  }, [taken]);
  const keys = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: stop + 1, ArrowUp: stop - 1, Home: 0, End: count - 1 };
    const next = steps[event.key];
    // Whoever pointed at a line goes on with the pages, and there these keys are theirs.
    if (taken === null || next === undefined || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (next < 0 || next >= count) return;
    setTaken(next);
    rows.scrollToIndex(next, { align: "auto" });
  };
  useEffect(() => {
    if (at >= 0 && at < count) rows.scrollToIndex(at, { align: "auto" });
  }, [at, count, rows]);
  const shown = useRef(at);
  shown.current = at;
  useEffect(() => {
    // A view that is opened shows where one is.
    const box = scroller.current;
    if (!box) return;
    const seen = new ResizeObserver(() => shown.current >= 0 && rows.scrollToIndex(shown.current, { align: "center" }));
    seen.observe(box);
    return () => seen.disconnect();
  }, [rows]);
  return (
    <nav ref={scroller} className="contents" aria-label={t(hits ? "reader.hits" : "reader.contents")}>
      {!hits && failure && <Calm small icon="offline" title={inWords(failure)} action={<Button onClick={onAgain}>{t("retry")}</Button>} />}
      {count === 0 && (hits || outline) && <p className="contents-none">{t(hits ? none : "reader.contents.none")}</p>}
      <ol style={{ height: rows.getTotalSize() }} onKeyDown={keys} onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && setTaken(null)}>
        {rows.getVirtualItems().map(({ key, index, start }) => (
          <li key={key} ref={rows.measureElement} data-index={index} aria-setsize={count} aria-posinset={index + 1} style={{ transform: `translateY(${start}px)` }} onFocus={({ target }) => setTaken(target.matches(":focus-visible") ? index : null)}>
            {hits ? (
              <HitLine hit={hits[index] as Hit} current={index === hit} stop={index === stop} onGo={() => onHit(index)} />
            ) : (
              <Line entry={outline?.[index] as OutlineEntryDto} current={index === now} stop={index === stop} onPage={onPage} />
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Line({ entry, current, stop, onPage }: { entry: OutlineEntryDto; current: boolean; stop: boolean; onPage: (page: number) => void }) {
  return (
    <button type="button" className="contents-line" tabIndex={stop ? 0 : -1} aria-current={current ? "true" : undefined} style={{ paddingInlineStart: `${0.5 + Math.min(DEEPEST, entry.level - 1) * 0.75}rem` }} title={entry.title} onClick={() => onPage(entry.page)}>
      <span>{entry.title}</span>
      <span className="contents-page">{entry.page}</span>
    </button>
  );
}

function HitLine({ hit, current, stop, onGo }: { hit: Hit; current: boolean; stop: boolean; onGo: () => void }) {
  return (
    <button type="button" className="contents-line contents-hit" tabIndex={stop ? 0 : -1} aria-current={current ? "true" : undefined} onClick={onGo}>
      <span>
        {hit.before}
        <mark>{hit.words}</mark>
        {hit.after}
      </span>
      <span className="contents-page">{hit.page}</span>
    </button>
  );
}

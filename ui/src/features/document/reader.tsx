/** The pages of a document one below the other; only those that are seen are there. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import type { Book } from "./book";
import { type Mark, PageView } from "./page";

/** A place to show; each new object shows it once. */
export interface Jump {
  page: number;
  /** Whether a mark on it is to be seen. */
  mark: boolean;
}

interface Props {
  book: Book;
  pictures: boolean;
  zoom: number;
  marks: ReadonlyMap<number, Mark[]>;
  jump: Jump | null;
  onPage: (page: number) => void;
  scroller: RefObject<HTMLDivElement | null>;
}

/** The widest page at its natural size, in pixels. */
const WIDEST = 860;
const BORDER = 24;
const GAP = 16;
/** About as high is a page of text, until it was seen. */
const TEXT_HEIGHT = 900;
/** A mark is waited for this long, and looked for only after the page had time to find its place. */
const PATIENT_FRAMES = 180;
const SETTLED_FRAMES = 3;
const NONE: Mark[] = [];

export function Reader({ book, pictures, zoom, marks, jump, onPage, scroller }: Props) {
  const [room, setRoom] = useState(0);
  // A picture that was seen may be of another shape than the one before.
  useWatch(book.shapes);
  const width = Math.max(200, Math.round(Math.min(room - BORDER, WIDEST) * zoom));
  const rows = useVirtualizer({
    count: book.count,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (pictures ? width * book.shape(index + 1) : TEXT_HEIGHT) + GAP,
    overscan: 1,
    enabled: room > 0,
  });
  const now = useRef(jump?.page ?? 1);
  const revealed = useRef<Jump | null>(null);

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const measure = () => setRoom(box.clientWidth);
    measure();
    const seen = new ResizeObserver(measure);
    seen.observe(box);
    return () => seen.disconnect();
  }, [scroller]);
  const to = useCallback((page: number) => rows.scrollToIndex(page - 1, { align: "start" }), [rows]);
  useLayoutEffect(() => {
    // Pages of another size: whoever read one goes on with it.
    if (room === 0) return;
    rows.measure();
    to(now.current);
  }, [width, pictures, room === 0, rows, to]);
  useEffect(() => {
    if (!jump || room === 0 || revealed.current === jump) return;
    revealed.current = jump;
    now.current = jump.page;
    to(jump.page);
    onPage(jump.page);
  }, [jump, room, to, onPage]);

  useEffect(() => {
    if (!jump?.mark || room === 0) return;
    let frame = 0;
    let waited = 0;
    const look = () => {
      const [box, mark] = [scroller.current, scroller.current?.querySelector(`[data-page="${jump.page}"] :is([data-mark="hit-now"], [data-mark="cited"])`)];
      // Where a page stands is known only after it was put there.
      if (!box || !mark || waited < SETTLED_FRAMES) {
        if (waited++ < PATIENT_FRAMES) frame = requestAnimationFrame(look);
        return;
      }
      const [seen, words] = [box.getBoundingClientRect(), mark.getBoundingClientRect()];
      if (words.top >= seen.top && words.bottom <= seen.bottom) return;
      rows.cancelScroll();
      mark.scrollIntoView({ block: "center", inline: "nearest" });
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [jump, room, rows, scroller]);

  const items = rows.getVirtualItems();
  const middle = (rows.scrollOffset ?? 0) + (scroller.current?.clientHeight ?? 0) * 0.4;
  const seen = (items.findLast(({ start }) => start <= middle)?.index ?? now.current - 1) + 1;
  const moving = rows.isScrolling;
  useEffect(() => {
    // Before it was scrolled to where one wants to be, what is seen is nobody's page.
    if (room === 0 || items.length === 0 || !moving || seen === now.current) return;
    now.current = seen;
    onPage(seen);
  }, [seen, moving, room, items.length, onPage]);
  return (
    <div className="reader-scroll" ref={scroller} tabIndex={0} role="region" aria-label={t("reader.pages")}>
      <div className="reader-pages" style={{ height: rows.getTotalSize(), minWidth: pictures ? width + BORDER : undefined }}>
        {items.map(({ key, index, start }) => (
          <div key={key} ref={rows.measureElement} data-index={index} className="page-place" style={{ transform: `translateY(${start}px)` }}>
            <PageView
              book={book}
              number={index + 1}
              picture={pictures}
              width={width}
              zoom={zoom}
              marks={marks.get(index + 1) ?? NONE}
            />
          </div>
        ))}
      </div>
    </div>
  );
}

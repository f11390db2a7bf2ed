/** The cover of a document as a small picture in its row. Until it is there, and where there is none, the row keeps its sign. */
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Documents } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { code, toFailure } from "@/shared/failure";

type Shelf = Pick<Documents, "cover">;

/** In pixels: enough for a screen that shows two for one. */
const WIDTH = 96;

/** What was fetched, or that there is none, as long as whoever fetches is the same. */
const kept = new WeakMap<Shelf, Map<string, Promise<Blob>>>();
/** One after the other: whoever opens a book meanwhile waits for one small picture at most. */
let last: Promise<unknown> = Promise.resolve();

function coverOf(documents: Shelf, id: string): Promise<Blob> {
  const covers = kept.get(documents) ?? new Map<string, Promise<Blob>>();
  kept.set(documents, covers);
  const known = covers.get(id);
  if (known) return known;
  const cover = last.then(() => documents.cover(id, WIDTH));
  last = cover.catch((error) => {
    // That a book brings none stays so, as its file does; whatever else went wrong may pass.
    if (toFailure(error).code !== code.notFound) covers.delete(id);
  });
  covers.set(id, cover);
  return cover;
}

export function Cover({ id, children }: { id: string; children: ReactNode }) {
  const { documents } = useBridge();
  const place = useRef<HTMLSpanElement>(null);
  const [near, setNear] = useState(false);
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!place.current || near) return;
    const observer = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && setNear(true));
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [near]);
  useEffect(() => {
    if (!near) return;
    let made: string | null = null;
    let gone = false;
    coverOf(documents, id).then(
      (blob) => {
        if (!gone) setUrl((made = URL.createObjectURL(blob)));
      },
      () => undefined,
    );
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [documents, id, near]);
  return (
    <span ref={place} className={url ? "row-mark row-cover" : "row-mark mark-document"} aria-hidden="true">
      {url ? <img src={url} alt="" draggable={false} onError={() => setUrl(null)} /> : children}
    </span>
  );
}

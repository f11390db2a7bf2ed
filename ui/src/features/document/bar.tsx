/** What is done with the page that is read: leafing, going to a number, making it larger, looking for words. */
import { type RefObject, useEffect, useState } from "react";
import { percent } from "@/shared/format/time";
import { t } from "@/shared/text";
import { IconButton } from "@/shared/ui/button";
import { Icon } from "@/shared/ui/icon";

export const ZOOMS = [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 2.5, 3];

/** Larger or smaller by one step. */
export function zoomed(zoom: number, step: 1 | -1): number {
  const next = step === 1 ? ZOOMS.find((one) => one > zoom + 0.001) : ZOOMS.findLast((one) => one < zoom - 0.001);
  return next ?? zoom;
}

interface Props {
  page: number;
  count: number;
  onPage: (page: number) => void;
  zoom: number;
  onZoom: (zoom: number) => void;
  /** Whether pages are shown as pictures; nothing where there are none. */
  pictures: boolean | null;
  onPictures: (pictures: boolean) => void;
  /** Whether the contents are shown; nothing where they have a view of their own. */
  contents: boolean | null;
  onContents: (shown: boolean) => void;
  search: Search;
  field: RefObject<HTMLInputElement | null>;
}

export interface Search {
  query: string;
  /** Which hit is shown, from 0, and how many there are. */
  at: number;
  hits: number;
  /** Whether there may be more of them. */
  more: boolean;
  /** What there is to say where there are none. */
  none: "reader.none" | "reader.looking" | "reader.partly";
  set: (query: string) => void;
  step: (by: 1 | -1) => void;
}

export function Bar({ page, count, onPage, zoom, onZoom, pictures, onPictures, contents, onContents, search, field }: Props) {
  return (
    <div className="reader-bar" role="toolbar" aria-label={t("reader.bar")}>
      {contents !== null && (
        <IconButton icon="outline" label={t(contents ? "reader.contents.hide" : "reader.contents.show")} aria-pressed={contents} onClick={() => onContents(!contents)} />
      )}
      <div className="reader-leaf">
        <IconButton icon="back" label={t("reader.back")} disabled={page <= 1} onClick={() => onPage(page - 1)} />
        <PageField page={page} count={count} onPage={onPage} />
        <IconButton icon="next" label={t("reader.next")} disabled={page >= count} onClick={() => onPage(page + 1)} />
      </div>
      <div className="reader-zoom">
        <IconButton icon="minus" label={t("reader.smaller")} disabled={zoomed(zoom, -1) === zoom} onClick={() => onZoom(zoomed(zoom, -1))} />
        <button type="button" className="reader-percent" title={t("reader.fit")} aria-label={t("reader.fit.now", { zoom: percent(zoom) })} onClick={() => onZoom(1)}>
          {percent(zoom)}
        </button>
        <IconButton icon="plus" label={t("reader.larger")} disabled={zoomed(zoom, 1) === zoom} onClick={() => onZoom(zoomed(zoom, 1))} />
      </div>
      {pictures !== null && (
        <IconButton icon={pictures ? "words" : "figure"} label={t(pictures ? "reader.text" : "reader.pictures")} onClick={() => onPictures(!pictures)} />
      )}
      <div className="reader-search">
        <label className="search">
          <Icon name="search" size={17} />
          <input
            ref={field}
            type="search"
            value={search.query}
            placeholder={t("reader.search")}
            aria-label={t("reader.search")}
            onChange={(event) => search.set(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") search.step(event.shiftKey ? -1 : 1);
              if (event.key !== "Escape") return;
              // Where nothing is looked for any more, the keys are the pages' again.
              if (search.query) search.set("");
              else event.currentTarget.blur();
            }}
          />
        </label>
        {search.query.trim() && <Hits search={search} />}
      </div>
    </div>
  );
}

function Hits({ search }: { search: Search }) {
  const { at, hits, more, none, step } = search;
  return (
    <span className="reader-hits" role="status">
      {hits > 0 ? t("transcript.hit", { at: at + 1, count: more ? `${hits}+` : hits }) : t(none)}
      <IconButton icon="back" size={16} label={t("transcript.hit.back")} onClick={() => step(-1)} disabled={hits === 0} />
      <IconButton icon="next" size={16} label={t("transcript.hit.next")} onClick={() => step(1)} disabled={hits === 0} />
    </span>
  );
}

function PageField({ page, count, onPage }: { page: number; count: number; onPage: (page: number) => void }) {
  const [typed, setTyped] = useState<string | null>(null);
  useEffect(() => setTyped(null), [page]);
  const take = () => {
    const wanted = Number.parseInt(typed ?? "", 10);
    setTyped(null);
    if (Number.isFinite(wanted)) onPage(Math.min(count, Math.max(1, wanted)));
  };
  return (
    <label className="reader-page">
      <input
        data-page-field=""
        inputMode="numeric"
        value={typed ?? String(page)}
        aria-label={t("reader.page")}
        autoComplete="off"
        onFocus={(event) => event.target.select()}
        onChange={(event) => setTyped(event.target.value.replace(/\D/g, ""))}
        onBlur={() => setTyped(null)}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
          // From here on the keys are the pages' again.
          if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <span>{t("reader.of", { count })}</span>
    </label>
  );
}

/** The lecturer's words: they follow the recording, are searched, play from any phrase, and can be corrected. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Playback } from "@/shared/audio/playback";
import { clock } from "@/shared/format/time";
import type { PhraseDto, SpanDto } from "@/shared/protocol";
import { useSelect } from "@/shared/store/use-select";
import { t } from "@/shared/text";
import { Button, IconButton } from "@/shared/ui/button";
import { Icon } from "@/shared/ui/icon";
import { CorrectPhrase } from "./correct";
import { NOTHING, type Range, Said, marked, phraseAt } from "./find";

interface Props {
  playback: Playback;
  phrases: PhraseDto[];
  /** Places the last answer rests on. */
  cited: SpanDto[];
  /** A place to show, asked for from outside; each new object shows it once. */
  show: { time: number } | null;
  own: boolean;
  onCorrect: (index: number, text: string) => Promise<void>;
}

const DOUBT = 0.5;
/** Phrases that only touch a cited place are not meant by it. */
const TOUCH = 0.15;

export const Transcript = memo(function Transcript({ playback, phrases, cited, show, own, onCorrect }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [query, setQuery] = useState("");
  const [hit, setHit] = useState(0);
  const [follow, setFollow] = useState(true);
  const [editing, setEditing] = useState<number | null>(null);
  const select = useCallback((time: number) => phraseAt(phrases, time), [phrases]);
  const now = useSelect(playback.time, select);
  const searched = query.trim() !== "";
  const said = useMemo(() => (searched ? new Said(phrases) : null), [phrases, searched]);
  const { hits, marks } = useMemo(() => said?.search(query) ?? NOTHING, [said, query]);
  const rows = useVirtualizer({
    count: phrases.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => 30 + Math.ceil((phrases[index]?.text.length ?? 0) / 62) * 28,
    overscan: 12,
  });
  const corrected = useRef<number | null>(null);
  useEffect(() => {
    const last = corrected.current;
    corrected.current = editing;
    // Where a correction was begun, the keyboard is again when it ends.
    if (editing === null && last !== null && document.activeElement === document.body) scroller.current?.querySelector<HTMLElement>(`[data-index="${last}"] .line-edit`)?.focus({ preventScroll: true });
  }, [editing]);
  const reveal = useCallback((index: number, align: "center" | "start" = "center") => {
    if (index >= 0) rows.scrollToIndex(index, { align });
  }, [rows]);

  useEffect(() => {
    if (follow && !query) reveal(now);
  }, [now, follow, query, reveal]);
  const following = useRef(-1);
  following.current = follow && !query ? now : -1;
  useEffect(() => {
    // A window that turns, or a view that is opened, shows what is being said.
    const box = scroller.current;
    if (!box) return;
    const seen = new ResizeObserver(() => reveal(following.current));
    seen.observe(box);
    return () => seen.disconnect();
  }, [reveal]);
  useEffect(() => {
    const at = hits[hit];
    if (at !== undefined) reveal(at);
  }, [hits, hit, reveal]);
  useEffect(() => {
    if (!show) return;
    setFollow(false);
    reveal(phraseAt(phrases, show.time));
  }, [show, phrases, reveal]);

  const step = (by: number) => hits.length > 0 && setHit((hit + by + hits.length) % hits.length);
  const play = useCallback(
    (phrase: PhraseDto) => {
      setFollow(true);
      playback.seek(phrase.from);
      void playback.play();
    },
    [playback],
  );
  const isCited = (phrase: PhraseDto) => cited.some(({ from, to }) => phrase.from < to - TOUCH && phrase.to > from + TOUCH);
  return (
    <section className="transcript" aria-labelledby="transcript-title">
      <header className="transcript-head">
        <h2 id="transcript-title">{t("transcript.title")}</h2>
        <label className="search">
          <Icon name="search" size={17} />
          <input
            type="search"
            value={query}
            placeholder={t("transcript.search")}
            aria-label={t("transcript.search")}
            onChange={(event) => {
              setQuery(event.target.value);
              setHit(0);
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
              if (event.key === "Escape") setQuery("");
            }}
          />
        </label>
        {query && (
          <span className="transcript-hits" role="status">
            {hits.length === 0 ? t("transcript.none") : t("transcript.hit", { at: hit + 1, count: hits.length })}
            <IconButton icon="back" size={16} label={t("transcript.hit.back")} onClick={() => step(-1)} disabled={hits.length === 0} />
            <IconButton icon="next" size={16} label={t("transcript.hit.next")} onClick={() => step(1)} disabled={hits.length === 0} />
          </span>
        )}
      </header>
      <div
        className="transcript-scroll"
        ref={scroller}
        tabIndex={0}
        role="region"
        aria-labelledby="transcript-title"
        onWheel={() => setFollow(false)}
        onTouchMove={() => setFollow(false)}
        onKeyDown={(event) => ["PageUp", "PageDown", "Home", "End", "ArrowUp", "ArrowDown"].includes(event.key) && setFollow(false)}
      >
        <div className="transcript-lines" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => {
            const phrase = phrases[row.index] as PhraseDto;
            return (
              <div key={row.key} ref={rows.measureElement} data-index={row.index} className="line-place" style={{ transform: `translateY(${row.start}px)` }}>
                {editing === row.index ? (
                  <CorrectPhrase phrase={phrase} onSave={(text) => onCorrect(row.index, text)} onClose={() => setEditing(null)} />
                ) : (
                  <Line
                    phrase={phrase}
                    index={row.index}
                    now={row.index === now}
                    cited={isCited(phrase)}
                    hit={hits[hit] === row.index && query !== ""}
                    marks={marks.get(row.index)}
                    own={own}
                    onPlay={play}
                    onEdit={setEditing}
                  />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {!follow && !query && (
        <Button className="follow" look="plain" onClick={() => setFollow(true)}>
          {t("transcript.follow")}
        </Button>
      )}
    </section>
  );
});

interface LineProps {
  phrase: PhraseDto;
  index: number;
  now: boolean;
  cited: boolean;
  hit: boolean;
  marks: Range[] | undefined;
  own: boolean;
  onPlay: (phrase: PhraseDto) => void;
  onEdit: (index: number) => void;
}

const Line = memo(function Line({ phrase, index, now, cited, hit, marks, own, onPlay, onEdit }: LineProps) {
  const doubtful = phrase.confidence < DOUBT && !phrase.corrected;
  const classes = ["line", now && "line-now", cited && "line-cited", hit && "line-hit", doubtful && "line-doubt"];
  return (
    <div className={classes.filter(Boolean).join(" ")}>
      <button type="button" className="line-play" aria-current={now ? "true" : undefined} aria-description={doubtful ? t("transcript.doubt") : undefined} onClick={() => onPlay(phrase)}>
        <span className="line-time">{clock(phrase.from)}</span>
        <span className="line-text" title={doubtful ? t("transcript.doubt") : undefined}>
          {marked(phrase.text, marks).map((piece, at) => (piece.hit ? <mark key={at}>{piece.text}</mark> : piece.text))}
        </span>
      </button>
      {own && <IconButton className="line-edit" icon="edit" size={16} label={t("correct.label", { time: clock(phrase.from) })} onClick={() => onEdit(index)} />}
    </div>
  );
});

/** The recording's controls. */
import { memo, useCallback, useEffect, useRef } from "react";
import { FASTEST, type Playback, SLOWEST } from "@/shared/audio/playback";
import { clock } from "@/shared/format/time";
import { prefer, preferences } from "@/shared/preferences";
import type { PhraseDto, SpanDto } from "@/shared/protocol";
import { useSelect } from "@/shared/store/use-select";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button, IconButton } from "@/shared/ui/button";
import { ClipNote } from "@/shared/ui/clip-note";
import { Icon } from "@/shared/ui/icon";
import type { Chapter } from "./chapters";
import { phraseAt } from "./find";
import { Waveform } from "./waveform";

interface Props {
  playback: Playback;
  points: number[];
  phrases: PhraseDto[];
  chapters: Chapter[];
  cited: SpanDto[];
}

/** Not every player stands to the hundredth of a second where it was sent. */
const BESIDE = 0.1;
const whole = (seconds: number) => Math.floor(seconds);
export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];

export const Player = memo(function Player({ playback, points, phrases, chapters, cited }: Props) {
  const state = useWatch(playback.state);
  const { skipSilence } = useWatch(preferences);
  return (
    <section className="player" aria-label={t("player.label")}>
      <Waveform playback={playback} points={points} chapters={chapters} cited={cited} />
      <div className="player-row">
        <Times playback={playback} duration={state.duration} />
        <div className="player-keys">
          <IconButton icon="rewind" label={t("player.phrase.back")} onClick={() => toPhrase(playback, phrases, -1)} />
          <button
            type="button"
            className="play-button"
            aria-label={state.playing ? t("player.pause") : t("player.play")}
            title={state.playing ? t("player.pause") : t("player.play")}
            onClick={() => playback.toggle()}
          >
            <Icon name={state.playing ? "pause" : "play"} size={24} />
          </button>
          <IconButton icon="forward" label={t("player.phrase.next")} onClick={() => toPhrase(playback, phrases, 1)} />
        </div>
        <div className="player-choices">
          <label className="skip">
            <input type="checkbox" checked={skipSilence} onChange={(event) => prefer({ skipSilence: event.target.checked })} />
            <span>{t("player.skip")}</span>
          </label>
          <label className="rate">
            <span className="unseen">{t("player.rate")}</span>
            <select
              value={state.rate}
              onChange={(event) => {
                const rate = Number(event.target.value);
                playback.setRate(rate);
                prefer({ playbackRate: rate });
              }}
            >
              {[...new Set([...RATES, state.rate])]
                .sort((a, b) => a - b)
                .map((rate) => (
                  <option key={rate} value={rate}>
                    {rate}×
                  </option>
                ))}
            </select>
          </label>
        </div>
      </div>
      {chapters.length > 0 && <Chapters playback={playback} chapters={chapters} />}
    </section>
  );
});

/** What is heard instead of the lecture, or why nothing is; beside the title, so that nothing moves when it comes and goes. */
export function PlayerNote({ playback }: { playback: Playback }) {
  const { failure, clip } = useWatch(playback.state);
  if (!clip && !failure) return null;
  return (
    <ClipNote failure={failure}>
      {failure ? (
        <Button look="quiet" onClick={() => void playback.play()}>
          {t("retry")}
        </Button>
      ) : (
        <Button look="quiet" onClick={() => playback.stopClip()}>
          {t("player.clip.back", { time: clock(playback.position()) })}
        </Button>
      )}
    </ClipNote>
  );
}

function Times({ playback, duration }: { playback: Playback; duration: number }) {
  const second = useSelect(playback.time, whole);
  return (
    <p className="player-times" data-testid="time">
      <span>{clock(second)}</span> <span className="dim">/ {clock(duration)}</span>
    </p>
  );
}

function Chapters({ playback, chapters }: { playback: Playback; chapters: Chapter[] }) {
  const select = useCallback((time: number) => chapters.findLastIndex(({ from }) => from <= time + 0.01), [chapters]);
  const now = useSelect(playback.time, select);
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    // The one that is heard is seen, without moving anything but the row itself.
    const [row, chapter] = [list.current?.parentElement, list.current?.children[now] as HTMLElement | undefined];
    if (!row || !chapter) return;
    const out = chapter.offsetLeft < row.scrollLeft || chapter.offsetLeft + chapter.offsetWidth > row.scrollLeft + row.clientWidth;
    if (out) row.scrollTo({ left: chapter.offsetLeft - 8 });
  }, [now]);
  return (
    <nav className="chapters" aria-label={t("player.chapters")}>
      <ol ref={list}>
        {chapters.map((chapter, index) => (
          <li key={chapter.from}>
            <button type="button" className="chapter" title={chapter.title} aria-current={index === now ? "true" : undefined} onClick={() => playback.seek(chapter.from)}>
              <span className="chapter-time">{clock(chapter.from)}</span>
              <span className="chapter-title">{chapter.title}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** To the beginning of a phrase; back within the first moment of one means the one before. */
export function toPhrase(playback: Playback, phrases: PhraseDto[], step: 1 | -1): void {
  const time = playback.time.get();
  const now = phraseAt(phrases, time + BESIDE);
  const begun = time - (phrases[now]?.from ?? 0);
  const target = step === 1 ? now + 1 : begun > 1.2 ? now : now - 1;
  const phrase = phrases[Math.max(0, target)];
  if (phrase) playback.seek(phrase.from);
}

/** Faster or slower by one step of the list. */
export function changeRate(playback: Playback, step: 1 | -1): void {
  const { rate } = playback.state.get();
  const next = step === 1 ? RATES.find((one) => one > rate) : RATES.findLast((one) => one < rate);
  const to = next ?? (step === 1 ? FASTEST : SLOWEST);
  playback.setRate(to);
  prefer({ playbackRate: to });
}

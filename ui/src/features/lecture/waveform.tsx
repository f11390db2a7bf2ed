/** The recording as a picture to find one's way by, and to jump in. */
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import type { Playback } from "@/shared/audio/playback";
import { clock } from "@/shared/format/time";
import type { SpanDto } from "@/shared/protocol";
import { useSelect } from "@/shared/store/use-select";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import type { Chapter } from "./chapters";

interface Props {
  playback: Playback;
  /** Loudness from 0 to 1, evenly spaced. */
  points: number[];
  chapters: Chapter[];
  /** What the last answer rests on. */
  cited: SpanDto[];
}

const whole = (seconds: number) => Math.floor(seconds);

export function Waveform({ playback, points, chapters, cited }: Props) {
  const { duration } = useWatch(playback.state);
  const second = useSelect(playback.time, whole);
  const rest = useRef<HTMLCanvasElement>(null);
  const played = useRef<HTMLCanvasElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const needle = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const draw = () => {
      for (const canvas of [rest.current, played.current]) if (canvas) paint(canvas, points);
    };
    draw();
    const resize = new ResizeObserver(draw);
    if (root.current) resize.observe(root.current);
    const theme = new MutationObserver(draw);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const system = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
    for (const query of system) query.addEventListener("change", draw);
    return () => {
      resize.disconnect();
      theme.disconnect();
      for (const query of system) query.removeEventListener("change", draw);
    };
  }, [points]);

  // The needle moves with every frame; the component is drawn again only every second.
  useEffect(() => {
    const move = () => {
      const share = duration > 0 ? playback.time.get() / duration : 0;
      if (played.current) played.current.style.clipPath = `inset(0 ${(1 - share) * 100}% 0 0)`;
      if (needle.current) needle.current.style.left = `${share * 100}%`;
    };
    move();
    return playback.time.subscribe(move);
  }, [playback, duration]);

  const place = (event: PointerEvent) => {
    const box = root.current?.getBoundingClientRect();
    if (box && box.width > 0) playback.seek(((event.clientX - box.left) / box.width) * duration);
  };
  const keys = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? duration : step === undefined ? null : playback.time.get() + step;
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    playback.seek(to);
  };
  return (
    <div
      ref={root}
      className="waveform"
      role="slider"
      tabIndex={0}
      aria-label={t("player.position")}
      aria-valuemin={0}
      aria-valuemax={Math.floor(duration)}
      aria-valuenow={second}
      aria-valuetext={t("player.position.value", { time: clock(second), duration: clock(duration) })}
      onKeyDown={keys}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        place(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && place(event)}
    >
      <canvas ref={rest} className="wave-rest" aria-hidden="true" />
      <canvas ref={played} className="wave-played" aria-hidden="true" />
      {duration > 0 &&
        cited.map(({ from, to }) => <span key={`${from}-${to}`} className="wave-cited" style={{ left: `${(from / duration) * 100}%`, width: `${Math.max(0.4, ((to - from) / duration) * 100)}%` }} />)}
      {duration > 0 && chapters.slice(1).map(({ from }) => <span key={from} className="wave-chapter" style={{ left: `${(from / duration) * 100}%` }} />)}
      <div ref={needle} className="wave-needle" />
    </div>
  );
}

const BAR = 3;
const GAP = 2;

function paint(canvas: HTMLCanvasElement, points: number[]): void {
  const { width, height } = canvas.getBoundingClientRect();
  const context = canvas.getContext("2d");
  if (!context || width === 0) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  context.scale(ratio, ratio);
  context.fillStyle = getComputedStyle(canvas).color;
  const bars = Math.floor(width / (BAR + GAP));
  for (let bar = 0; bar < bars; bar++) {
    const from = Math.floor((bar / bars) * points.length);
    const to = Math.max(from + 1, Math.floor(((bar + 1) / bars) * points.length));
    let loud = 0;
    for (let i = from; i < to; i++) loud = Math.max(loud, points[i] ?? 0);
    const tall = Math.max(2, loud * (height - 4));
    context.beginPath();
    context.roundRect(bar * (BAR + GAP), (height - tall) / 2, BAR, tall, 1.5);
    context.fill();
  }
}

/** Without a picture from the server, where there are words is drawn instead. */
export function sketch(phrases: SpanDto[], duration: number, count = 600): number[] {
  const points = new Array<number>(count).fill(0.04);
  for (const { from, to } of phrases) {
    for (let i = Math.floor((from / duration) * count); i <= Math.min(count - 1, (to / duration) * count); i++) {
      // Uneven, as speech is; the same at every visit.
      points[i] = 0.3 + 0.5 * (((Math.imul(i + 7, 2654435761) >>> 8) % 1000) / 1000);
    }
  }
  return points;
}

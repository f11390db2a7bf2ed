/** Small line drawings; they say nothing to a screen reader, their buttons do. */

const PATHS = {
  hand: "M8 11V5.5a1.5 1.5 0 0 1 3 0V10m0-1V4a1.5 1.5 0 0 1 3 0v6m0-4.5a1.5 1.5 0 0 1 3 0V14a7 7 0 0 1-7 7 6.5 6.5 0 0 1-5.6-3.2L2.9 14.3a1.6 1.6 0 0 1 2.7-1.7L8 15",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21",
  play: "M8 5.5v13l11-6.5Z",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  stop: "M7 7h10v10H7Z",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  rewind: "M17.5 6.5 10 12l7.5 5.5ZM7 6.5v11",
  forward: "M6.5 6.5 14 12l-7.5 5.5ZM17 6.5v11",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14Zm5 12 4 4",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  settings: "M4 7h9m4 0h3M4 17h3m4 0h9M15 5v4M9 15v4",
  library: "M5 4v16M9 4v16M13 5l5 15",
  chat: "M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v7a2.5 2.5 0 0 1-2.5 2.5H11l-4.5 4v-4A2.5 2.5 0 0 1 4 13.5Z",
  file: "M7 3h7l4 4v14H7ZM14 3v4h4",
  book: "M12 6.5C10 5 7.5 4.5 4 4.5v13c3.5 0 6 .5 8 2 2-1.5 4.5-2 8-2v-13c-3.5 0-6 .5-8 2Zm0 0v13",
  figure: "M4 5h16v14H4ZM4 16l4.5-4.5 3.5 3.5 3-3 5 5M15.5 9h.01",
  minus: "M5 12h14",
  outline: "M4 6h3M10 6h10M4 12h3M10 12h10M4 18h3M10 18h10",
  words: "M5 6h14M5 10.5h14M5 15h14M5 19.5h8",
  sources: "M8 4h9v13H8ZM5 7.5V20h9",
  cards: "M4 8.5h11V20H4ZM8 8.5V5h12v11h-5",
  people: "M9 11.5a3.5 3.5 0 1 1 0-7 3.5 3.5 0 0 1 0 7ZM2.5 20c.4-3.8 3-5.5 6.5-5.5s6.1 1.7 6.5 5.5M15.5 4.9a3.3 3.3 0 0 1 0 6.2M18 14.9c2 .8 3.2 2.5 3.5 5.1",
  folder: "M3.5 6h6l2 2.5h9v10h-17Z",
  edit: "M4 20l1-4L16.5 4.5l3 3L8 19Z",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l1 13h8l1-13",
  download: "M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14",
  retry: "M19 8a8 8 0 1 0 1 5M20 4v4.5h-4.5",
  check: "M5 12.5l4.5 4.5L19 7",
  warning: "M12 4 2.5 20h19ZM12 10v4.5M12 17.3v.01",
  send: "M4 12h15m-6-6 6 6-6 6",
  captions: "M3.5 6h17v12h-17ZM7 13h4M14 13h3M7 10h2M12 10h5",
  offline: "M3 3l18 18M5 12.5a10 10 0 0 1 4-2.3M8.5 16a5 5 0 0 1 7 0M19 12.5a10 10 0 0 0-6-2.7M12 19.5v.01",
  speaker: "M4 9.5v5h3.5L12 18V6L7.5 9.5ZM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  upload: "M12 19V8m-4.5 4.5L12 8l4.5 4.5M5 4h14",
  quote: "M6 16c2-1 3-2.5 3-5H6V7h5v4c0 4-2 6.5-4.5 7.5ZM14 16c2-1 3-2.5 3-5h-3V7h5v4c0 4-2 6.5-4.5 7.5Z",
} as const;

export type IconName = keyof typeof PATHS;

/** `size` is in pixels at the usual size of text; it grows as the text does. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  const heavy = name === "more" ? 3 : 1.7;
  const filled = name === "play" || name === "stop";
  return (
    <svg className="icon" style={grown(size)} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill={filled ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth={name === "pause" ? 3.2 : heavy}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

/** Attributes of a drawing know no `rem` in every engine; its style does. */
export function grown(size: number): { width: string; height: string } {
  const length = `${size / 16}rem`;
  return { width: length, height: length };
}

/** Small line drawings; they say nothing to a screen reader, their buttons do. */

const PATHS = {
  hand: "M8 11V5.5a1.5 1.5 0 0 1 3 0V10m0-1V4a1.500 1.500 0 0 1 3 0v6m0-4.500a1.500 1.500 0 0 1 3 0V14a7 7 0 0 1-7 7 6.500 6.500 0 0 1-5.600-3.200L2.900 14.300a1.600 1.600 0 0 1 2.700-1.700L8 15",
  mic: "M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.500 11a6.500 6.500 0 0 0 13 0M12 17.500V21",
  play: "M8 5.500v13l11-6.500Z",
  pause: "M8.500 5.500v13M15.500 5.500v13",
  stop: "M7 7h10v10H7Z",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  rewind: "M4 12a8 8 0 1 0 2.500-5.800M6 3v3.600h3.600",
  forward: "M20 12a8 8 0 1 1-2.500-5.800M18 3v3.600h-3.600",
  search: "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14Zm5 12 4 4",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  more: "M6 12h.01M12 12h.01M18 12h.01",
  settings: "M4 7h9m4 0h3M4 17h3m4 0h9M15 5v4M9 15v4",
  library: "M5 4v16M9 4v16M13 5l5 15",
  chat: "M4 6.500A2.500 2.500 0 0 1 6.500 4h11A2.500 2.500 0 0 1 20 6.500v7a2.500 2.500 0 0 1-2.500 2.500H11l-4.500 4v-4A2.500 2.500 0 0 1 4 13.500Z",
  file: "M7 3h7l4 4v14H7ZM14 3v4h4",
  folder: "M3.500 6h6l2 2.500h9v10h-17Z",
  edit: "M4 20l1-4L16.500 4.500l3 3L8 19Z",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13",
  download: "M12 4v11m-4.500-4.500L12 15l4.500-4.500M5 20h14",
  retry: "M19 8a8 8 0 1 0 1 5M20 4v4.500h-4.500",
  check: "M5 12.500l4.500 4.500L19 7",
  warning: "M12 4 2.500 20h19ZM12 10v4.500M12 17.300v.01",
  send: "M4 12h15m-6-6 6 6-6 6",
  captions: "M3.500 6h17v12h-17ZM7 13h4M14 13h3M7 10h2M12 10h5",
  offline: "M3 3l18 18M5 12.500a10 10 0 0 1 4-2.300M8.500 16a5 5 0 0 1 7 0M19 12.500a10 10 0 0 0-6-2.700M12 19.500v.01",
  speaker: "M4 9.500v5h3.500L12 18V6L7.500 9.500ZM15.500 9a4 4 0 0 1 0 6M18 6.500a8 8 0 0 1 0 11",
  upload: "M12 19V8m-4.500 4.500L12 8l4.500 4.500M5 4h14",
  quote: "M6 16c2-1 3-2.500 3-5H6V7h5v4c0 4-2 6.500-4.500 7.500ZM14 16c2-1 3-2.500 3-5h-3V7h5v4c0 4-2 6.500-4.500 7.500Z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  const heavy = name === "more" ? 3 : 1.7;
  const filled = name === "play" || name === "stop";
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
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

/** What a person chose about the page, kept on this machine. */
import { Cell } from "@/shared/store/watch";

export interface Preferences {
  theme: "system" | "light" | "dark" | "contrast";
  /** A factor on the text size. */
  textSize: 0.9 | 1 | 1.15 | 1.3 | 1.5 | 1.75 | 2;
  input: string;
  output: string;
  /** Empty for the server's first voice. */
  voice: string;
  voiceSpeed: number;
  /** Whether answers are spoken at all. */
  speak: boolean;
  /** Hold the key while speaking, or press once and be heard until you pause. */
  talk: "hold" | "handsFree";
  /** Whether the microphone is opened ahead in a lecture, once it was allowed. */
  keepReady: boolean;
  /** Whether the lecture goes on by itself after an answer. */
  goOn: boolean;
  skipSilence: boolean;
  playbackRate: number;
  /** How large pages of documents are shown; 1 fits them into the room there is. */
  pageZoom: number;
  /** Whether pages are shown as text, also where there are pictures of them. */
  pageText: boolean;
  /** Whether the contents of a document stand beside its pages. */
  contents: boolean;
  /** In which order the library stands. */
  order: "newest" | "title" | "longest";
  /** The pack that an answer was kept in last. */
  pack: string;
  welcomed: boolean;
}

const NAME = "synapscribe.preferences";

const DEFAULTS: Preferences = {
  theme: "system",
  textSize: 1,
  input: "",
  output: "",
  voice: "",
  voiceSpeed: 1,
  speak: true,
  talk: "hold",
  keepReady: true,
  goOn: true,
  skipSilence: false,
  playbackRate: 1,
  pageZoom: 1,
  pageText: false,
  contents: true,
  order: "newest",
  pack: "",
  welcomed: false,
};

export const preferences = new Cell<Preferences>(read());

preferences.subscribe(() => {
  try {
    localStorage.setItem(NAME, JSON.stringify(preferences.get()));
  } catch {
    // A browser that keeps nothing forgets the choices at the end of the visit.
  }
});

export function prefer(change: Partial<Preferences>): void {
  preferences.update((was) => ({ ...was, ...change }));
}

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(NAME) ?? "{}") as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

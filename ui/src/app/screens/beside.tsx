/** What is learned from on one side, and the conversation about it on the other; in one column each is a view of its own. */
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { preferences } from "@/shared/preferences";
import { useMedia } from "@/shared/store/use-media";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import "./beside.css";

/** The room that two columns need, in lines of text: larger text needs more. */
const TWO_COLUMNS = 60;

export interface View<V extends string> {
  name: V;
  label: string;
  /** Whether it stands beside the conversation where there is room, and is a view only where there is none. */
  main?: boolean;
}

export interface Views<V extends string> {
  narrow: boolean;
  view: V;
  show: (view: V) => void;
  /** Whether the conversation's own place shows earlier ones. */
  talks: boolean;
}

export function useViews<V extends string>(first: V): Views<V | "ask" | "talks"> {
  const { textSize } = useWatch(preferences);
  const narrow = useMedia(`(max-width: ${TWO_COLUMNS * textSize}rem)`);
  const [view, show] = useState<V | "ask" | "talks">(first);
  return { narrow, view, show, talks: view === "talks" };
}

interface Props<V extends string> {
  views: Views<V>;
  all: View<V>[];
  main: ReactNode;
  side: ReactNode;
  /** Beside the names of the views. */
  action: ReactNode;
}

export function Beside<V extends string>({ views, all, main, side, action }: Props<V>) {
  const { narrow, view, show } = views;
  const shown = narrow ? all : all.filter(({ main }) => !main);
  // Beside what is learned from there is always something to see.
  const now = shown.some(({ name }) => name === view) ? view : (shown[0]?.name ?? view);
  return (
    <div className={narrow ? "beside beside-column" : "beside"} data-view={view}>
      <div className="beside-main">{main}</div>
      <aside className="beside-side" aria-label={t("ask.label")}>
        <header className="side-head">
          <Tabs views={shown} now={now} onChange={show} />
          {action}
        </header>
        {side}
      </aside>
    </div>
  );
}

function Tabs<V extends string>({ views, now, onChange }: { views: View<V>[]; now: V; onChange: (view: V) => void }) {
  const keys = (event: KeyboardEvent<HTMLElement>) => {
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (!step) return;
    const next = (views.findIndex(({ name }) => name === now) + step + views.length) % views.length;
    const view = views[next];
    if (view) onChange(view.name);
    (event.currentTarget.children[next] as HTMLElement).focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={t("ask.label")} onKeyDown={keys}>
      {views.map(({ name, label }) => (
        <button key={name} type="button" role="tab" aria-selected={name === now} tabIndex={name === now ? 0 : -1} className="tab" onClick={() => onChange(name)}>
          {label}
        </button>
      ))}
    </div>
  );
}

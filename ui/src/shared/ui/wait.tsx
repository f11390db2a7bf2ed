/** What is seen where a screen has nothing to show yet. The page itself, `index.html`, shows the same until it has begun. */
import { useEffect, useState } from "react";
import { t } from "@/shared/text";

/** After a rest so short the one before is still seen. */
const REST_MS = 100;

/** As long as the style hides what comes late. */
const HIDDEN_MS = 300;

/** From when on the word is seen. The page's own was there before anything else. */
let shown = Number.NEGATIVE_INFINITY;
/** When it was on the screen last, while none is there. The page's own is, until the first screen is drawn. */
let gone = Number.POSITIVE_INFINITY;
/** How many are on the screen; one that takes another's place is drawn before that is gone. */
let there = 0;

/** The first screen is drawn, and what the page showed until then is gone. */
export function begun(): void {
  gone = Math.min(gone, performance.now());
}

function isSeen(now: number): boolean {
  const last = there > 0 ? now : Math.min(now, gone);
  return shown <= last && now - last <= REST_MS;
}

export function Wait({ title }: { title?: string | undefined }) {
  // What comes within a moment needs no word; what was said already stays.
  const [late] = useState(() => !isSeen(performance.now()));
  useEffect(() => {
    there++;
    if (late) shown = performance.now() + HIDDEN_MS;
    return () => {
      there--;
      gone = performance.now();
    };
  }, [late]);
  return (
    <div className={late ? "screen-wait screen-wait-late" : "screen-wait"}>
      {title && <h1>{title}</h1>}
      <p role="status">{t("loading")}</p>
    </div>
  );
}

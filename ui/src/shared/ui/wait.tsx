/** What is seen where a screen has nothing to show yet. The page itself, `index.html`, shows the same until it has begun. */
import { useEffect, useState } from "react";
import { t } from "@/shared/text";

/** After a rest so short the one before is still seen. */
const REST_MS = 100;

/** When one was on the screen last. The page's own is, until the first screen is drawn. */
let seen = Number.POSITIVE_INFINITY;

export function Wait({ title }: { title?: string | undefined }) {
  // What comes within a moment needs no word; what was said already stays.
  const [late] = useState(() => performance.now() - seen > REST_MS);
  useEffect(
    () => () => {
      seen = performance.now();
    },
    [],
  );
  return (
    <div className={late ? "screen-wait screen-wait-late" : "screen-wait"} role="status">
      {title && <h1>{title}</h1>}
      <p>{t("loading")}</p>
    </div>
  );
}

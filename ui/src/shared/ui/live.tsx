/** What a screen reader says when something changes that is seen but not focused. */
import { useWatch } from "@/shared/store/use-watch";
import { Cell } from "@/shared/store/watch";

const said = new Cell("");

/** Reads a text out once what is being said is done. */
export function announce(text: string): void {
  // The same words twice are news only when they change in between.
  said.set(said.get() === text ? `${text}\u00a0` : text);
}

export function LiveRegion() {
  return (
    <div className="unseen" role="status" aria-live="polite" data-testid="live">
      {useWatch(said)}
    </div>
  );
}

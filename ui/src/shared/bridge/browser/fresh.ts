import type { Cell } from "@/shared/store/watch";
import type { Link } from "./link";

/** News of what is being made may be missed; so the state of what is not ready is also asked for. */
const ASK_MS = 3000;

/** Fetches a list now, whenever the connection is back, and while anything on it is being made. */
export function keepFresh<S extends { list?: { state: string }[] | undefined }>(link: Link, state: Cell<S>, refresh: () => Promise<void>): void {
  const { connection } = link.socket;
  const open = () => connection.get().phase === "open";
  connection.subscribe(() => {
    if (open()) void refresh();
  });
  setInterval(() => {
    const working = state.get().list?.some((one) => one.state !== "ready" && one.state !== "failed");
    if (working && open() && !document.hidden) void refresh();
  }, ASK_MS);
  void refresh();
}

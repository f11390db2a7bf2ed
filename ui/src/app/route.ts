/** Which screen the address names. Addresses are kept behind `#`, so that one file serves them all. */
import { Cell } from "@/shared/store/watch";

export type Route =
  | { screen: "library" }
  | { screen: "lecture"; id: string; at: number | null; session: string | null; ask: string | null }
  | { screen: "conversations" }
  | { screen: "classes"; id: string | null }
  | { screen: "settings" }
  | { screen: "account" };

export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [screen, id] = path.split("/");
  if (screen === "lecture" && id) {
    const params = new URLSearchParams(query);
    const at = Number.parseFloat(params.get("at") ?? "");
    return { screen, id: decode(id), at: Number.isFinite(at) && at >= 0 ? at : null, session: params.get("session"), ask: params.get("ask") };
  }
  if (screen === "classes") return { screen, id: id ? decode(id) : null };
  if (screen === "conversations" || screen === "settings" || screen === "account") return { screen };
  return { screen: "library" };
}

/** `synapscribe://lecture/…` names the same places. */
export function hashOf(address: string): string | null {
  const found = /^synapscribe:\/\/(lecture\/[^/?#]+(?:\?[^#]*)?|conversations|classes|settings|account|library)\/?$/.exec(address);
  return found?.[1] ? `#/${found[1]}` : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const route = new Cell<Route>(parseRoute(location.hash));
window.addEventListener("hashchange", () => route.set(parseRoute(location.hash)));

/** Goes to a place. Where one is already there, one arrives once more: at the named second, for one. */
export function go(hash: string): void {
  if (location.hash === hash) route.set(parseRoute(hash));
  else location.hash = hash;
}

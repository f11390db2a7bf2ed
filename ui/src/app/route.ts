/** Which screen the address names. Addresses are kept behind `#`, so that one file serves them all. */
import type { CitationDto } from "@/shared/protocol";
import { Cell } from "@/shared/store/watch";

export type Route =
  | { screen: "library" }
  | { screen: "lecture"; id: string; at: number | null; session: string | null; ask: string | null }
  | { screen: "document"; id: string; page: number | null; until: number | null; words: string | null; session: string | null; ask: string | null }
  | { screen: "conversations" }
  | { screen: "packs"; id: string | null; card: string | null }
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
  if (screen === "packs") return { screen, id: id ? decode(id) : null, card: id ? new URLSearchParams(query).get("card") : null };
  if (screen === "document" && id) {
    const params = new URLSearchParams(query);
    const pageOf = (name: string) => {
      const page = Number.parseInt(params.get(name) ?? "", 10);
      return page >= 1 ? page : null;
    };
    return { screen, id: decode(id), page: pageOf("page"), until: pageOf("until"), words: params.get("words"), session: params.get("session"), ask: params.get("ask") };
  }
  if (screen === "conversations" || screen === "settings" || screen === "account") return { screen };
  return { screen: "library" };
}

/** The address of a lecture at a second, or of a document at a page with words to mark. */
export function addressOf(of: { lectureId?: string | null; documentId?: string | null }, more: Record<string, string | number | null | undefined> = {}): string {
  const params = Object.entries(more).flatMap(([name, value]) => (value == null || value === "" ? [] : [`${name}=${encodeURIComponent(value)}`]));
  const place = of.documentId ? `document/${encodeURIComponent(of.documentId)}` : `lecture/${encodeURIComponent(of.lectureId ?? "")}`;
  return `#/${place}${params.length > 0 ? `?${params.join("&")}` : ""}`;
}

/** The address of a pack, at a card of it. */
export function packAddress(id: string, card: string | null): string {
  return `#/packs/${encodeURIComponent(id)}${card ? `?card=${encodeURIComponent(card)}` : ""}`;
}

/** What an address says of words that are quoted from pages of a document. */
export function quoting({ pages, excerpt }: CitationDto): Record<string, string | number | undefined> {
  return { page: pages?.from, until: pages?.to, words: excerpt };
}

/** `synapscribe://lecture/…` and `synapscribe://document/…` name the same places. Anybody may name a place; asking is its person's. */
export function hashOf(address: string): string | null {
  const found = /^synapscribe:\/\/((?:lecture|document)\/[^/?#]+(?:\?[^#]*)?|conversations|packs|classes|settings|account|library)\/?$/.exec(address);
  const [place, query] = found?.[1]?.split("?") ?? [];
  if (!place) return null;
  const kept = (query ?? "").split("&").filter((part) => part && !new URLSearchParams(part).has("ask"));
  return `#/${place}${kept.length > 0 ? `?${kept.join("&")}` : ""}`;
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

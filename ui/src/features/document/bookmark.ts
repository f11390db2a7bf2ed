/** The page a person was on, of the documents they read last; kept on this machine. */

const NAME = "synapscribe.pages";
/** Documents of which it is kept. */
const MOST = 100;

export function bookmark(id: string): number | null {
  const page = read().find(([name]) => name === id)?.[1];
  return page !== undefined && page >= 1 ? page : null;
}

export function keepBookmark(id: string, page: number): void {
  const kept = [[id, page] as [string, number], ...read().filter(([name]) => name !== id)].slice(0, MOST);
  try {
    localStorage.setItem(NAME, JSON.stringify(kept));
  } catch {
    // A browser that keeps nothing begins a book at its beginning.
  }
}

function read(): [string, number][] {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "[]") as unknown;
    return Array.isArray(kept) ? (kept as [string, number][]) : [];
  } catch {
    return [];
  }
}

/** Where a person was in what they opened last; kept on this machine. */

/** Things of which it is kept. */
const MOST = 100;

export class Places {
  constructor(private readonly name: string) {}

  of(id: string): number | null {
    const place = this.#read().find(([name]) => name === id)?.[1];
    return place !== undefined && Number.isFinite(place) && place > 0 ? place : null;
  }

  keep(id: string, place: number): void {
    this.#write([[id, place], ...this.#others(id)]);
  }

  forget(id: string): void {
    this.#write(this.#others(id));
  }

  #others(id: string): [string, number][] {
    return this.#read().filter(([name]) => name !== id);
  }

  #write(places: [string, number][]): void {
    try {
      localStorage.setItem(this.name, JSON.stringify(places.slice(0, MOST)));
    } catch {
      // A browser that keeps nothing begins everything at its beginning.
    }
  }

  #read(): [string, number][] {
    try {
      const kept = JSON.parse(localStorage.getItem(this.name) ?? "[]") as unknown;
      return Array.isArray(kept) ? (kept as [string, number][]) : [];
    } catch {
      return [];
    }
  }
}

/** Pages of documents. */
export const pagesLeft = new Places("synapscribe.pages");
/** Seconds of lectures. */
export const secondsLeft = new Places("synapscribe.seconds");

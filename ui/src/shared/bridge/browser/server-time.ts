/**
 * What time it is at the server. Requests are signed with the time, and a server takes none that is dated minutes away from its own,
 * so a machine whose clock is wrong goes by the `Date` of the server's answers. Knows no request.
 */

/** Clocks differ a little, and an answer is a while under way; up to here this machine's own is as good. */
const TOLERATED_MS = 60_000;
/** No server's clock is outside these years. */
const [EARLIEST, LATEST] = [Date.UTC(2020, 0), Date.UTC(2100, 0)];

export class ServerTime {
  #ahead = 0;

  /** This moment, as the server would tell it. */
  now(): number {
    return Date.now() + this.#ahead;
  }

  /** The same, as signatures have it. */
  stamp(): string {
    return new Date(this.now()).toISOString().replace(/[:-]|\.\d{3}/g, "");
  }

  /** Looks at an answer that came just now, and from the server itself: one that the browser had kept is as old as it may be. */
  learn(answer: Response): void {
    const dated = Date.parse(answer.headers.get("date") ?? "");
    if (Number.isNaN(dated)) return;
    // A cache in between tells for how long it has had the answer.
    const age = Number.parseInt(answer.headers.get("age") ?? "", 10) || 0;
    const there = dated + age * 1000;
    if (there < EARLIEST || there >= LATEST) return;
    const ahead = there - Date.now();
    this.#ahead = Math.abs(ahead) > TOLERATED_MS ? ahead : 0;
  }
}

/** Names for what is asked, by which an operator finds what became of it. Knows no message. */

/** The header in which a request is named. */
const CORRELATION = "x-correlation-id";

/** Letters and digits that nobody else draws. */
export function fresh(): string {
  return crypto.getRandomValues(new Uint8Array(16)).reduce((text, byte) => text + byte.toString(16).padStart(2, "0"), "");
}

/** A header with the name of one request. */
export function called(): [header: string, name: string] {
  return [CORRELATION, `r-${fresh()}`];
}

/** An answer's text with its marks: `[1]` stands where a claim rests on the first citation. */

export type Piece = { kind: "text"; text: string; at: number } | { kind: "mark"; number: number };

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(/\s*\[(\d{1,3})\]/g)) {
    if (match.index > at) found.push({ kind: "text", text: text.slice(at, match.index), at });
    found.push({ kind: "mark", number: Number(match[1]) });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: "text", text: text.slice(at), at });
  return found;
}

/** Whether an answer's words rest on a citation: on those that they mention, or on each where they mention none. */
export function mentioned(text: string): (number: number) => boolean {
  const numbers = new Set(pieces(text).flatMap((piece) => (piece.kind === "mark" ? [piece.number] : [])));
  return (number) => numbers.size === 0 || numbers.has(number);
}

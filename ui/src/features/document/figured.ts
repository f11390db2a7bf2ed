/** Which figures an answer needs: those that its words name, then those whose captions speak of the same. Knows no screen. */
import type { FigureDto } from "@/shared/protocol";

export interface Shown {
  page: number;
  figure: FigureDto;
}

/** What figures are called before their numbers, and by which of these they are compared. */
const CALLED: Record<string, string> = { fig: "figure", figure: "figure", tab: "table", table: "table", plate: "plate", chart: "chart", diagram: "diagram", scheme: "scheme", map: "map" };
const NAME = /\b(fig|figure|tab|table|plate|chart|diagram|scheme|map)s?\.?\s*(\d+(?:[.-]\d+)*)/gi;
/** Shorter words say little of what a sentence is about. */
const SHORTEST = 4;
const SMALL = new Set("about after also been before between both does each even every from have here into itself just like made many more most much only other over shown shows some such than that their them then there these they this those through under very well what when where which while will with within would your".split(" "));

/** The figures that a text names, each as one word and its number. */
export function named(text: string): string[] {
  return [...text.matchAll(NAME)].map(([, called, number]) => `${CALLED[called?.toLowerCase() ?? ""]} ${number}`);
}

/** The figures that quoted words need, those they name first. One that stands alone on their page belongs to them if no other does. */
export function needed(excerpt: string, beside: Shown[], around: Shown[] = []): Shown[] {
  const names = named(excerpt);
  const words = about(excerpt);
  // A caption begins with its own name, and may speak of others later.
  const asked = [...beside, ...around].filter(({ figure }) => names.includes(named(figure.caption ?? "")[0] ?? ""));
  const alike = beside.filter(({ figure }) => [...about(figure.caption ?? "")].some((word) => words.has(word)));
  const chosen = [...new Set([...asked, ...alike])];
  return chosen.length > 0 || beside.length > 1 ? chosen : beside;
}

/** Whether the words name a figure that is not among these. */
export function missing(excerpt: string, beside: Shown[]): boolean {
  const there = beside.map(({ figure }) => named(figure.caption ?? "")[0]);
  return named(excerpt).some((name) => !there.includes(name));
}

/** The words that say what a text is about, those for several things as those for one. */
function about(text: string): Set<string> {
  const words = [...text.toLowerCase().matchAll(/\p{L}+/gu)].map(([word]) => word).filter((word) => word.length >= SHORTEST && !SMALL.has(word));
  return new Set(words.map((word) => word.replace(/s$/, "")).filter((word) => !(word in CALLED)));
}

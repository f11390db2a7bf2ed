/** Which lectures are shown, in which order. */
import type { LectureDto } from "@/shared/protocol";

export type Order = "newest" | "title" | "longest";

/** Every word of the query has to begin a word of the title. */
export function arrange(lectures: LectureDto[], query: string, order: Order): LectureDto[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const found = lectures.filter(({ title }) => {
    const text = ` ${plain(title)}`;
    return words.every((word) => text.includes(` ${word}`) || text.includes(`-${word}`) || text.includes(`_${word}`));
  });
  return found.sort(by[order]);
}

const by: Record<Order, (a: LectureDto, b: LectureDto) => number> = {
  newest: (a, b) => b.created - a.created,
  title: (a, b) => a.title.localeCompare(b.title, undefined, { numeric: true, sensitivity: "base" }),
  longest: (a, b) => (b.duration ?? 0) - (a.duration ?? 0),
};

/** Without case and accents, as people search. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** A conversation as Markdown with times, for servers that do not write it themselves. */
import { clock } from "@/shared/format/time";
import type { SessionDto } from "@/shared/protocol";
import { t } from "@/shared/text";

export function toMarkdown(session: SessionDto, title: string, lecture: string): string {
  const turns = (session.turns ?? []).map((turn) => {
    const sources = turn.citations.map(({ number, from, to, pages, excerpt }) => {
      const place = !pages ? `${clock(from)}–${clock(to)}` : pages.from === pages.to ? t("citation.page", { page: pages.from }) : t("citation.pages", pages);
      return `[${number}]: ${place} “${excerpt.replace(/\s+/g, " ")}”`;
    });
    return [`## ${turn.question}`, turn.answer, sources.map((line) => `- ${line}`).join("\n")].filter(Boolean).join("\n\n");
  });
  return `${[`# ${title}`, `*${t("talks.from", { lecture })}, ${new Date(session.created).toISOString().slice(0, 16).replace("T", " ")}*`, ...turns].join("\n\n")}\n`;
}

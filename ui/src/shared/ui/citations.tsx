/** Where an answer comes from: a mark in its words for each claim, and the places below them. */
import { clock } from "@/shared/format/time";
import type { CitationDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { Icon } from "./icon";
import "./citations.css";

interface Props {
  citations: CitationDto[];
  /** Whether the answer's words rest on the one of this number. */
  mentioned: (number: number) => boolean;
  /** What its source is called, where that does not go without saying. */
  titleOf: ((citation: CitationDto) => string | undefined) | undefined;
  onPlay: (citation: CitationDto) => void;
  onShow: (citation: CitationDto) => void;
}

export function Citations({ citations, mentioned, titleOf, onPlay, onShow }: Props) {
  if (citations.length === 0) return null;
  const labelled = (citation: CitationDto, title: string | undefined) =>
    t("citation.show", { place: placeOf(citation), excerpt: title ? `${title} ${citation.excerpt}` : citation.excerpt });
  return (
    <ul className="citations" aria-label={t("citation.list")}>
      {citations.map((citation) => ({ citation, title: titleOf?.(citation) })).map(({ citation, title }) => (
        <li key={citation.number} className={mentioned(citation.number) ? "citation" : "citation citation-other"}>
          <button type="button" className="citation-play" onClick={() => onPlay(citation)} aria-label={labelOf(citation)} data-testid="citation">
            <Icon name={citation.documentId ? "book" : "play"} size={14} />
            <span className="citation-time">{placeOf(citation)}</span>
          </button>
          <button type="button" className="citation-words" onClick={() => onShow(citation)} aria-label={labelled(citation, title)}>
            {title && (
              <>
                <span className="citation-title">{title}</span>{" "}
              </>
            )}
            {citation.excerpt}
          </button>
        </li>
      ))}
    </ul>
  );
}

export function Mark({ citation, onPlay }: { citation: CitationDto; onPlay: (citation: CitationDto) => void }) {
  return (
    <button type="button" className="mark" onClick={() => onPlay(citation)} aria-label={labelOf(citation)} title={`${placeOf(citation)} · ${citation.excerpt}`}>
      {citation.number}
    </button>
  );
}

/** `1:02` in a lecture, `p. 12` in a document. */
function placeOf({ from, pages }: CitationDto): string {
  if (!pages) return clock(from);
  return pages.from === pages.to ? t("citation.page", { page: pages.from }) : t("citation.pages", pages);
}

function labelOf(citation: CitationDto): string {
  const { number, from, pages } = citation;
  return pages ? t("citation.open", { number, place: placeOf(citation) }) : t("citation.play", { number, time: clock(from) });
}

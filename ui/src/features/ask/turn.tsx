/** A question and its answer, each claim with the place it rests on. */
import { memo, type ReactNode } from "react";
import { inWords } from "@/shared/format/sentence";
import { clock } from "@/shared/format/time";
import type { CitationDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { Button, IconButton } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { Icon } from "@/shared/ui/icon";
import type { Turn } from "./conversation";
import { pieces } from "./pieces";
import type { Matter } from "./scope";
import { useTitles } from "./use-titles";

interface Props {
  turn: Turn;
  matter: Matter;
  speaking: boolean;
  onPlay: (citation: CitationDto) => void;
  onShow: (citation: CitationDto) => void;
  onAgain: (turn: Turn) => void;
  /** Puts the question where it can be put right and asked again. */
  onEdit: (question: string) => void;
  /** What is shown with an answer beside its words. */
  beside: ((citations: CitationDto[]) => ReactNode) | undefined;
}

export const TurnView = memo(function TurnView({ turn, matter, speaking, onPlay, onShow, onAgain, onEdit, beside }: Props) {
  const { question, answer, citations, done, failure } = turn;
  const titleOf = useTitles();
  const unbacked = turn.generated && turn.found && !turn.interrupted && citations.length === 0;
  const mentioned = new Set(pieces(answer).flatMap((piece) => (piece.kind === "mark" ? [piece.number] : [])));
  return (
    <article className="turn" data-testid="turn">
      <div className="asked">
        <h3 className="question">{question ?? <span className={done ? "unheard" : "understanding"}>{t(done ? "ask.unheard" : "ask.understanding")}</span>}</h3>
        {question && done && <IconButton className="asked-edit" icon="edit" size={16} label={t("ask.edit")} onClick={() => onEdit(question)} />}
      </div>
      {answer ? (
        <p className={done ? "answer" : "answer answer-coming"}>
          {pieces(answer).map((piece, index) => {
            if (piece.kind === "text") return <Spoken key={index} text={piece.text} word={speaking ? within(answer, piece, turn.word) : null} />;
            const citation = citations.find(({ number }) => number === piece.number);
            return citation ? <Mark key={index} citation={citation} onPlay={onPlay} /> : null;
          })}
        </p>
      ) : (
        !failure && !done && question && <p className="answer answer-thinking">{t(`ask.thinking.${matter}`)}</p>
      )}
      {citations.length > 0 && (
        <ul className="citations" aria-label={t("citation.list")}>
          {citations.map((citation) => (
            <li key={citation.number} className={mentioned.size === 0 || mentioned.has(citation.number) ? "citation" : "citation citation-other"}>
              <button type="button" className="citation-play" onClick={() => onPlay(citation)} aria-label={labelOf(citation)} data-testid="citation">
                <Icon name={citation.documentId ? "book" : "play"} size={14} />
                <span className="citation-time">{placeOf(citation)}</span>
              </button>
              <button type="button" className="citation-words" onClick={() => onShow(citation)} aria-label={t("citation.show", { place: placeOf(citation), excerpt: citation.excerpt })}>
                {matter === "several" && <span className="citation-title">{titleOf(citation)}</span>}
                {citation.excerpt}
              </button>
            </li>
          ))}
        </ul>
      )}
      {done && turn.found && beside?.(citations.filter(({ number }) => mentioned.size === 0 || mentioned.has(number)))}
      {failure && (
        <Calm small urgent icon={failure.code === "server_unreachable" ? "offline" : "warning"} title={inWords(failure)} action={question ? <Button onClick={() => onAgain(turn)}>{t("retry")}</Button> : undefined}>
          {failure.correlation && <span className="dim">{t("reference", { name: failure.correlation })}</span>}
        </Calm>
      )}
      {done && !failure && answer && (
        <p className="turn-facts">
          {turn.interrupted && <span>{t("ask.interrupted")}</span>}
          {!turn.found && <span>{t(`ask.notFound.${matter}`)}</span>}
          {unbacked && <span>{t(`ask.unbacked.${matter}`)}</span>}
          <span>{t(`ask.${turn.generated ? "generated" : "extracted"}.${matter}`)}</span>
        </p>
      )}
      {speaking && <span className="unseen">{t("ask.speaking")}</span>}
    </article>
  );
});

/** Text with the word that is heard, which is seen and not announced. */
function Spoken({ text, word }: { text: string; word: [number, number] | null }) {
  if (!word) return text;
  const [from, to] = word;
  return (
    <>
      {text.slice(0, from)}
      <span className="heard-word">{text.slice(from, to)}</span>
      {text.slice(to)}
    </>
  );
}

/** Where a word of the answer stands in a piece of it, if it does. */
function within(answer: string, { text, at }: { text: string; at: number }, word: Turn["word"]): [number, number] | null {
  if (!word) return null;
  // It is told by characters, of which some are two of the page's.
  const place = (characters: number) => [...answer].slice(0, characters).join("").length - at;
  const [from, to] = [place(word.from), place(word.to)];
  return from >= 0 && from < to && to <= text.length ? [from, to] : null;
}

function Mark({ citation, onPlay }: { citation: CitationDto; onPlay: (citation: CitationDto) => void }) {
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

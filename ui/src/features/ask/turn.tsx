/** A question and its answer, each claim with the place it rests on. */
import { memo, type ReactNode } from "react";
import { useTitles } from "@/shared/bridge/use-titles";
import { inWords } from "@/shared/format/sentence";
import type { CitationDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { mentioned, pieces } from "@/shared/text/pieces";
import { Button, IconButton } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { Citations, Mark } from "@/shared/ui/citations";
import type { Turn } from "./conversation";
import type { Matter } from "./scope";

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
  /** What can be done with an answer that was given to its end. */
  keep: ((turn: Turn) => ReactNode) | undefined;
}

export const TurnView = memo(function TurnView({ turn, matter, speaking, onPlay, onShow, onAgain, onEdit, beside, keep }: Props) {
  const { question, answer, citations, done, failure } = turn;
  const titleOf = useTitles();
  const rests = mentioned(answer);
  const unbacked = turn.generated && turn.found && !turn.interrupted && citations.length === 0;
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
      <Citations citations={citations} mentioned={rests} titleOf={matter === "several" ? titleOf : undefined} onPlay={onPlay} onShow={onShow} />
      {done && turn.found && beside?.(citations.filter(({ number }) => rests(number)))}
      {failure && (
        <Calm small urgent icon={failure.code === "server_unreachable" ? "offline" : "warning"} title={inWords(failure)} action={question ? <Button onClick={() => onAgain(turn)}>{t("retry")}</Button> : undefined}>
          {failure.correlation && <span className="dim">{t("reference", { name: failure.correlation })}</span>}
        </Calm>
      )}
      {done && !failure && answer && (
        <div className="turn-end">
          <p className="turn-facts">
            {turn.interrupted && <span>{t("ask.interrupted")}</span>}
            {!turn.found && <span>{t(`ask.notFound.${matter}`)}</span>}
            {unbacked && <span>{t(`ask.unbacked.${matter}`)}</span>}
            <span>{t(`ask.${turn.generated ? "generated" : "extracted"}.${matter}`)}</span>
          </p>
          {turn.found && !turn.interrupted && !unbacked && keep?.(turn)}
        </div>
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

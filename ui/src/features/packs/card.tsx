/** A card: its question, and when it is wanted its answer with what that rests on. */
import type { KeyboardEvent } from "react";
import { useTitles } from "@/shared/bridge/use-titles";
import type { CardDto, CitationDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { mentioned, pieces } from "@/shared/text/pieces";
import { IconButton } from "@/shared/ui/button";
import { Citations, Mark } from "@/shared/ui/citations";
import { Menu, type MenuItem } from "@/shared/ui/menu";

interface Props {
  card: CardDto;
  at: number;
  count: number;
  /** Whether its answer is seen. */
  open: boolean;
  /** Shows the answer, and then the next card. */
  onForth: () => void;
  onTurn: (by: 1 | -1) => void;
  onPlay: (citation: CitationDto) => void;
  onShow: (citation: CitationDto) => void;
  /** What else can be done with it. */
  items: MenuItem[];
}

export function CardView({ card, at, count, open, onForth, onTurn, onPlay, onShow, items }: Props) {
  const place = t("packs.at", { at: at + 1, count });
  const last = at === count - 1;
  return (
    <article className="card" aria-label={place} data-testid="card">
      <div className="card-head">
        <p className="dim">{place}</p>
        {count > 1 && (
          <>
            <IconButton icon="back" label={t("packs.before")} aria-keyshortcuts="ArrowLeft" data-turns="" onClick={() => onTurn(-1)} onKeyDown={once} />
            <IconButton icon="next" label={t("packs.next")} aria-keyshortcuts="ArrowRight" data-turns="" onClick={() => onTurn(1)} onKeyDown={once} />
          </>
        )}
        {items.length > 0 && <Menu label={t("packs.more")} items={items} />}
      </div>
      <h2 className="card-question">
        <span className={card.citations.length + card.withheld > 0 ? "card-asked" : undefined}>{card.question}</span>
      </h2>
      {/* One button all along, so that whoever presses it goes through the whole pack with it. */}
      <button type="button" className="button button-primary card-forth" aria-keyshortcuts="Space" data-turns="" onClick={onForth} onKeyDown={once}>
        <span>{t(open ? (last ? "packs.anew" : "packs.forth") : "packs.show")}</span>
        <kbd aria-hidden="true">{t("hand.key")}</kbd>
      </button>
      {open && <Answer card={card} onPlay={onPlay} onShow={onShow} />}
    </article>
  );
}

/** Enter that is held would run through all cards. */
function once(event: KeyboardEvent): void {
  if (event.key === "Enter" && event.repeat) event.preventDefault();
}

function Answer({ card, onPlay, onShow }: Pick<Props, "card" | "onPlay" | "onShow">) {
  const { answer, citations, withheld } = card;
  const titleOf = useTitles();
  return (
    <div className="card-answer" data-testid="answer">
      <p>{citations.length + withheld === 0 ? answer : pieces(answer).map((piece, index) => (piece.kind === "text" ? piece.text : <Cited key={index} number={piece.number} citations={citations} onPlay={onPlay} />))}</p>
      <Citations citations={citations} mentioned={mentioned(answer)} titleOf={titleOf} onPlay={onPlay} onShow={onShow} />
      {withheld > 0 && <p className="card-withheld dim">{t("packs.withheld", { count: withheld })}</p>}
    </div>
  );
}

/** The mark of a claim, where what it rests on may be opened. */
function Cited({ number, citations, onPlay }: { number: number; citations: CitationDto[]; onPlay: (citation: CitationDto) => void }) {
  const citation = citations.find((one) => one.number === number);
  return citation ? <Mark citation={citation} onPlay={onPlay} /> : null;
}

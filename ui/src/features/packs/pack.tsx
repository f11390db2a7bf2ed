/** One pack: its cards to learn from, one at a time, and for its owner to put right. */
import { useEffect, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { useClips } from "@/shared/bridge/use-clips";
import { useWhose } from "@/shared/bridge/use-whose";
import { code } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { whose } from "@/shared/format/whose";
import type { CardDto, CitationDto, OpenPackDto } from "@/shared/protocol";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { pieces } from "@/shared/text/pieces";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { ClipsNote } from "@/shared/ui/clip-note";
import { Dialog } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";
import { announce } from "@/shared/ui/live";
import { CardView } from "./card";
import { useCardKeys } from "./keys";
import { PackWays } from "./ways";
import { Words } from "./words";
import "./packs.css";

interface Props {
  id: string;
  /** The card to begin with. */
  card: string | null;
  /** Tells which card is seen, so that the way back leads to it. */
  onCard: (card: string | null) => void;
  /** Opens what is cited where it stands. */
  onOpen: (citation: CitationDto) => void;
  onGone: () => void;
}

export function Pack(props: Props) {
  const { packs } = useBridge();
  const { value, failure, again, set } = useLoaded(`${useWhose()}:${props.id}`, () => packs.get(props.id));
  if (failure && (!value || failure.code === code.notFound)) {
    return failure.code === code.notFound ? (
      <Calm icon="search" title={t("packs.gone.title")} action={<a className="button button-primary" href="#/packs">{t("packs.gone.back")}</a>}>
        {t("lecture.gone.text")}
      </Calm>
    ) : (
      <Calm icon="offline" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />
    );
  }
  if (!value) return <div className="packs" role="status" aria-label={t("loading")} />;
  return <Open {...props} opened={value} onChange={again} onCards={(cards) => set({ pack: { ...value.pack, cards: cards.length }, cards })} />;
}

/** What is asked about, whichever card is seen by then. */
type Asking = { what: "write" } | { what: "correct" | "discard"; card: CardDto } | null;

interface OpenProps extends Props {
  opened: OpenPackDto;
  /** Something about the pack itself changed. */
  onChange: () => void;
  onCards: (cards: CardDto[]) => void;
}

function Open({ opened: { pack, cards }, card: first, onCard, onOpen, onGone, onChange, onCards }: OpenProps) {
  const { packs } = useBridge();
  const clips = useClips();
  const [wanted, setWanted] = useState(() => Math.max(0, cards.findIndex(({ cardId }) => cardId === first)));
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState<Asking>(null);
  const { packId: id, title, own } = pack;
  // What was removed elsewhere leaves fewer.
  const at = Math.min(wanted, cards.length - 1);
  const card = cards[at];
  useEffect(() => {
    onCard(card?.cardId ?? null);
  }, [card?.cardId]);
  useEffect(() => {
    document.title = `${title} · SynapScribe`;
    return () => {
      // The list of packs is the same screen, which names itself only once.
      document.title = `${t("packs.title")} · SynapScribe`;
    };
  }, [title]);
  /** Turns to a card; from the last one it goes on with the first. */
  const to = (place: number, among = cards) => {
    const next = (place + among.length) % Math.max(1, among.length);
    clips.stop();
    setWanted(next);
    setOpen(false);
    if (among[next]) announce(`${t("packs.at", { at: next + 1, count: among.length })}. ${among[next].question}`);
  };
  const reveal = () => {
    if (!card) return;
    setOpen(true);
    announce(plain(card));
  };
  const forth = () => (open ? to(at + 1) : reveal());
  useCardKeys({ forth, turn: (by) => to(at + by) });
  const play = (citation: CitationDto) => (citation.documentId ? onOpen(citation) : clips.play(citation.lectureId, citation));
  const close = () => setAsking(null);
  return (
    <div className="packs">
      <header className="pack-head">
        <a className="icon-button" href="#/packs" aria-label={t("packs.back")} title={t("packs.back")}>
          <Icon name="back" size={22} />
        </a>
        <div className="pack-words">
          <h1>{title}</h1>
          <p className="pack-facts">{[t("packs.cards", { count: cards.length }), whose(pack), pack.public && own && t("packs.public")].filter(Boolean).join(" · ")}</p>
        </div>
        {own && (
          <Button icon="plus" onClick={() => setAsking({ what: "write" })}>
            {t("packs.write")}
          </Button>
        )}
        <PackWays pack={{ ...pack, cards: cards.length }} onChange={onChange} onGone={onGone} />
      </header>
      {card ? (
        <CardView
          card={card}
          at={at}
          count={cards.length}
          open={open}
          onForth={forth}
          onTurn={(by) => to(at + by)}
          onPlay={play}
          onShow={onOpen}
          items={
            own
              ? [
                  { label: t("packs.correct"), icon: "edit", act: () => setAsking({ what: "correct", card }) },
                  { label: t("packs.discard"), icon: "trash", danger: true, act: () => setAsking({ what: "discard", card }) },
                ]
              : []
          }
        />
      ) : (
        <Calm icon="cards" title={t("packs.cards.none")}>
          {own && t("packs.cards.none.text")}
        </Calm>
      )}
      {cards.length > 1 && (
        <details className="pack-all">
          <summary>{t("packs.all")}</summary>
          <ol>
            {cards.map(({ cardId, question, citations, withheld }, place) => (
              <li key={cardId}>
                <button type="button" className={citations.length + withheld > 0 ? "card-asked" : undefined} aria-current={place === at ? "true" : undefined} onClick={() => to(place)}>
                  {question}
                </button>
              </li>
            ))}
          </ol>
        </details>
      )}
      <div className="pack-clip">
        <ClipsNote clips={clips} />
      </div>
      {asking?.what === "write" && (
        <Words
          title={t("packs.write")}
          confirm={t("packs.write.done")}
          onConfirm={async (words) => {
            const written = await packs.write(id, words);
            onCards([...cards, written]);
            to(cards.length, [...cards, written]);
          }}
          onClose={close}
        />
      )}
      {asking?.what === "correct" && (
        <Words
          title={t("packs.correct")}
          words={asking.card}
          confirm={t("save")}
          onConfirm={async (words) => {
            const corrected = await packs.correct(id, asking.card.cardId, words);
            onCards(cards.map((one) => (one.cardId === corrected.cardId ? corrected : one)));
            announce(t("correct.done"));
          }}
          onClose={close}
        />
      )}
      {asking?.what === "discard" && (
        <Dialog
          title={t("packs.discard.title")}
          confirm={t("packs.discard.done")}
          danger
          onConfirm={async () => {
            await packs.discard(id, asking.card.cardId);
            const left = cards.filter(({ cardId }) => cardId !== asking.card.cardId);
            onCards(left);
            // The one behind it has taken its place.
            to(Math.min(at, left.length - 1), left);
          }}
          onClose={close}
        >
          <p>{t("packs.discard.text")}</p>
        </Dialog>
      )}
    </div>
  );
}

/** An answer as it is read out: without its marks. */
function plain({ answer, citations, withheld }: CardDto): string {
  if (citations.length + withheld === 0) return answer;
  return pieces(answer).map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
}

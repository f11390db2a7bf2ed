/** Keeps an answered question as a card, in a pack that is there or in a new one. */
import { useEffect, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import type { KeptTurn } from "@/shared/bridge/packs";
import { inWords } from "@/shared/format/sentence";
import { prefer, preferences } from "@/shared/preferences";
import type { PackDto } from "@/shared/protocol";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { announce } from "@/shared/ui/live";
import { MOST_OF_TITLE } from "./limits";
import "./keep.css";

interface Props {
  turn: KeptTurn;
  /** What a new pack is called, unless the person calls it otherwise. */
  title: string;
}

export function Keep({ turn, title }: Props) {
  const [choosing, setChoosing] = useState(false);
  const [ready, setReady] = useState(false);
  const [kept, setKept] = useState<PackDto | null>(null);
  const close = () => {
    setChoosing(false);
    setReady(false);
  };
  const waits = choosing && !ready;
  return (
    <div className="keep">
      {kept && (
        <a className="kept" href={`#/packs/${encodeURIComponent(kept.packId)}`}>
          {t("packs.kept", { title: kept.title })}
        </a>
      )}
      <Button look="quiet" icon="cards" title={t("packs.keep.text")} aria-haspopup="dialog" aria-busy={waits} onClick={() => setChoosing(true)}>
        {t("packs.keep")}
      </Button>
      <span className="unseen" role="status">
        {waits && t("loading")}
      </span>
      {choosing && <Choose turn={turn} title={title} onReady={() => setReady(true)} onKept={setKept} onClose={close} />}
    </div>
  );
}

/** What stands for a pack that is still to be made. */
const NEW = "";

interface Choosing extends Props {
  /** Its choice is there, or why it is not. */
  onReady: () => void;
  onKept: (pack: PackDto) => void;
  onClose: () => void;
}

function Choose({ turn, title, onReady, onKept, onClose }: Choosing) {
  const { packs } = useBridge();
  const { value: list, failure, loading, again } = useLoaded("packs", () => packs.list());
  const [made, setMade] = useState<PackDto | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [name, setName] = useState(title.slice(0, MOST_OF_TITLE));
  // It opens with its choice, so that nothing in it changes once it is seen.
  useEffect(() => {
    if (!loading) onReady();
  }, [loading]);
  if (loading) return null;
  const own = [...(made ? [made] : []), ...(list ?? []).filter((one) => one.own && one.packId !== made?.packId)];
  const last = own.find(({ packId }) => packId === preferences.get().pack) ?? own[0];
  const into = chosen ?? last?.packId ?? NEW;
  const make = async () => {
    const pack = await packs.make(name.trim());
    // Where keeping fails after this, the next try makes no second one.
    setMade(pack);
    setChosen(pack.packId);
    return pack;
  };
  const confirm = async () => {
    const pack = own.find(({ packId }) => packId === into) ?? (await make());
    await packs.keep(pack.packId, turn);
    prefer({ pack: pack.packId });
    announce(t("packs.kept", { title: pack.title }));
    onKept(pack);
  };
  return (
    <Dialog title={t("packs.keep.title")} confirm={t("packs.keep")} ready={Boolean(list)} onConfirm={confirm} onClose={onClose}>
      {own.length > 0 && (
        <label className="field">
          <span>{t("packs.keep.into")}</span>
          <select value={into} onChange={({ target }) => setChosen(target.value)}>
            {own.map((pack) => (
              <option key={pack.packId} value={pack.packId}>
                {pack.title}
              </option>
            ))}
            <option value={NEW}>{t("packs.keep.new")}</option>
          </select>
        </label>
      )}
      {list && into === NEW && (
        <label className="field">
          <span>{t("packs.name")}</span>
          <input required maxLength={MOST_OF_TITLE} autoComplete="off" value={name} onChange={({ target }) => setName(target.value)} />
        </label>
      )}
      {list === null && <p>{t("packs.none.here")}</p>}
      {failure && (
        <>
          <p role="alert">{inWords(failure)}</p>
          <Button onClick={again}>{t("retry")}</Button>
        </>
      )}
    </Dialog>
  );
}

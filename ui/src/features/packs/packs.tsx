/** The packs that one revises with: one's own, and those that one is shown. */
import { useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { useWhose } from "@/shared/bridge/use-whose";
import { inWords } from "@/shared/format/sentence";
import { day } from "@/shared/format/time";
import { whose } from "@/shared/format/whose";
import type { PackDto } from "@/shared/protocol";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { AskText } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";
import { useKeptKeyboard } from "@/shared/ui/keep";
import { announce } from "@/shared/ui/live";
import { PackWays } from "./ways";
import { MOST_OF_TITLE } from "./limits";
import "./packs.css";

export function Packs() {
  const { packs } = useBridge();
  const { value: list, failure, again } = useLoaded(`packs:${useWhose()}`, () => packs.list());
  const [making, setMaking] = useState(false);
  const kept = useKeptKeyboard<HTMLUListElement>(list?.length ?? 0);
  if (failure && list === undefined) return <Calm icon="offline" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (list === undefined) return <div className="packs" role="status" aria-label={t("loading")} />;
  if (list === null) return <Calm icon="cards" title={t("packs.none.here")} />;
  return (
    <section className="packs" aria-labelledby="packs-title">
      <header className="packs-head">
        <h1 id="packs-title">{t("packs.title")}</h1>
        <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
          {t("packs.make")}
        </Button>
      </header>
      {list.length === 0 && (
        <Calm icon="cards" title={t("packs.empty.title")} action={<a className="button button-plain" href="#/">{t("packs.empty.go")}</a>}>
          {t("packs.empty.text")}
        </Calm>
      )}
      <ul ref={kept} className="packs-list" tabIndex={-1} aria-label={t("packs.title")}>
        {list.map((pack) => (
          <Row key={pack.packId} pack={pack} onChange={again} />
        ))}
      </ul>
      {making && (
        <AskText
          title={t("packs.make")}
          label={t("packs.name")}
          value=""
          most={MOST_OF_TITLE}
          confirm={t("packs.make.done")}
          onConfirm={async (title) => {
            await packs.make(title);
            announce(t("packs.made", { title }));
            again();
          }}
          onClose={() => setMaking(false)}
        />
      )}
    </section>
  );
}

function Row({ pack, onChange }: { pack: PackDto; onChange: () => void }) {
  const { packId, title, cards, created, own } = pack;
  return (
    <li className="pack-row" data-testid="pack">
      <span className="pack-mark" aria-hidden="true">
        <Icon name="cards" size={18} />
      </span>
      <div className="pack-words">
        <a className="pack-title" href={`#/packs/${encodeURIComponent(packId)}`}>
          {title}
        </a>
        <p className="pack-facts">{[t("packs.cards", { count: cards }), day(created), whose(pack), pack.public && own && t("packs.public")].filter(Boolean).join(" · ")}</p>
      </div>
      <PackWays pack={pack} onChange={onChange} onGone={onChange} />
    </li>
  );
}

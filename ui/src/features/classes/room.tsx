/** One class: what it is shown, and for its teacher the code and who is in it. */
import { useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { useWhose } from "@/shared/bridge/use-whose";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { day } from "@/shared/format/time";
import type { RoomDto, ShownDto, SourceDto } from "@/shared/protocol";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { AskText, Dialog } from "@/shared/ui/dialog";
import { announce } from "@/shared/ui/live";
import { useShares } from "@/shared/ui/share";
import "./classes.css";

type Asking = "rename" | "renew" | "end" | "leave" | null;

export function Room({ id, onGone }: { id: string; onGone: () => void }) {
  const { classes, packs } = useBridge();
  const { value: room, failure, again, set } = useLoaded(`${useWhose()}:${id}`, () => classes.get(id));
  const shares = useShares();
  const [asking, setAsking] = useState<Asking>(null);
  const [trouble, setTrouble] = useState("");
  if (failure && !room) return <Calm icon="warning" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (!room) return <div className="classes" role="status" aria-label={t("loading")} />;
  const { teaching, name, code } = room.class;
  const sets = room.packs ?? [];
  const attempt = async (work: Promise<void>, done: string) => {
    setTrouble("");
    try {
      await work;
      announce(done);
      again();
    } catch (error) {
      setTrouble(inWords(toFailure(error)));
    }
  };
  const close = () => setAsking(null);
  return (
    <div className="classes">
      <p>
        <a href="#/classes">{t("classes.title")}</a>
      </p>
      <h1>{name}</h1>
      {code && (
        <section aria-labelledby="class-code">
          <h2 id="class-code">{t("classes.code")}</h2>
          <p className="class-code" data-testid="class-code">
            {code}
          </p>
          <p className="dim">{t("classes.code.text")}</p>
          <div className="class-ways">
            <Button icon="retry" onClick={() => setAsking("renew")}>{t("classes.renew")}</Button>
            <Button icon="edit" onClick={() => setAsking("rename")}>{t("rename")}</Button>
          </div>
        </section>
      )}
      <section aria-labelledby="class-shown">
        <h2 id="class-shown">{t("classes.shown.title")}</h2>
        {room.shown.length + sets.length === 0 && <p className="dim">{t("classes.shown.none")}</p>}
        <ul className="class-things">
          {room.shown.map((one) => (
            <li key={one.source.lectureId ?? one.source.documentId}>
              <Title one={one} />
              {(one.own || teaching) && (
                <Button aria-label={t("classes.unshare.named", { title: one.title })} onClick={() => void attempt(classes.unshare(id, one.source), t("classes.unshared"))}>
                  {t("classes.unshare")}
                </Button>
              )}
            </li>
          ))}
          {sets.map(({ packId, title, own }) => (
            <li key={packId} data-testid="class-pack">
              <a href={`#/packs/${encodeURIComponent(packId)}`}>{title}</a>
              {(own || teaching) && (
                <Button aria-label={t("classes.unshare.named", { title })} onClick={() => void attempt(packs.unshare(id, packId), t("classes.unshared"))}>
                  {t("classes.unshare")}
                </Button>
              )}
            </li>
          ))}
        </ul>
        {shares && <Share room={room} onShare={({ packId, ...source }) => attempt(packId ? packs.share(id, packId) : classes.share(id, source), t("classes.shared"))} />}
      </section>
      {room.people && (
        <section aria-labelledby="class-people">
          <h2 id="class-people">{t("classes.people")}</h2>
          {room.people.length === 0 && <p className="dim">{t("classes.people.none")}</p>}
          <ul className="class-things">
            {room.people.map(({ memberId, name, joined }) => (
              <li key={memberId} data-testid="member">
                <span>
                  {name ?? t("classes.unnamed")} <span className="dim">{day(joined)}</span>
                </span>
                <Button aria-label={t("classes.dismiss.named", { name: name ?? t("classes.unnamed") })} onClick={() => void attempt(classes.dismiss(id, memberId), t("classes.dismissed"))}>
                  {t("classes.dismiss")}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {trouble && (
        <p className="classes-trouble" role="alert">
          {trouble}
        </p>
      )}
      <Button look="danger" onClick={() => setAsking(teaching ? "end" : "leave")}>
        {t(teaching ? "classes.end" : "classes.leave")}
      </Button>
      {asking === "rename" && (
        <AskText title={t("classes.rename")} label={t("classes.name")} value={name} confirm={t("rename")} onConfirm={async (to) => set(await classes.rename(id, to))} onClose={close} />
      )}
      {asking === "renew" && (
        <Dialog title={t("classes.renew.title")} confirm={t("classes.renew")} onConfirm={async () => set(await classes.renew(id))} onClose={close}>
          <p>{t("classes.renew.text")}</p>
        </Dialog>
      )}
      {asking === "end" && (
        <Dialog title={t("classes.end.title", { name })} confirm={t("classes.end")} danger onConfirm={() => classes.remove(id).then(onGone)} onClose={close}>
          <p>{t("classes.end.text")}</p>
        </Dialog>
      )}
      {asking === "leave" && (
        <Dialog title={t("classes.leave.title", { name })} confirm={t("classes.leave")} danger onConfirm={() => classes.leave(id).then(onGone)} onClose={close}>
          <p>{t("classes.leave.text")}</p>
        </Dialog>
      )}
    </div>
  );
}

function Title({ one }: { one: ShownDto }) {
  const { lectureId, documentId } = one.source;
  return <a href={documentId ? `#/document/${encodeURIComponent(documentId)}` : `#/lecture/${encodeURIComponent(lectureId ?? "")}`}>{one.title}</a>;
}

/** A lecture, a document or a pack. */
type Thing = SourceDto & { packId?: string };

/** What is one's own and the class is not shown yet. */
function Share({ room, onShare }: { room: RoomDto; onShare: (thing: Thing) => Promise<void> }) {
  const { lectures, documents, packs } = useBridge();
  const { list: recordings } = useWatch(lectures.state);
  const { list: books } = useWatch(documents.state);
  const { value: cards } = useLoaded("packs", () => packs.list());
  const shown = new Set([...room.shown.map(({ source }) => source.documentId ?? source.lectureId), ...(room.packs ?? []).map(({ packId }) => packId)]);
  const own = [
    ...(recordings ?? []).map((one) => ({ ...one, id: one.lectureId, source: { lectureId: one.lectureId } as Thing })),
    ...(books ?? []).map((one) => ({ ...one, id: one.documentId, source: { documentId: one.documentId } as Thing })),
    ...(cards ?? []).map((one) => ({ ...one, id: one.packId, source: { packId: one.packId } as Thing })),
  ].filter((one) => one.own && !shown.has(one.id));
  if (own.length === 0) return null;
  return (
    <label className="field class-share">
      <span>{t("classes.share")}</span>
      <select
        value=""
        onChange={({ target }) => {
          const chosen = own.find(({ id }) => id === target.value);
          if (chosen) void onShare(chosen.source);
        }}
      >
        <option value="" disabled>
          {t("classes.share.choose")}
        </option>
        {own.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

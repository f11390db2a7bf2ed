/** Who may hear and ask something of one's own: everybody on the server, and the classes that one teaches or is in. */
import { useState } from "react";
import type { Classes } from "@/shared/bridge/classes";
import { useBridge } from "@/shared/bridge/context";
import { inWords } from "@/shared/format/sentence";
import type { RoomDto, SourceDto } from "@/shared/protocol";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Dialog } from "@/shared/ui/dialog";
import { announce } from "@/shared/ui/live";

/** Whether somebody may share what is theirs. */
export function useShares(): boolean {
  const standing = useWatch(useBridge().accounts.standing);
  return standing.state === "signed_in" && standing.account.role !== "student";
}

interface Props {
  source: SourceDto;
  title: string;
  /** Whether everybody sees it now. */
  open: boolean;
  onClose: () => void;
}

export function Share({ source, title, open, onClose }: Props) {
  const { classes, lectures, documents } = useBridge();
  const name = source.documentId ?? source.lectureId ?? "";
  const { value: rooms, failure } = useLoaded(`share:${name}`, () => all(classes));
  const [everybody, setEverybody] = useState(open);
  /** What was ticked and unticked. */
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const shares = (room: RoomDto) => room.shown.some((one) => (one.source.documentId ?? one.source.lectureId) === name);
  const wanted = (room: RoomDto) => changed.get(room.class.classId) ?? shares(room);
  const confirm = async () => {
    for (const room of (rooms ?? []).filter((one) => wanted(one) !== shares(one))) {
      const { classId } = room.class;
      await (wanted(room) ? classes.share(classId, source) : classes.unshare(classId, source));
    }
    if (everybody !== open) await classes.publish(source, everybody);
    await (source.documentId ? documents : lectures).refresh();
    announce(t("share.done"));
  };
  return (
    <Dialog title={t("share.title", { title })} confirm={t("share.confirm")} onConfirm={confirm} onClose={onClose}>
      <fieldset className="share">
        <legend>{t("share.who")}</legend>
        {rooms?.map((room) => (
          <label key={room.class.classId}>
            <input type="checkbox" checked={wanted(room)} onChange={({ target }) => setChanged((was) => new Map(was).set(room.class.classId, target.checked))} />
            <span>{room.class.name}</span>
          </label>
        ))}
        <label>
          <input type="checkbox" checked={everybody} onChange={({ target }) => setEverybody(target.checked)} />
          <span>
            {t("share.everybody")}
            <span className="dim">{t("share.everybody.text")}</span>
          </span>
        </label>
      </fieldset>
      {failure && <p className="dim">{inWords(failure)}</p>}
      {rooms?.length === 0 && (
        <p>
          {t("share.none")} <a href="#/classes">{t("share.make")}</a>
        </p>
      )}
    </Dialog>
  );
}

async function all(classes: Classes): Promise<RoomDto[]> {
  const list = (await classes.list()) ?? [];
  return Promise.all(list.map(({ classId }) => classes.get(classId)));
}

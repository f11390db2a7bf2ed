/** Who may have something of one's own: everybody on the server, and the classes that one teaches or is in. */
import { useState } from "react";
import type { Classes } from "@/shared/bridge/classes";
import { useBridge } from "@/shared/bridge/context";
import { inWords } from "@/shared/format/sentence";
import type { RoomDto } from "@/shared/protocol";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Dialog } from "./dialog";
import { announce } from "./live";

/** Whether somebody may share what is theirs. */
export function useShares(): boolean {
  const standing = useWatch(useBridge().accounts.standing);
  return standing.state !== "guest" && standing.account.role !== "student";
}

/** Something that can be shared, and how that is done. */
export interface Shareable {
  name: string;
  title: string;
  /** What whoever sees it may do. */
  who: string;
  /** Whether everybody sees it now. */
  open: boolean;
  /** Whether a class is shown it now. */
  shownIn: (room: RoomDto) => boolean;
  share: (classId: string) => Promise<void>;
  unshare: (classId: string) => Promise<void>;
  publish: (shown: boolean) => Promise<void>;
}

interface Props {
  what: Shareable;
  onDone: () => Promise<void>;
  onClose: () => void;
}

export function Share({ what, onDone, onClose }: Props) {
  const { classes } = useBridge();
  const { value: rooms, failure } = useLoaded(`share:${what.name}`, () => all(classes));
  const [everybody, setEverybody] = useState(what.open);
  /** What was ticked and unticked. */
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const wanted = (room: RoomDto) => changed.get(room.class.classId) ?? what.shownIn(room);
  const confirm = async () => {
    for (const room of (rooms ?? []).filter((one) => wanted(one) !== what.shownIn(one))) {
      const { classId } = room.class;
      await (wanted(room) ? what.share(classId) : what.unshare(classId));
    }
    if (everybody !== what.open) await what.publish(everybody);
    await onDone();
    announce(t("share.done"));
  };
  return (
    <Dialog title={t("share.title", { title: what.title })} confirm={t("share.confirm")} onConfirm={confirm} onClose={onClose}>
      <fieldset className="share">
        <legend>{what.who}</legend>
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

/** What can be done with a pack beside learning from it. */
import { useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { toFailure } from "@/shared/failure";
import { fileName } from "@/shared/format/file-name";
import { inWords } from "@/shared/format/sentence";
import type { PackDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { AskText, Dialog } from "@/shared/ui/dialog";
import { announce } from "@/shared/ui/live";
import { Menu, type MenuItem } from "@/shared/ui/menu";
import { Share, type Shareable, useShares } from "@/shared/ui/share";
import { MOST_OF_TITLE } from "./limits";

interface Props {
  pack: PackDto;
  onChange: () => void;
  onGone: () => void;
}

export function PackWays({ pack, onChange, onGone }: Props) {
  const { packs, sessions } = useBridge();
  const shares = useShares();
  const [asking, setAsking] = useState<"rename" | "share" | "delete" | null>(null);
  const [trouble, setTrouble] = useState("");
  const { packId: id, title, own, cards } = pack;
  const download = async () => {
    setTrouble("");
    try {
      if (await sessions.save(fileName(title, "pack", "txt"), await packs.anki(id))) announce(t("packs.anki.done"));
    } catch (error) {
      setTrouble(inWords(toFailure(error)));
    }
  };
  const items: MenuItem[] = [];
  if (own) items.push({ label: t("rename"), icon: "edit", act: () => setAsking("rename") });
  if (own && shares) items.push({ label: t("share"), icon: "people", act: () => setAsking("share") });
  if (cards > 0) items.push({ label: t("packs.anki"), icon: "download", act: () => void download() });
  if (own) items.push({ label: t("delete"), icon: "trash", danger: true, act: () => setAsking("delete") });
  const close = () => setAsking(null);
  const what = {
    name: id,
    title,
    who: t("packs.share.who"),
    open: pack.public,
    shownIn: (room) => room.packs?.some(({ packId }) => packId === id) === true,
    share: (classId) => packs.share(classId, id),
    unshare: (classId) => packs.unshare(classId, id),
    publish: (shown) => packs.publish(id, shown),
  } satisfies Shareable;
  return (
    <>
      {items.length > 0 && <Menu label={t("row.more", { title })} items={items} />}
      {trouble && (
        <p className="packs-trouble" role="alert">
          {trouble}
        </p>
      )}
      {asking === "rename" && (
        <AskText
          title={t("packs.rename")}
          label={t("packs.name")}
          value={title}
          most={MOST_OF_TITLE}
          confirm={t("rename")}
          onConfirm={(text) => packs.rename(id, text).then(onChange)}
          onClose={close}
        />
      )}
      {asking === "share" && <Share what={what} onDone={async () => onChange()} onClose={close} />}
      {asking === "delete" && (
        <Dialog title={t("row.delete.title", { title })} confirm={t("delete")} danger onConfirm={() => packs.remove(id).then(onGone)} onClose={close}>
          <p>{t("packs.delete.text")}</p>
        </Dialog>
      )}
    </>
  );
}

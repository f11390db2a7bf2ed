/** Who may hear and ask a lecture or a document of one's own. */
import { useBridge } from "@/shared/bridge/context";
import type { SourceDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { Share, type Shareable } from "@/shared/ui/share";

interface Props {
  source: SourceDto;
  title: string;
  /** Whether everybody sees it now. */
  open: boolean;
  onClose: () => void;
}

export function ShareSource({ source, title, open, onClose }: Props) {
  const { classes, lectures, documents } = useBridge();
  const name = source.documentId ?? source.lectureId ?? "";
  const what = {
    name,
    title,
    who: t("share.who"),
    open,
    shownIn: ({ shown }) => shown.some((one) => (one.source.documentId ?? one.source.lectureId) === name),
    share: (classId) => classes.share(classId, source),
    unshare: (classId) => classes.unshare(classId, source),
    publish: (shown) => classes.publish(source, shown),
  } satisfies Shareable;
  return <Share what={what} onDone={() => (source.documentId ? documents : lectures).refresh()} onClose={onClose} />;
}

/** A word beside the title of a lecture that was understood badly: what is read and cited below may be wrong. */
import { t } from "@/shared/text";
import { Icon } from "@/shared/ui/icon";

export function HardToHear({ own }: { own: boolean }) {
  return (
    <p className="hard-to-hear" role="note" title={t(own ? "lecture.hard.own" : "lecture.hard")}>
      <Icon name="warning" size={16} />
      <span className="hard-to-hear-short">{t("lecture.hard.short")}</span>
      <span className="hard-to-hear-long">{t("lecture.hard.head")}</span>
    </p>
  );
}

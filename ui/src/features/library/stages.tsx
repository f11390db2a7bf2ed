/** What is done with something before it can be asked, and how far that is. */
import { percent } from "@/shared/format/time";
import { t } from "@/shared/text";
import { Icon } from "@/shared/ui/icon";
import { Progress } from "@/shared/ui/progress";

export type Stage = "making" | "uploading" | "validating" | "transcribing" | "extracting" | "chunking" | "embedding" | "indexing";

interface Props {
  title: string;
  stages: readonly Stage[];
  /** The stage it is in. */
  state: string;
  /** The share done of all, 0 to 1. */
  share: number;
  /** What is counted in this stage, if anything is. */
  counted: { done: number; total: number } | undefined;
}

export function Stages({ title, stages, state, share, counted }: Props) {
  const at = Math.max(0, stages.findIndex((stage) => stage === state));
  const words = t(`stage.${stages[at] ?? "uploading"}`);
  return (
    <div className="stages">
      <ol className="stages-list">
        {stages.map((stage, index) => (
          <li key={stage} className={index < at ? "done" : index === at ? "now" : ""} aria-current={index === at ? "step" : undefined}>
            {index < at && <Icon name="check" size={14} />}
            {t(`stage.${stage}`)}
          </li>
        ))}
      </ol>
      <Progress share={share} label={`${title}: ${words}`} />
      <span className="stages-detail">{counted?.total ? t("stage.windows", counted) : percent(share)}</span>
    </div>
  );
}

/** One lecture: its title, how long it is, who added it, how it stands, and what can be done with it. */
import { lazy, Suspense, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { inWords } from "@/shared/format/sentence";
import { clock, day, duration } from "@/shared/format/time";
import { whose } from "@/shared/format/whose";
import { secondsLeft } from "@/shared/preferences/places";
import type { LectureDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { AskText, Dialog } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";
import { Menu, type MenuItem } from "@/shared/ui/menu";
import { useShares } from "@/shared/ui/share";
import { ShareSource } from "./share";
import { Stages } from "./stages";

const Report = lazy(() => import("./report").then(({ Report }) => ({ default: Report })));

interface Props {
  lecture: LectureDto;
  window: { done: number; total: number } | undefined;
}

export function LectureRow({ lecture, window }: Props) {
  const { lectures } = useBridge();
  const shares = useShares();
  const [asking, setAsking] = useState<"rename" | "share" | "delete" | null>(null);
  const [report, setReport] = useState(false);
  const { lectureId: id, title, state } = lecture;
  const ready = state === "ready";
  const left = ready ? secondsLeft.of(id) : null;
  const items: MenuItem[] = [];
  if (ready) items.push({ label: report ? t("row.report.hide") : t("row.report"), icon: "file", act: () => setReport(!report) });
  if (lecture.own) {
    items.push({ label: t("rename"), icon: "edit", act: () => setAsking("rename") });
    if (shares) items.push({ label: t("share"), icon: "people", act: () => setAsking("share") });
    items.push({ label: t("delete"), icon: "trash", danger: true, act: () => setAsking("delete") });
  }
  return (
    <li className={`row row-${state}`}>
      <div className="row-main">
        <span className={`row-mark mark-${state}`} aria-hidden="true">
          <Icon name={ready ? "play" : state === "failed" ? "warning" : "file"} size={18} />
        </span>
        <div className="row-words">
          {ready ? (
            <a className="row-title" href={`#/lecture/${encodeURIComponent(id)}`}>
              {title}
            </a>
          ) : (
            <span className="row-title">{title}</span>
          )}
          <p className="row-facts">
            {lecture.duration != null && <span>{duration(lecture.duration)}</span>}
            <span>{day(lecture.created)}</span>
            {left !== null && <span>{t("row.left", { place: clock(left) })}</span>}
            <span>{lecture.addedBy === "sample" ? t("row.sample") : whose(lecture)}</span>
          </p>
        </div>
        {items.length > 0 && <Menu label={t("row.more", { title })} items={items} />}
      </div>
      {!ready && state !== "failed" && (
        <Stages
          title={title}
          stages={lecture.addedBy === "sample" ? STAGES_OF_SAMPLE : STAGES}
          state={state}
          share={lecture.progress}
          counted={state === "making" || state === "transcribing" ? window : undefined}
        />
      )}
      {state === "failed" && (
        <p className="row-error" role="note">
          {lecture.error ? inWords(lecture.error) : t("row.failed")}
        </p>
      )}
      {report && (
        <Suspense fallback={<div className="report-wait" />}>
          <Report lectureId={id} own={lecture.own} />
        </Suspense>
      )}
      {asking === "rename" && (
        <AskText
          title={t("row.rename.title")}
          label={t("row.rename.label")}
          value={title}
          confirm={t("rename")}
          onConfirm={(text) => lectures.rename(id, text)}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === "share" && <ShareSource source={{ lectureId: id }} title={title} open={lecture.public === true} onClose={() => setAsking(null)} />}
      {asking === "delete" && (
        <Dialog title={t("row.delete.title", { title })} confirm={t("delete")} danger onConfirm={() => lectures.remove(id)} onClose={() => setAsking(null)}>
          <p>{t("row.delete.text")}</p>
        </Dialog>
      )}
    </li>
  );
}

const STAGES = ["uploading", "validating", "transcribing", "indexing"] as const;
/** The sample is not uploaded but spoken. */
const STAGES_OF_SAMPLE = ["making", "validating", "transcribing", "indexing"] as const;

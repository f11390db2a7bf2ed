/** What became of a recording, as a picture: speech, silence, doubt and gaps along the time. */
import { useBridge } from "@/shared/bridge/context";
import { inWords } from "@/shared/format/sentence";
import { clock, number, percent } from "@/shared/format/time";
import type { ReportDto, SpanDto } from "@/shared/protocol";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";

export function Report({ lectureId, own }: { lectureId: string; own: boolean }) {
  const { lectures } = useBridge();
  const { value: report, failure, again } = useLoaded(lectureId, () => lectures.report(lectureId));
  if (failure) return <Calm small icon="warning" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (!report) return <div className="report-wait" aria-busy="true" />;
  return <Picture report={report} lectureId={lectureId} own={own} />;
}

type Kind = "silent" | "doubtful" | "missing";

function Picture({ report, lectureId, own }: { report: ReportDto; lectureId: string; own: boolean }) {
  const rows: { kind: Kind; spans: SpanDto[] }[] = [
    { kind: "silent", spans: report.silences },
    { kind: "doubtful", spans: report.doubtful },
    { kind: "missing", spans: joined([...report.missing, ...report.skipped]) },
  ];
  const summary = t("report.summary", {
    source: report.source === "captions" ? t("report.captions") : t("report.recognised"),
    words: number(report.words),
    speech: percent(report.speechShare),
  });
  const notes = [
    ...(report.hardToHear ? [t(own ? "lecture.hard.own" : "lecture.hard")] : []),
    ...report.skipped.map((one) => `${clock(one.from)}–${clock(one.to)}: ${one.reason}`),
    ...report.notes,
  ];
  const sum = (spans: SpanDto[]) => spans.reduce((total, { from, to }) => total + to - from, 0);
  return (
    <figure className="report" aria-label={t("row.report")}>
      <svg className="report-picture" viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-label={summary}>
        <rect className="span-speech" x="0" y="4" width="1000" height="32" rx="4" />
        {rows.flatMap(({ kind, spans }) =>
          spans.map(({ from, to }) => (
            <rect
              key={`${kind}${from}`}
              className={`span-${kind}`}
              x={(from / report.duration) * 1000}
              width={Math.max(1.5, ((to - from) / report.duration) * 1000)}
              y={kind === "doubtful" ? 26 : 4}
              height={kind === "doubtful" ? 10 : 32}
            />
          )),
        )}
      </svg>
      <div className="report-scale" aria-hidden="true">
        <span>0:00</span>
        <span>{clock(report.duration / 2)}</span>
        <span>{clock(report.duration)}</span>
      </div>
      <figcaption>
        <p>{summary}</p>
        <ul className="report-legend">
          <li>
            <i className="span-speech" /> {t("report.speech")} {percent(report.speechShare)}
          </li>
          {rows.map(({ kind, spans }) => (
            <li key={kind}>
              <i className={`span-${kind}`} /> {t(`report.${kind}`)} {spans.length === 0 ? t("report.no") : clock(sum(spans))}
              {kind !== "silent" && spans[0] && (
                <>
                  {" "}
                  <a href={`#/lecture/${encodeURIComponent(lectureId)}?at=${Math.floor(spans[0].from)}`}>{t("report.first", { time: clock(spans[0].from) })}</a>
                </>
              )}
            </li>
          ))}
        </ul>
        {notes.map((note) => (
          <p key={note} className="report-note">
            {note}
          </p>
        ))}
      </figcaption>
    </figure>
  );
}

/** What was skipped is missing too, and is counted once. */
function joined(spans: SpanDto[]): SpanDto[] {
  const whole: SpanDto[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
}

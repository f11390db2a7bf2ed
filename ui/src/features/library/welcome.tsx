/** The way from nothing to the first answer, for someone who has just arrived. */
import { prefer, preferences } from "@/shared/preferences";
import type { Discovery, LectureDto } from "@/shared/protocol";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { IconButton } from "@/shared/ui/button";
import { Icon } from "@/shared/ui/icon";

export function Welcome({ sample, lecture }: { sample: Discovery["sample"]; lecture: LectureDto | undefined }) {
  const { welcomed } = useWatch(preferences);
  if (welcomed || !sample) return null;
  const ready = lecture?.state === "ready";
  const to = `#/lecture/${encodeURIComponent(sample.lectureId)}`;
  return (
    <section className="welcome" aria-labelledby="welcome-title">
      <IconButton className="welcome-close" icon="close" label={t("welcome.close")} onClick={() => prefer({ welcomed: true })} />
      <h2 id="welcome-title">{t("welcome.title")}</h2>
      <p>{t("welcome.text")}</p>
      {ready ? (
        <div className="welcome-ways">
          <a className="welcome-ask" href={`${to}?ask=${encodeURIComponent(sample.question)}`}>
            <Icon name="quote" size={22} />
            <span>{sample.question}</span>
            <Icon name="next" size={18} />
          </a>
          <a className="welcome-open" href={to}>
            {t("welcome.open")}
          </a>
        </div>
      ) : (
        <p className="welcome-wait" role="status">
          {t("welcome.wait")}
        </p>
      )}
      <p className="welcome-private">{t("welcome.private")}</p>
    </section>
  );
}

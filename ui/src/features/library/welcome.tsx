/** The way from nothing to the first answer, for someone who has just arrived. */
import { prefer, preferences } from "@/shared/preferences";
import type { Discovery, LectureDto } from "@/shared/protocol";
import { useMedia } from "@/shared/store/use-media";
import { useWatch } from "@/shared/store/use-watch";
import { language, t } from "@/shared/text";
import { IconButton } from "@/shared/ui/button";
import { Icon } from "@/shared/ui/icon";

interface Props {
  sample: Discovery["sample"];
  lecture: LectureDto | undefined;
  /** Where engines send data to. */
  places: string[];
  /** Whether the server is this computer. */
  local: boolean;
}

export function Welcome({ sample, lecture, places, local }: Props) {
  const { welcomed } = useWatch(preferences);
  const touch = useMedia("(pointer: coarse)");
  // A sample that failed never becomes ready; its row says why.
  if (welcomed || !sample || lecture?.state === "failed") return null;
  const ready = lecture?.state === "ready";
  const to = `#/lecture/${encodeURIComponent(sample.lectureId)}`;
  return (
    <section className="welcome" aria-labelledby="welcome-title">
      <IconButton className="welcome-close" icon="close" label={t("welcome.close")} onClick={() => prefer({ welcomed: true })} />
      <h2 id="welcome-title">{t("welcome.title")}</h2>
      <p>{t("welcome.text")}</p>
      {/* A link without an address is one that cannot be followed yet: what is there keeps its place when it can. */}
      <div className="welcome-ways">
        <a className="welcome-ask" href={ready ? `${to}?ask=${encodeURIComponent(sample.question)}` : undefined} aria-disabled={!ready}>
          <Icon name="quote" size={22} />
          <span>{sample.question}</span>
          <Icon name="next" size={18} />
        </a>
        {ready ? (
          <a className="welcome-open" href={to}>
            {t(touch ? "welcome.open.touch" : "welcome.open")}
          </a>
        ) : (
          <span role="status">{t("welcome.wait")}</span>
        )}
      </div>
      <p className="welcome-private">{whereItGoes(places, local)}</p>
    </section>
  );
}

function whereItGoes(places: string[], local: boolean): string {
  if (places.length > 0) return t("welcome.private.sends", { places: new Intl.ListFormat(language()).format(places) });
  return t(local ? "welcome.private.here" : "welcome.private.server");
}

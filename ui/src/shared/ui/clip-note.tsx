/** What is heard instead of what is on the screen, or why nothing is, and the way back. */
import type { ReactNode } from "react";
import type { Clips } from "@/shared/audio/clips";
import type { Failure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button, IconButton } from "./button";
import { Icon } from "./icon";
import "./clip-note.css";

interface Props {
  /** Why nothing is heard, where nothing is. */
  failure: Failure | null;
  /** The button that ends it or tries it again. */
  children: ReactNode;
}

export function ClipNote({ failure, children }: Props) {
  const role = failure ? "alert" : "status";
  return (
    // Another line for what went wrong, or a screen reader would not read it out at once.
    <p key={role} className="clip-note" role={role}>
      <Icon name={failure ? "warning" : "quote"} size={18} />
      <span>{failure ? inWords(failure) : t("player.clip")}</span>
      {children}
    </p>
  );
}

/** The same about clips that are heard where their lecture is not open. */
export function ClipsNote({ clips }: { clips: Clips }) {
  const clip = useWatch(clips.now);
  const failure = useWatch(clips.failure);
  if (!clip && !failure) return null;
  return (
    <ClipNote failure={failure}>
      {failure ? (
        <IconButton icon="close" size={18} label={t("dismiss")} onClick={() => clips.stop()} />
      ) : (
        <Button look="quiet" onClick={() => clips.stop()}>
          {t("clip.stop")}
        </Button>
      )}
    </ClipNote>
  );
}

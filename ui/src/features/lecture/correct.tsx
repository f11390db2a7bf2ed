/** Mends what the recogniser misheard. */
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { type Failure, toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { clock } from "@/shared/format/time";
import type { PhraseDto } from "@/shared/protocol";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { announce } from "@/shared/ui/live";

export function CorrectPhrase({ phrase, onSave, onClose }: { phrase: PhraseDto; onSave: (text: string) => Promise<void>; onClose: () => void }) {
  const input = useRef<HTMLTextAreaElement>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const save = async () => {
    const text = input.current?.value.replace(/\s+/g, " ").trim() ?? "";
    if (!text || text === phrase.text) return onClose();
    setBusy(true);
    try {
      await onSave(text);
      announce(t("correct.done"));
      onClose();
    } catch (error) {
      setFailure(toFailure(error));
      setBusy(false);
    }
  };
  const keys = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void save();
    }
  };
  return (
    <div className="correct">
      <label>
        <span className="line-time">{clock(phrase.from)}</span>
        <textarea ref={input} defaultValue={phrase.text} aria-label={t("correct.label", { time: clock(phrase.from) })} rows={2} onKeyDown={keys} disabled={busy} />
      </label>
      {failure && (
        <p className="correct-failure" role="alert">
          {failure.code === "conflict" ? t("correct.conflict") : inWords(failure)}
        </p>
      )}
      <div className="correct-acts">
        <Button look="quiet" onClick={onClose}>
          {t("cancel")}
        </Button>
        <Button look="primary" onClick={() => void save()} disabled={busy}>
          {t("save")}
        </Button>
      </div>
    </div>
  );
}

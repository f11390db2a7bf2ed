/** What is kept, for how long, and how to be rid of it. */
import { useState } from "react";
import type { Server } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { toFailure } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { size } from "@/shared/format/time";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Choice } from "./fields";
import { Section } from "./section";

export function Storage() {
  const { server } = useBridge();
  const { value: use, failure, loading, again } = useLoaded("storage", () => server.storage());
  const parts = use ? ([["storage.lectures", use.lectures], ["storage.questions", use.queries], ["storage.answers", use.responses], ["storage.models", use.models]] as const) : [];
  return (
    <Section title="settings.storage" text={t("settings.retention")}>
      {loading && <p className="dim">{t("loading")}</p>}
      {failure && <p className="dim">{inWords(failure)}</p>}
      {use === null && <p className="dim">{t("storage.unknown")}</p>}
      {use && (
        <dl className="storage">
          {parts.map(([name, bytes]) => (
            <div key={name}>
              <dt>{t(name)}</dt>
              <dd>{size(bytes)}</dd>
            </div>
          ))}
          <div className="storage-total">
            <dt>{t("storage.total")}</dt>
            <dd>{size(parts.reduce((sum, [, bytes]) => sum + bytes, 0))}</dd>
          </div>
        </dl>
      )}
      {server.retention && <Keeping retention={server.retention} />}
      <ClearConversations onCleared={again} />
      <ClearUnusable onCleared={again} />
    </Section>
  );
}

/** How long what was asked is kept, where that is the person's own to say. */
function Keeping({ retention }: { retention: NonNullable<Server["retention"]> }) {
  const { connection } = useBridge();
  // Another host may have taken over when the connection comes back.
  const { value: days, set } = useLoaded(`retention:${useWatch(connection).phase === "open"}`, retention.days);
  const [failed, setFailed] = useState("");
  if (days == null) return null;
  const keep = async (wanted: number) => {
    setFailed("");
    try {
      await retention.keepFor(wanted);
      set(wanted);
    } catch (error) {
      setFailed(inWords(toFailure(error)));
    }
  };
  return (
    <>
      <Choice
        label={t("settings.keep")}
        value={String(days)}
        options={(["1", "3", "7"] as const).map((value) => ({ value, label: t(`settings.keep.${value}`) }))}
        onChange={(value) => void keep(Number(value))}
      />
      {failed && <p role="alert">{failed}</p>}
    </>
  );
}

function ClearConversations({ onCleared }: { onCleared: () => void }) {
  const { sessions } = useBridge();
  const clear = async () => {
    for (const { sessionId } of await sessions.list()) await sessions.remove(sessionId);
    onCleared();
  };
  return <Clear offered label={t("settings.clear")} title={t("settings.clear.title")} text={t("talks.delete.text")} done={t("settings.clear.done")} onClear={clear} />;
}

/** What was brought here and came to nothing. */
function ClearUnusable({ onCleared }: { onCleared: () => void }) {
  const { lectures, documents, uploads } = useBridge();
  const recordings = (useWatch(lectures.state).list ?? []).filter(({ own, state }) => own && state === "failed");
  const books = (useWatch(documents.state).list ?? []).filter(({ own, state }) => own && state === "failed");
  // One that may still arrive stays.
  const sent = useWatch(uploads.list).filter(({ state, failure }) => state === "failed" && !failure?.retryable);
  const clear = async () => {
    for (const { lectureId } of recordings) await lectures.remove(lectureId);
    for (const { documentId } of books) await documents.remove(documentId);
    for (const { id } of sent) uploads.dismiss(id);
    onCleared();
  };
  const offered = recordings.length + books.length + sent.length > 0;
  return <Clear offered={offered} label={t("settings.failed")} title={t("settings.failed.title")} text={t("settings.failed.text")} done={t("settings.failed.done")} onClear={clear} />;
}

interface ClearProps {
  /** Whether there is something to delete. */
  offered: boolean;
  label: string;
  title: string;
  text: string;
  done: string;
  onClear: () => Promise<void>;
}

/** Deletes for good, once that was confirmed. */
function Clear({ offered, label, title, text, done, onClear }: ClearProps) {
  const [asking, setAsking] = useState(false);
  const [cleared, setCleared] = useState(false);
  const clear = async () => {
    await onClear();
    setCleared(true);
  };
  if (!offered && !cleared && !asking) return null;
  return (
    <div className="settings-test">
      {offered && (
        <Button icon="trash" onClick={() => setAsking(true)}>
          {label}
        </Button>
      )}
      <span className="dim" role="status">
        {cleared && done}
      </span>
      {asking && (
        <Dialog title={title} confirm={t("delete")} danger onConfirm={clear} onClose={() => setAsking(false)}>
          <p>{text}</p>
        </Dialog>
      )}
    </div>
  );
}

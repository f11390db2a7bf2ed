/** What is on its way to the server, each with how fast and how long, and what can be done about it. */
import { useEffect, useRef, useState } from "react";
import type { Upload } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { inWords } from "@/shared/format/sentence";
import { duration, percent, size } from "@/shared/format/time";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { IconButton } from "@/shared/ui/button";
import { Dialog } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";
import { announce } from "@/shared/ui/live";
import { useModal } from "@/shared/ui/modal";
import { Progress } from "@/shared/ui/progress";
import { calmList } from "./waits";
import "./uploads.css";

export function UploadList() {
  const { uploads } = useBridge();
  const calm = calmList(uploads);
  const list = useWatch(calm);
  // From then on its own row in the library tells how it stands.
  const shown = list.filter(({ state, failure }) => state !== "processing" && state !== "leaving" && (state !== "ready" || failure));
  const retry = (id: string) => {
    calm.forget(id);
    uploads.retry(id);
  };
  if (shown.length === 0) return null;
  return (
    <section className="uploads" aria-labelledby="uploads-title">
      <h2 id="uploads-title">{shown.every(({ state, failure }) => state === "failed" && !failure?.retryable) ? t("uploads.title.failed") : t("uploads.title")}</h2>
      <ul>
        {shown.map((upload) => (
          <UploadRow key={upload.id} upload={upload} onRetry={() => retry(upload.id)} />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({ upload, onRetry }: { upload: Upload; onRetry: () => void }) {
  const { uploads } = useBridge();
  const { id, name, state, failure, sent } = upload;
  const [asking, setAsking] = useState(false);
  const leave = () => {
    // One that is being tried again has to be stopped.
    const resting = uploads.list.get().some((one) => one.id === id && one.state === state);
    if (state === "ready" || (resting && state === "failed" && !upload.lectureId && !upload.documentId)) uploads.dismiss(id);
    // What was sent is gone with it; where nothing was, there is nothing to ask.
    else if (sent > 0 || (state === "lost" && (upload.lectureId ?? upload.documentId))) setAsking(true);
    else uploads.cancel(id);
  };
  const active = state === "sending" || state === "waiting" || state === "checking";
  // Nothing travels that could be stopped.
  const over = state === "failed" || state === "lost";
  return (
    <li className={`upload upload-${state}`} data-testid="upload">
      <div className="upload-head">
        <Icon name={failure || state === "failed" || state === "lost" ? "warning" : "file"} size={18} />
        <span className="upload-name">{name}</span>
        {upload.captions && (
          <span className="upload-captions" title={upload.captions}>
            <Icon name="captions" size={16} /> {t("uploads.captions")}
          </span>
        )}
        <span className="upload-acts">
          {(state === "sending" || state === "waiting") && <IconButton icon="pause" label={t("uploads.pause", { name })} onClick={() => uploads.pause(id)} />}
          {state === "paused" && <IconButton icon="play" label={t("uploads.resume", { name })} onClick={() => uploads.resume(id)} />}
          {(state === "lost" ? failure : state === "failed" && failure?.retryable) && <IconButton icon="retry" label={t("uploads.retry", { name })} onClick={onRetry} />}
          <IconButton
            icon="close"
            label={over || state === "ready" ? t("uploads.dismiss", { name }) : t("uploads.cancel", { name })}
            onClick={leave}
          />
        </span>
      </div>
      {(active || state === "paused") && <Progress share={upload.bytes ? upload.sent / upload.bytes : 0} label={name} />}
      <p className="upload-words">{words(upload)}</p>
      {asking && (
        <Dialog
          title={t(over ? "uploads.dismiss.title" : "uploads.cancel.title", { name })}
          confirm={t(over ? "uploads.dismiss.confirm" : "uploads.cancel.confirm")}
          danger
          onConfirm={async () => uploads.cancel(id)}
          onClose={() => setAsking(false)}
        >
          {/* It may have arrived although that was not seen. */}
          <p>{t(over ? (sent > 0 ? "uploads.dismiss.text" : "uploads.dismiss.some") : "uploads.cancel.text", { sent: size(sent), bytes: size(upload.bytes) })}</p>
        </Dialog>
      )}
    </li>
  );
}

function words(upload: Upload): string {
  const { state, sent, bytes, speed, secondsLeft, failure } = upload;
  switch (state) {
    case "checking":
      return t("uploads.checking");
    case "waiting":
      return t("uploads.waiting");
    case "paused":
      return t("uploads.paused", { sent: size(sent), bytes: size(bytes) });
    case "lost":
      // The desktop knows where it was.
      return failure ? inWords(failure) : t("uploads.lost");
    case "failed":
    case "ready":
      return failure ? inWords(failure) : t("uploads.failed");
    default: {
      const parts = [t("uploads.sent", { sent: size(sent), bytes: size(bytes) })];
      if (speed > 0) parts.push(t("uploads.speed", { speed: size(speed) }));
      if (secondsLeft != null && secondsLeft > 0) parts.push(t("uploads.left", { time: duration(secondsLeft) }));
      return parts.join(" · ");
    }
  }
}

/** Says on every screen what a sighted person would see: an upload that began, arrived or failed. */
export function UploadNews() {
  const list = useWatch(calmList(useBridge().uploads));
  const before = useRef<ReadonlyMap<string, string | null>>(new Map());
  useEffect(() => {
    const now = new Map(list.map((upload) => [upload.id, newsOf(upload)]));
    const news = [...now].flatMap(([id, said]) => (said && said !== before.current.get(id) ? [said] : []));
    before.current = now;
    // Said one after the other, only the last would be heard.
    if (news.length > 0) announce(news.join(" "));
  }, [list]);
  return null;
}

function newsOf({ name, state, failure }: Upload): string | null {
  if (state === "ready" && failure) return `${name}: ${inWords(failure)}`;
  if (state === "failed") return `${name}: ${failure ? inWords(failure) : t("uploads.failed")}`;
  if (state === "processing") return `${t("uploads.arrived", { name })}.`;
  return state === "sending" ? `${t("uploads.started", { name })}.` : null;
}

/** How far everything is, on screens where the list is not seen. */
export function UploadPill() {
  const list = useWatch(calmList(useBridge().uploads));
  const moving = list.filter(({ state }) => ["checking", "waiting", "sending", "paused"].includes(state));
  const failed = list.some(({ state }) => state === "failed" || state === "lost");
  if (moving.length === 0 && !failed) return null;
  const [sent, all] = moving.reduce(([a, b], { sent: part, bytes }) => [a + part, b + bytes], [0, 0]);
  return (
    <a className={failed ? "upload-pill upload-pill-failed" : "upload-pill"} href="#/">
      <Icon name={failed ? "warning" : "upload"} size={16} />
      {failed ? t("uploads.pill.failed") : t("uploads.pill", { share: percent(all > 0 ? sent / all : 0) })}
    </a>
  );
}

/** Takes files dropped anywhere on the window, and shows that it would. */
export function DropEverywhere() {
  const { uploads } = useBridge();
  const [over, setOver] = useState(false);
  useEffect(() => uploads.receive(setOver), [uploads]);
  if (!over) return null;
  return (
    <div className="drop" aria-hidden="true">
      <div className="drop-inner">
        <Icon name="upload" size={40} />
        <p>{t("uploads.drop")}</p>
      </div>
    </div>
  );
}

/** The button's choice between files and a folder. */
export function AddChoice({ onClose }: { onClose: () => void }) {
  const { uploads } = useBridge();
  const ref = useModal();
  const pick = (what: "files" | "folder") => {
    onClose();
    void uploads.pick(what);
  };
  return (
    <dialog ref={ref} className="dialog" aria-labelledby="add-title" onClose={onClose} onClick={(event) => event.target === ref.current && onClose()}>
      <h2 id="add-title">{t("uploads.add.title")}</h2>
      <p>{t("uploads.add.text")}</p>
      <div className="add-ways">
        <button type="button" className="way" onClick={() => pick("files")}>
          <Icon name="file" size={26} />
          {t("uploads.add.files")}
        </button>
        <button type="button" className="way" onClick={() => pick("folder")}>
          <Icon name="folder" size={26} />
          {t("uploads.add.folder")}
        </button>
      </div>
      <div className="dialog-actions">
        <button type="button" className="button button-quiet" onClick={onClose}>
          <span>{t("cancel")}</span>
        </button>
      </div>
    </dialog>
  );
}

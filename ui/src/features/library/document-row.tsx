/** One document: its title, what it is, how long, who added it, how it stands, and what can be done with it. */
import { useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { inWords, sentence } from "@/shared/format/sentence";
import { day } from "@/shared/format/time";
import { whose } from "@/shared/format/whose";
import { pagesLeft } from "@/shared/preferences/places";
import type { DocumentDto } from "@/shared/protocol";
import { type Key, t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { AskText, Dialog } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";
import { Menu, type MenuItem } from "@/shared/ui/menu";
import { useShares } from "@/shared/ui/share";
import { Cover } from "./cover";
import { ShareSource } from "./share";
import { Stages } from "./stages";
import { Unread } from "./unread";

const STAGES = ["uploading", "extracting", "chunking", "embedding", "indexing"] as const;
const KINDS: Record<string, Key> = {
  pdf: "kind.pdf",
  epub: "kind.epub",
  word: "kind.word",
  slides: "kind.slides",
  markdown: "kind.markdown",
  text: "kind.text",
};

interface Props {
  document: DocumentDto;
  /** Whether its cover is shown, where it has one. */
  cover: boolean;
  step: { done: number; total: number } | undefined;
}

export function DocumentRow({ document, cover, step }: Props) {
  const { documents } = useBridge();
  const shares = useShares();
  const [asking, setAsking] = useState<"rename" | "share" | "delete" | null>(null);
  const [notes, setNotes] = useState(false);
  const [unread, setUnread] = useState(false);
  const { documentId: id, title, state, canBeAsked, pages, failedPages } = document;
  const failed = state === "failed";
  const left = canBeAsked ? (pagesLeft.of(id) ?? 1) : 1;
  const kind = KINDS[document.kind ?? ""];
  const items: MenuItem[] = [];
  if (document.notes.length > 0) items.push({ label: t(notes ? "row.notes.hide" : "row.notes"), icon: "file", act: () => setNotes(!notes) });
  if (document.own) {
    items.push({ label: t("rename"), icon: "edit", act: () => setAsking("rename") });
    if (shares) items.push({ label: t("share"), icon: "people", act: () => setAsking("share") });
    items.push({ label: t("delete"), icon: "trash", danger: true, act: () => setAsking("delete") });
  }
  return (
    <li className={canBeAsked ? "row row-ready" : `row row-${state}`}>
      <div className="row-main">
        {cover && canBeAsked && document.hasCover ? (
          <Cover id={id}>
            <Icon name="book" size={18} />
          </Cover>
        ) : (
          <span className={canBeAsked ? "row-mark mark-document" : `row-mark mark-${state}`} aria-hidden="true">
            <Icon name={failed ? "warning" : "book"} size={18} />
          </span>
        )}
        <div className="row-words">
          {canBeAsked ? (
            <a className="row-title" href={`#/document/${encodeURIComponent(id)}`}>
              {title}
            </a>
          ) : (
            <span className="row-title">{title}</span>
          )}
          <p className="row-facts">
            {kind && <span>{t(kind)}</span>}
            {document.author && <span>{document.author}</span>}
            {pages != null && <span>{t(document.kind === "slides" ? "row.slides" : "row.pages", { count: pages })}</span>}
            <span>{day(document.created)}</span>
            {left > 1 && <span>{t("row.left", { place: t("citation.page", { page: left }) })}</span>}
            <span>{whose(document)}</span>
          </p>
        </div>
        {items.length > 0 && <Menu label={t("row.more", { title })} items={items} />}
      </div>
      {state !== "ready" && !failed && <Stages title={title} stages={STAGES} state={state} share={document.progress} counted={step} />}
      {state !== "ready" && canBeAsked && <p className="row-note">{t("row.askable")}</p>}
      {failed && (
        <p className="row-error" role="note">
          {document.error ? inWords(document.error) : t("row.failed.document")}
        </p>
      )}
      {failedPages > 0 && (
        <p className="row-note row-doubt">
          {t("row.pages.failed", { count: failedPages })}{" "}
          <Button look="quiet" aria-expanded={unread} onClick={() => setUnread(!unread)}>
            {t(unread ? "row.unread.hide" : "row.unread")}
          </Button>
        </p>
      )}
      {unread && failedPages > 0 && <Unread document={document} />}
      {notes && (
        <ul className="row-notes">
          {document.notes.map((note) => (
            <li key={note}>{sentence(note)}</li>
          ))}
        </ul>
      )}
      {asking === "rename" && (
        <AskText
          title={t("row.rename.document")}
          label={t("row.rename.label")}
          value={title}
          confirm={t("rename")}
          onConfirm={(text) => documents.rename(id, text)}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === "share" && <ShareSource source={{ documentId: id }} title={title} open={document.public === true} onClose={() => setAsking(null)} />}
      {asking === "delete" && (
        <Dialog title={t("row.delete.title", { title })} confirm={t("delete")} danger onConfirm={() => documents.remove(id)} onClose={() => setAsking(null)}>
          <p>{t("row.delete.document")}</p>
        </Dialog>
      )}
    </li>
  );
}

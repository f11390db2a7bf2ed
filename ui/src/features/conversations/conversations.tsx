/** Conversations of before: gone on with, renamed, kept as a file, deleted. */
import { useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import { toFailure } from "@/shared/failure";
import { fileName } from "@/shared/format/file-name";
import { inWords } from "@/shared/format/sentence";
import { day } from "@/shared/format/time";
import type { SessionDto, SourceDto } from "@/shared/protocol";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { AskText, Dialog } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";
import { useKeptKeyboard } from "@/shared/ui/keep";
import { announce } from "@/shared/ui/live";
import { Menu } from "@/shared/ui/menu";
import { toMarkdown } from "./markdown";
import { aboutOf, severalOf, titleOf } from "./title";
import "./conversations.css";

interface Props {
  /** Only those of one lecture or document. */
  of?: SourceDto;
  /** The one that is open now. */
  current?: string | null;
  onOpen: (session: SessionDto) => void;
  onDeleted?: (id: string) => void;
}

export function Conversations({ of, current = null, onOpen, onDeleted }: Props) {
  const { sessions, lectures, documents } = useBridge();
  const { list: recordings } = useWatch(lectures.state);
  const { list: books } = useWatch(documents.state);
  const name = of?.documentId ?? of?.lectureId ?? "";
  const { value, failure, again, set } = useLoaded(`sessions:${name}`, async () => (await sessions.list(of)).sort((a, b) => b.active - a.active));
  const titleOfSource = (source: SourceDto) =>
    source.documentId ? books?.find(({ documentId }) => documentId === source.documentId)?.title : recordings?.find(({ lectureId }) => lectureId === source.lectureId)?.title;
  const shown = (value ?? []).filter((session) => session.turnCount > 0);
  const kept = useKeptKeyboard<HTMLUListElement>(shown.length);
  if (failure && !value) return <Calm icon="offline" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (!value) return <div className="talks-wait" role="status" aria-label={t("loading")} />;
  if (shown.length === 0) {
    return (
      <Calm icon="chat" title={t("talks.empty.title")} action={!of && <a className="button button-plain" href="#/">{t("talks.empty.go")}</a>}>
        {t("talks.empty.text")}
      </Calm>
    );
  }
  const change = (id: string, changed: SessionDto | null) => set(value.flatMap((one) => (one.sessionId === id ? (changed ? [changed] : []) : [one])));
  return (
    <ul ref={kept} className="talks" tabIndex={-1} aria-label={t("talks.title")}>
      {shown.map((session) => (
        <Talk
          key={session.sessionId}
          session={session}
          about={aboutOf(session, titleOfSource)}
          named={!of || severalOf(session)}
          current={session.sessionId === current}
          onOpen={onOpen}
          onChange={(changed) => {
            change(session.sessionId, changed);
            if (!changed) onDeleted?.(session.sessionId);
          }}
        />
      ))}
    </ul>
  );
}

interface TalkProps {
  session: SessionDto;
  /** What it is about. */
  about: string;
  /** Whether that has to be said. */
  named: boolean;
  current: boolean;
  onOpen: (session: SessionDto) => void;
  onChange: (changed: SessionDto | null) => void;
}

function Talk({ session, about, named, current, onOpen, onChange }: TalkProps) {
  const { sessions } = useBridge();
  const [asking, setAsking] = useState<"rename" | "delete" | null>(null);
  const title = titleOf(session);
  const id = session.sessionId;
  const [trouble, setTrouble] = useState("");
  const attempt = async (work: () => Promise<void>) => {
    setTrouble("");
    await work().catch((error: unknown) => setTrouble(inWords(toFailure(error))));
  };
  const keep = async () => {
    const text = (await sessions.markdown(id)) ?? toMarkdown(await sessions.get(id), title, about);
    if (await sessions.save(fileName(title, "conversation", "md"), text)) announce(t("talks.kept"));
  };
  return (
    <li className={current ? "talk talk-current" : "talk"}>
      <button type="button" className="talk-open" aria-current={current ? "true" : undefined} onClick={() => void attempt(async () => onOpen(await sessions.get(id)))}>
        <Icon name="chat" size={18} />
        <span className="talk-words">
          <span className="talk-title">{title}</span>
          <span className="talk-facts">
            {[named && about, t("talks.turns", { count: session.turnCount }), day(session.active)].filter(Boolean).join(" · ")}
          </span>
        </span>
      </button>
      <Menu
        label={t("row.more", { title })}
        items={[
          { label: t("rename"), icon: "edit", act: () => setAsking("rename") },
          { label: t("talks.keep"), icon: "download", act: () => void attempt(keep) },
          { label: t("delete"), icon: "trash", danger: true, act: () => setAsking("delete") },
        ]}
      />
      {trouble && (
        <p className="talk-trouble" role="alert">
          {trouble}
        </p>
      )}
      {asking === "rename" && (
        <AskText
          title={t("talks.rename.title")}
          label={t("row.rename.label")}
          value={title}
          confirm={t("rename")}
          onConfirm={async (text) => {
            await sessions.rename(id, text);
            onChange({ ...session, title: text });
          }}
          onClose={() => setAsking(null)}
        />
      )}
      {asking === "delete" && (
        <Dialog
          title={t("talks.delete.title")}
          confirm={t("delete")}
          danger
          onConfirm={async () => {
            await sessions.remove(id);
            onChange(null);
          }}
          onClose={() => setAsking(null)}
        >
          <p>{t("talks.delete.text")}</p>
        </Dialog>
      )}
    </li>
  );
}

/** What is asked: the source that is open, a few that are chosen, or everything a person may see. */
import { useId, useMemo, useState } from "react";
import type { Scope } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { useTitles } from "@/shared/bridge/use-titles";
import type { SourceDto } from "@/shared/protocol";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Dialog } from "@/shared/ui/dialog";
import { Icon } from "@/shared/ui/icon";
import type { Conversation } from "./conversation";
import { MOST_SOURCES, isOnly, nameOf } from "./scope";

interface Props {
  conversation: Conversation;
  /** What is open on the screen. */
  own: SourceDto;
}

export function ScopeChoice({ conversation, own }: Props) {
  const { scope } = useWatch(conversation.state);
  const titles = useTitles();
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <button type="button" className="scope" aria-haspopup="dialog" onClick={() => setChoosing(true)} data-testid="scope">
        <Icon name="sources" size={16} />
        <span>{inWords(scope, own, titles)}</span>
      </button>
      {choosing && <Choice conversation={conversation} own={own} onClose={() => setChoosing(false)} />}
    </>
  );
}

function inWords(scope: Scope, own: SourceDto, titleOf: (source: SourceDto) => string | undefined): string {
  if (scope === "everything") return t("scope.everything.short");
  if (isOnly(scope, nameOf(own))) return t(own.documentId ? "scope.document.short" : "scope.lecture.short");
  const [first] = scope;
  const title = scope.length === 1 && first ? titleOf(first) : undefined;
  return title ? t("scope.other.short", { title }) : t("scope.these.short", { count: scope.length });
}

type Way = "own" | "these" | "everything";

function Choice({ conversation, own, onClose }: Props & { onClose: () => void }) {
  const { scope, turns } = useWatch(conversation.state);
  const sources = useSources();
  const titles = useTitles();
  const titleOf = (source: SourceDto) => titles(source) ?? "";
  const group = useId();
  const [way, setWay] = useState<Way>(scope === "everything" ? "everything" : isOnly(scope, nameOf(own)) ? "own" : "these");
  const [chosen, setChosen] = useState<Set<string>>(() => new Set(scope === "everything" ? [nameOf(own)] : scope.map(nameOf)));
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  // What is asked already is seen first; what is ticked now stays where it stands.
  const [before] = useState(chosen);
  const shown = sources
    .filter((source) => !wanted || titleOf(source).toLowerCase().includes(wanted))
    .sort((a, b) => Number(before.has(nameOf(b))) - Number(before.has(nameOf(a))));
  const confirm = async () => {
    const named = sources.filter((source) => chosen.has(nameOf(source)));
    conversation.choose(way === "everything" ? "everything" : way === "these" && named.length > 0 ? named : [own]);
  };
  const toggle = (name: string) =>
    setChosen((was) => {
      const next = new Set(was);
      if (!next.delete(name)) next.add(name);
      return next;
    });
  const option = (value: Way, label: string, hint: string) => (
    <label className="scope-way">
      <input type="radio" name={group} checked={way === value} onChange={() => setWay(value)} />
      <span>
        {label}
        <span className="dim">{hint}</span>
      </span>
    </label>
  );
  return (
    <Dialog title={t("scope.title")} confirm={t("scope.confirm")} onConfirm={confirm} onClose={onClose}>
      <div className="scope-ways">
        {option("own", t(own.documentId ? "scope.document" : "scope.lecture"), titleOf(own))}
        {option("these", t("scope.these"), t("scope.these.hint"))}
        {way === "these" && (
          <div className="scope-list">
            {sources.length > 8 && (
              <label className="search">
                <Icon name="search" size={16} />
                <input type="search" value={query} placeholder={t("scope.search")} aria-label={t("scope.search")} onChange={(event) => setQuery(event.target.value)} />
              </label>
            )}
            {shown.length === 0 && <p role="status">{t("library.none", { query: query.trim() })}</p>}
            <ul aria-label={t("scope.these")}>
              {shown.map((source) => {
                const name = nameOf(source);
                return (
                  <li key={name}>
                    <label>
                      <input type="checkbox" checked={chosen.has(name)} disabled={!chosen.has(name) && chosen.size >= MOST_SOURCES} onChange={() => toggle(name)} />
                      <Icon name={source.documentId ? "book" : "play"} size={14} />
                      <span>{titleOf(source)}</span>
                    </label>
                  </li>
                );
              })}
            </ul>
          </div>
        )}
        {option("everything", t("scope.everything"), t("scope.everything.hint"))}
      </div>
      {turns.length > 0 && <p className="scope-note">{t("scope.anew")}</p>}
    </Dialog>
  );
}

/** Everything that can be asked now. */
function useSources(): SourceDto[] {
  const bridge = useBridge();
  const { list: lectures } = useWatch(bridge.lectures.state);
  const { list: documents } = useWatch(bridge.documents.state);
  return useMemo(
    () => [
      ...(documents ?? []).filter(({ canBeAsked }) => canBeAsked).map(({ documentId }) => ({ documentId })),
      ...(lectures ?? []).filter(({ state }) => state === "ready").map(({ lectureId }) => ({ lectureId })),
    ],
    [lectures, documents],
  );
}

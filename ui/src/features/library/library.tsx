/** The lectures and documents a person can open: searched, sorted, each with how it stands. */
import { type ReactNode, useDeferredValue, useEffect, useMemo, useState } from "react";
import type { Upload } from "@/shared/bridge/bridge";
import { useBridge } from "@/shared/bridge/context";
import { code } from "@/shared/failure";
import { inWords } from "@/shared/format/sentence";
import { prefer, preferences } from "@/shared/preferences";
import { useSelect } from "@/shared/store/use-select";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { Icon } from "@/shared/ui/icon";
import { useKeptKeyboard } from "@/shared/ui/keep";
import { DocumentRow } from "./document-row";
import { LectureRow } from "./row";
import { type Entry, type Order, type Shown, arrange, entries } from "./arrange";
import "./library.css";

interface Props {
  onAdd: () => void;
  /** What is on its way to the server, above the list. */
  children?: ReactNode;
  /** Shown while the only lecture is the sample, or there is none. */
  welcome: ReactNode;
  /** Whether the server has classes, which bring more to the library. */
  classes: boolean;
  /** Whether pictures of first pages cost the server little, as where the files lie beside it. */
  covers: boolean;
}

export function Library({ onAdd, children, welcome, classes, covers }: Props) {
  const { lectures, documents, uploads } = useBridge();
  const { list, failure, windows } = useWatch(lectures.state);
  const books = useWatch(documents.state);
  const [query, setQuery] = useState("");
  const { order } = useWatch(preferences);
  const [kind, setKind] = useState<Shown>("all");
  const wanted = useDeferredValue(query);
  const sending = useSelect(uploads.list, onTheWay);
  const all = useMemo(() => {
    // What this page is sending has a row of its own until it has arrived.
    const own = new Set(sending.split(" "));
    const arrived = <T extends { state: string }>(among: T[] | undefined, name: (one: T) => string) => (among ?? []).filter((one) => one.state !== "uploading" || !own.has(name(one)));
    return entries(arrived(list, ({ lectureId }) => lectureId), arrived(books.list, ({ documentId }) => documentId));
  }, [list, books.list, sending]);
  const both = all.some((entry) => entry.kind === "lecture") && all.some((entry) => entry.kind === "document");
  const shown = useMemo(() => arrange(all, wanted, order, both ? kind : "all"), [all, wanted, order, both, kind]);
  const own = all.filter((entry) => entry.kind === "document" || entry.lecture.addedBy !== "sample");
  // Some servers have no documents at all.
  const without = books.failure?.code === code.notFound;
  const unlisted = books.list || without ? undefined : books.failure;
  const usable = list !== undefined;
  useEffect(() => {
    // From here on a person can begin; the bench measures how soon that is.
    if (usable) performance.mark("usable");
  }, [usable]);
  return (
    <section className="library" aria-labelledby="library-title">
      <header className="library-head">
        <h1 id="library-title">{t("library.title")}</h1>
        <Button look="primary" icon="plus" onClick={onAdd}>
          {t("library.add")}
        </Button>
      </header>
      {welcome}
      {children}
      {list && all.length > 1 && (
        <div className="library-tools">
          <label className="search">
            <Icon name="search" size={18} />
            <input type="search" value={query} placeholder={t("library.search")} aria-label={t("library.search")} onChange={(event) => setQuery(event.target.value)} />
          </label>
          {both && (
            <label className="sort">
              <select value={kind} aria-label={t("library.kind")} onChange={(event) => setKind(event.target.value as Shown)}>
                <option value="all">{t("library.kind.all")}</option>
                <option value="lecture">{t("library.kind.lecture")}</option>
                <option value="document">{t("library.kind.document")}</option>
              </select>
            </label>
          )}
          <label className="sort">
            <span>{t("library.sort")}</span>
            <select value={order} onChange={(event) => prefer({ order: event.target.value as Order })}>
              <option value="newest">{t("library.sort.newest")}</option>
              <option value="title">{t("library.sort.title")}</option>
              <option value="longest">{t("library.sort.longest")}</option>
            </select>
          </label>
        </div>
      )}
      {list === undefined ? (
        failure ? (
          <Calm icon="offline" title={t("server.gone")} action={<Button onClick={() => void Promise.all([lectures.refresh(), documents.refresh()])}>{t("retry")}</Button>}>
            {inWords(failure)}
          </Calm>
        ) : (
          <RowSkeletons />
        )
      ) : (
        <Rows shown={shown} kind={both ? kind : "all"} query={wanted} windows={windows} steps={books.steps} covers={covers} />
      )}
      <p className="unseen" role="status">
        {list && wanted && t("library.found", { count: shown.length })}
      </p>
      {list && unlisted && (
        <Calm small icon="offline" title={t("library.noDocuments")} action={<Button onClick={() => void documents.refresh()}>{t("retry")}</Button>}>
          {inWords(unlisted)}
        </Calm>
      )}
      {/* Nothing is called empty before all of it is known. */}
      {list && (books.list || without) && own.length === 0 && <Teach onAdd={onAdd} />}
      {list && classes && (
        <p className="library-classes">
          <a href="#/classes">{t("classes.go")}</a>
        </p>
      )}
    </section>
  );
}

/** What is being sent; as one text, so that progress alone draws nothing again. */
const onTheWay = (list: Upload[]) => list.flatMap(({ lectureId, documentId, state }) => (state !== "processing" ? (lectureId ?? documentId ?? []) : [])).join(" ");

const NONE = { all: "library.none", lecture: "library.none.lecture", document: "library.none.document" } as const;

type Counted = Record<string, { done: number; total: number }>;

interface RowsProps {
  shown: Entry[];
  kind: Shown;
  query: string;
  windows: Counted;
  steps: Counted;
  covers: boolean;
}

function Rows({ shown, kind, query, windows, steps, covers }: RowsProps) {
  const list = useKeptKeyboard<HTMLUListElement>(shown.length);
  if (shown.length === 0 && query) {
    return (
      <Calm icon="search" title={t(NONE[kind], { query })} small>
        {t("library.none.hint")}
      </Calm>
    );
  }
  return (
    <ul ref={list} className="rows" tabIndex={-1} aria-label={t("library.title")}>
      {shown.map((entry) =>
        entry.kind === "lecture" ? (
          <LectureRow key={entry.id} lecture={entry.lecture} window={windows[entry.id]} />
        ) : (
          <DocumentRow key={entry.id} document={entry.document} cover={covers} step={steps[entry.id]} />
        ),
      )}
    </ul>
  );
}

function Teach({ onAdd }: { onAdd: () => void }) {
  return (
    <button type="button" className="teach" onClick={onAdd}>
      <Icon name="upload" size={26} />
      <span className="teach-title">{t("library.empty.title")}</span>
      <span className="teach-text">{t("library.empty.text")}</span>
      <span className="teach-kinds">{t("library.empty.kinds")}</span>
    </button>
  );
}

function RowSkeletons() {
  return (
    <div className="rows" aria-busy="true" aria-label={t("loading")} role="status">
      {[0, 1, 2].map((n) => (
        <div key={n} className="row row-skeleton" />
      ))}
    </div>
  );
}

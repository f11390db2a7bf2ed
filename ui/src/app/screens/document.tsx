/** A document with its conversation: its pages, what stands where, and what is asked about them. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { AskPanel } from "@/features/ask/ask-panel";
import type { Turn } from "@/features/ask/conversation";
import { isOnly } from "@/features/ask/scope";
import { useConversation } from "@/features/ask/use-conversation";
import { useThread } from "@/features/ask/use-thread";
import { Conversations } from "@/features/conversations/conversations";
import { Bar, zoomed } from "@/features/document/bar";
import { Book } from "@/features/document/book";
import { Contents } from "@/features/document/contents";
import { CitedFigures } from "@/features/document/figures";
import { useReaderKeys } from "@/features/document/keys";
import type { Mark } from "@/features/document/page";
import { type Jump, Reader } from "@/features/document/reader";
import { useSearch } from "@/features/document/use-search";
import { Keep } from "@/features/packs/keep";
import { useBridge } from "@/shared/bridge/context";
import { useClips } from "@/shared/bridge/use-clips";
import { inWords } from "@/shared/format/sentence";
import { prefer, preferences } from "@/shared/preferences";
import { pagesLeft } from "@/shared/preferences/places";
import type { CitationDto, DocumentDto, SessionDto } from "@/shared/protocol";
import { useLoaded, useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button, IconButton } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import { ClipsNote } from "@/shared/ui/clip-note";
import { Icon } from "@/shared/ui/icon";
import { Wait } from "@/shared/ui/wait";
import { addressOf, go, quoting } from "../route";
import { Beside, useViews } from "./beside";
// The one column overrides what is above it.
import "@/features/document/document.css";

interface Props {
  id: string;
  page: number | null;
  /** The last of several pages that the words are quoted from. */
  until: number | null;
  /** Words on the page to be marked. */
  words: string | null;
  session: string | null;
  ask: string | null;
  /** Another one for each arrival, also at the same place. */
  visit: unknown;
}

export function DocumentScreen(props: Props) {
  const { documents } = useBridge();
  const { list, failure } = useWatch(documents.state);
  const document = list?.find(({ documentId }) => documentId === props.id);
  if (list && !document) {
    return (
      <Calm icon="search" title={t("document.gone.title")} action={<a className="button button-primary" href="#/">{t("lecture.gone.back")}</a>}>
        {t("lecture.gone.text")}
      </Calm>
    );
  }
  if (document && !document.canBeAsked) {
    return (
      <Calm icon="book" title={document.title} action={<a className="button button-plain" href="#/">{t("lecture.gone.back")}</a>}>
        {document.error ? inWords(document.error) : t("lecture.notReady")}
      </Calm>
    );
  }
  if (!list && failure) return <Calm icon="offline" title={inWords(failure)} action={<Button onClick={() => void documents.refresh()}>{t("retry")}</Button>} />;
  if (!document) return <Wait />;
  return <Open document={document} {...props} />;
}

/** The place is written into the address once a person stays on a page. */
const STAYED_MS = 400;
const ALONE = /^[-–—]?$/;

function Open({ document: { documentId: id, title, pages, hasPictures }, page: wanted, until, words, session, ask, visit }: Props & { document: DocumentDto }) {
  const { documents, connection, server } = useBridge();
  const count = Math.max(1, pages ?? 1);
  const [book] = useState(() => new Book(id, count, documents));
  useEffect(() => connection.subscribe(() => connection.get().phase === "open" && book.recover()), [connection, book]);
  const clips = useClips();
  const { value: outline, failure: outlineFailure, again: outlineAgain } = useLoaded(`outline:${id}`, () => documents.outline(id));
  const { value: discovery } = useLoaded("discovery", () => server.discovery());
  const own = useMemo(() => ({ documentId: id }), [id]);
  const first = () => Math.min(count, wanted ?? pagesLeft.of(id) ?? 1);
  const [page, setPage] = useState(first);
  const [jump, setJump] = useState<Jump | null>(() => ({ page: first(), mark: false }));
  const [quoted, setQuoted] = useState<Mark[]>([]);
  const conversation = useConversation({
    scope: [own],
    lecture: { playing: () => clips.now.get() !== null, pause: () => clips.stop(), resume: () => undefined },
    place: (scope) => ({ playhead: null, page: isOnly(scope, id) ? page : null }),
  });
  const { phase, sessionId } = useWatch(conversation.state);
  const { pageZoom: zoom, pageText, contents } = useWatch(preferences);
  const pictures = hasPictures && !pageText;
  const views = useViews<"pages" | "contents">("pages");
  const { show, narrow } = views;
  const looking = useSearch(book);
  const scroller = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);

  const to = useCallback(
    (number: number) => {
      setJump({ page: Math.min(count, Math.max(1, number)), mark: false });
      if (narrow) show("pages");
    },
    [count, narrow, show],
  );
  /** Opens a page with the words that are quoted from it. */
  const quote = useCallback(
    async (from: number, until: number, excerpt: string) => {
      setQuoted([]);
      setJump({ page: from, mark: false });
      show("pages");
      const places = await book.quoted(from, until, excerpt);
      setQuoted(places.map((place) => ({ ...place, kind: "cited" })));
      setJump({ page: places[0]?.page ?? from, mark: places.length > 0 });
    },
    [book, show],
  );
  const goToHit = (at: number) => {
    const hit = looking.hits?.[at];
    if (!hit) return;
    looking.go(at);
    setJump({ page: hit.page, mark: true });
    if (narrow) show("pages");
  };
  const hits = looking.hits;
  const hit = hits?.[looking.at];
  const firstHit = hits?.[0] && looking.at === 0 ? `${looking.query}:${hits[0].page}:${hits[0].from}` : "";
  useEffect(() => {
    // Typing goes to the first place; more that is found behind it moves nothing.
    if (firstHit && hit) setJump({ page: hit.page, mark: true });
  }, [firstHit]);
  const marks = useMemo(() => {
    const found: Mark[] = hits ? hits.map((one) => ({ ...one, kind: one === hit ? "hit-now" : "hit" })) : quoted;
    const among = new Map<number, Mark[]>();
    // What is looked at now is what a page that shows several comes to.
    for (const mark of [...found].sort((a, b) => Number(b.kind === "hit-now") - Number(a.kind === "hit-now"))) among.set(mark.page, [...(among.get(mark.page) ?? []), mark]);
    return among;
  }, [hits, hit, quoted]);

  useEffect(() => {
    document.title = `${title} · SynapScribe`;
    prefer({ welcomed: true });
  }, [title]);
  useEffect(() => {
    if (wanted === null) return;
    if (words && !ALONE.test(words)) void quote(Math.min(count, wanted), until ?? wanted + 1, words);
    else to(wanted);
  }, [visit]);
  useThread(session, conversation);
  useEffect(() => {
    // Words that are to be seen come first.
    if (session && !words) show("ask");
  }, [session]);
  useEffect(() => {
    if (ask) void conversation.askText(ask);
  }, [ask, conversation]);
  const asking = phase !== "idle";
  useEffect(() => {
    // Whoever asks sees that they are heard, and the answer.
    if (asking) show("ask");
  }, [asking, show]);
  useEffect(() => {
    // The address remembers the page and the thread, so that loading it again finds them.
    const timer = setTimeout(() => {
      pagesLeft.keep(id, page);
      history.replaceState(null, "", addressOf({ documentId: id }, { page, session: sessionId }));
    }, STAYED_MS);
    return () => clearTimeout(timer);
  }, [id, page, sessionId]);
  useReaderKeys(
    {
      leaf: (by) => to(page + by),
      to,
      last: () => to(count),
      zoom: (step) => prefer({ pageZoom: step === 0 ? 1 : zoomed(zoom, step) }),
      contents: () => prefer({ contents: !contents }),
      search: () => field.current?.focus(),
    },
    scroller,
  );

  const open = (found: SessionDto) => {
    conversation.load(found);
    show("ask");
  };
  // Earlier turns stay as they are drawn while a question is asked, so these do, too.
  const reveal = useCallback(
    (citation: CitationDto) => {
      const { documentId, pages: there, excerpt, from } = citation;
      conversation.hush();
      if (documentId === id && there) void quote(there.from, there.to, excerpt);
      else go(addressOf(citation, documentId ? { ...quoting(citation), session: sessionId } : { at: from, session: sessionId }));
    },
    [id, sessionId, conversation, quote],
  );
  const play = useCallback(
    (citation: CitationDto) => {
      if (citation.documentId) return reveal(citation);
      conversation.hush();
      clips.play(citation.lectureId, citation);
    },
    [reveal, conversation, clips],
  );
  const figures = useCallback((citations: CitationDto[]) => <CitedFigures citations={citations} onOpen={reveal} />, [reveal]);
  const keep = useCallback(({ queryId }: Turn) => sessionId && queryId && <Keep turn={{ sessionId, queryId }} title={title} />, [sessionId, title]);
  const withContents = narrow || contents || hits !== null;
  return (
    <Beside
      views={views}
      all={[
        { name: "pages", label: t("reader.pages"), main: true },
        { name: "contents", label: t(hits ? "reader.hits" : "reader.contents"), main: true },
        { name: "ask", label: t("ask.tab") },
        { name: "talks", label: t("talks.tab") },
      ]}
      action={
        sessionId && (
          <IconButton
            icon="plus"
            label={t("talks.new")}
            onClick={() => {
              conversation.begin();
              show("ask");
            }}
          />
        )
      }
      main={
        <>
          <header className="beside-head">
            <a className="icon-button" href="#/" aria-label={t("lecture.back")} title={t("lecture.back")}>
              <Icon name="back" size={22} />
            </a>
            <h1 title={title}>{title}</h1>
            <ClipsNote clips={clips} />
          </header>
          <Bar
            page={page}
            count={count}
            onPage={to}
            zoom={zoom}
            onZoom={(pageZoom) => prefer({ pageZoom })}
            pictures={hasPictures ? pictures : null}
            onPictures={(shown) => prefer({ pageText: !shown })}
            contents={narrow ? null : contents}
            onContents={(shown) => prefer({ contents: shown })}
            search={{
              query: looking.query,
              at: looking.at,
              hits: hits?.length ?? 0,
              more: looking.more,
              none: looking.none,
              set: looking.set,
              step: (by) => hits && goToHit((looking.at + by + hits.length) % hits.length),
            }}
            field={field}
          />
          <div className={!narrow && withContents ? "reader reader-with-contents" : "reader"}>
            {withContents && <Contents outline={outline} failure={outlineFailure} onAgain={outlineAgain} page={page} onPage={to} hits={hits} hit={looking.at} none={looking.none} onHit={goToHit} />}
            <Reader book={book} pictures={pictures} zoom={zoom} marks={marks} jump={jump} onPage={setPage} scroller={scroller} />
          </div>
        </>
      }
      side={
        views.talks ? (
          <Conversations of={own} current={sessionId} onOpen={open} onDeleted={(gone) => gone === sessionId && conversation.begin()} />
        ) : (
          <AskPanel
            conversation={conversation}
            own={own}
            suggestion={undefined}
            onPlay={play}
            onShow={reveal}
            onContinue={null}
            beside={figures}
            keep={discovery?.features.includes("packs") ? keep : undefined}
          />
        )
      }
    />
  );
}

/** One page, as its picture or as its text, with what is marked on it. */
import { memo, useCallback, useEffect, useRef, useState } from "react";
import { inWords } from "@/shared/format/sentence";
import type { BlockDto, PageDto } from "@/shared/protocol";
import { useSelect } from "@/shared/store/use-select";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";
import type { Book, Texts } from "./book";
import { areas, marked, type Place } from "./find";

export interface Mark extends Place {
  kind: "cited" | "hit" | "hit-now";
}

interface Props {
  book: Book;
  number: number;
  /** Whether it is shown as its picture. */
  picture: boolean;
  /** In pixels of the page. */
  width: number;
  zoom: number;
  marks: Mark[];
}

/** Whoever leafs through wants no pictures of what flies by. */
const SETTLED_MS = 120;

export const PageView = memo(function PageView({ book, number, picture, width, zoom, marks }: Props) {
  const there = useSelect(book.texts, useCallback(({ pages }: Texts) => pages.has(number), [number]));
  // Drawn again when it turns out to be of another shape.
  useSelect(book.shapes, useCallback((shapes: ReadonlyMap<number, number>) => shapes.get(number), [number]));
  const page = there ? book.texts.get().pages.get(number) : undefined;
  const returns = useWatch(book.returns);
  /** A picture that failed is tried again once the server was away and is back. */
  const [hidden, setHidden] = useState<number | null>(null);
  useEffect(() => {
    if (!there) void book.want(number);
  }, [there, book, number, returns]);
  const label = page?.label ? t("page.labelled", { page: number, label: page.label }) : t("page.number", { page: number });
  const shown = picture && hidden !== returns && !page?.error;
  return (
    <section className={shown ? "page page-picture" : "page page-text"} aria-label={label} data-page={number} style={shown ? { width, height: width * book.shape(number) } : { fontSize: `${zoom}rem` }}>
      {shown ? (
        <Picture book={book} page={page} number={number} width={width} label={label} marks={marks} onFailed={() => setHidden(book.returns.get())} />
      ) : (
        <>
          <p className="page-label" aria-hidden="true">
            {label}
          </p>
          <Text book={book} number={number} page={page} marks={marks} />
        </>
      )}
    </section>
  );
});

interface PictureProps {
  book: Book;
  page: PageDto | undefined;
  number: number;
  width: number;
  label: string;
  marks: Mark[];
  onFailed: () => void;
}

function Picture({ book, page, number, width, label, marks, onFailed }: PictureProps) {
  const [url, setUrl] = useState<string | null>(null);
  const failed = useRef(onFailed);
  failed.current = onFailed;
  const pixels = width * (window.devicePixelRatio || 1);
  useEffect(() => {
    let made: string | null = null;
    let gone = false;
    const timer = setTimeout(() => {
      book.picture(number, pixels).then(
        (blob) => {
          if (gone) return;
          made = URL.createObjectURL(blob);
          setUrl(made);
        },
        () => !gone && failed.current(),
      );
    }, SETTLED_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
      // The one that follows takes its place first.
      const old = made;
      if (old) setTimeout(() => URL.revokeObjectURL(old), 2000);
    };
  }, [book, number, pixels]);
  const lines = marks.flatMap((mark) => {
    const block = page?.blocks[mark.block];
    return block ? areas(block, mark.from, mark.to).map((area) => ({ ...mark, area })) : [];
  });
  return (
    <>
      {url ? (
        <img className="page-image" src={url} alt="" draggable={false} onLoad={({ currentTarget }) => book.seen(number, currentTarget.naturalWidth, currentTarget.naturalHeight)} />
      ) : (
        <div className="page-wait" role="status" aria-label={`${t("loading")}: ${label}`} />
      )}
      {lines.map(({ area, block, from, kind }) => (
        <span
          key={`${kind}${block}-${from}-${area.left}-${area.top}`}
          className={`area area-${kind}`}
          data-mark={kind}
          style={{ left: `${area.left * 100}%`, top: `${area.top * 100}%`, width: `${(area.right - area.left) * 100}%`, height: `${(area.bottom - area.top) * 100}%` }}
        />
      ))}
      {/* What a picture says, for those who do not see it. */}
      <div className="page-words">{page?.blocks.map((block, index) => <p key={index}>{block.text}</p>)}</div>
    </>
  );
}

function Text({ book, number, page, marks }: { book: Book; number: number; page: PageDto | undefined; marks: Mark[] }) {
  const { failure } = useWatch(book.texts);
  if (!page && failure) return <Calm small icon="offline" title={inWords(failure)} action={<Button onClick={() => book.again(number)}>{t("retry")}</Button>} />;
  if (!page) return <div className="page-wait page-wait-text" role="status" aria-label={t("loading")} />;
  if (page.error) {
    return (
      <Calm small icon="warning" title={t("page.failed")}>
        {inWords(page.error)}
      </Calm>
    );
  }
  if (page.blocks.length === 0) return <p className="dim">{t("page.empty")}</p>;
  return page.blocks.map((block, index) => <Block key={index} block={block} marks={marks.filter((mark) => mark.block === index)} />);
}

function Block({ block, marks }: { block: BlockDto; marks: Mark[] }) {
  const words = marked(block.text, marks).map(({ text, kind }, at) =>
    kind ? (
      <mark key={at} className={`words-${kind}`} data-mark={kind}>
        {text}
      </mark>
    ) : (
      text
    ),
  );
  switch (block.kind) {
    case "heading": {
      const Heading = `h${Math.min(6, (block.level ?? 1) + 1)}` as "h2";
      return <Heading>{words}</Heading>;
    }
    case "listitem":
      return <p className="block-item">{words}</p>;
    case "caption":
      return <p className="block-caption">{words}</p>;
    case "code":
      return <pre tabIndex={0}>{words}</pre>;
    case "table":
      return marks.length > 0 ? <p className="block-table">{words}</p> : <Table text={block.text} />;
    default:
      return <p>{words}</p>;
  }
}

/** The rows of a table are lines with ` | ` between cells. */
function Table({ text }: { text: string }) {
  return (
    <div className="block-rows" tabIndex={0} role="region" aria-label={t("page.table")}>
      <table>
        <tbody>
          {text.split("\n").map((row, at) => (
            <tr key={at}>
              {row.split(" | ").map((cell, column) => (
                <td key={column}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

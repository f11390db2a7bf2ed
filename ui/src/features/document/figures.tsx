/** Figures that belong to what an answer rests on. */
import { useEffect, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import type { CitationDto, FigureDto } from "@/shared/protocol";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { missing, needed, type Shown } from "./figured";
import "./figures.css";

/** More than these are looked at on their pages. */
const MOST = 3;
/** A smaller part of a page than this is an ornament. */
const SMALLEST = 0.02;
/** A figure that is named is looked for on so many pages before and behind. */
const AROUND = 4;
const WIDTH = 480;

interface Cited extends Shown {
  citation: CitationDto;
}

export function CitedFigures({ citations, onOpen }: { citations: CitationDto[]; onOpen: (citation: CitationDto) => void }) {
  const { documents } = useBridge();
  const printed = citations.filter(({ documentId, pages }) => documentId && pages);
  const key = printed.map(({ documentId, pages, excerpt }) => `${documentId}:${pages?.from}-${pages?.to} ${excerpt}`).join(" ");
  const { value } = useLoaded(`figures:${key}`, async () => {
    const found: Cited[] = [];
    const names = new Set<string>();
    for (const citation of printed) {
      const { documentId, pages, excerpt } = citation;
      if (!documentId || !pages || found.length >= MOST) continue;
      const large = async (from: number, to: number): Promise<Shown[]> => {
        const read = from > to ? [] : await documents.pages(documentId, from, to);
        return read.flatMap((page) => page.figures.filter(isLarge).map((figure) => ({ page: page.number, figure })));
      };
      const beside = await large(pages.from, pages.to);
      const around = missing(excerpt, beside) ? [...(await large(Math.max(1, pages.from - AROUND), pages.from - 1)), ...(await large(pages.to + 1, pages.to + AROUND))] : [];
      for (const shown of needed(excerpt, beside, around)) {
        const name = nameOf(documentId, shown);
        if (names.has(name)) continue;
        names.add(name);
        found.push({ citation, ...shown });
      }
    }
    return found.slice(0, MOST);
  });
  if (!value || value.length === 0) return null;
  return (
    <ul className="figures" aria-label={t("figures.list")}>
      {value.map((cited) => (
        <li key={nameOf(cited.citation.documentId ?? "", cited)}>
          <FigureView cited={cited} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  );
}

function FigureView({ cited, onOpen }: { cited: Cited; onOpen: (citation: CitationDto) => void }) {
  const { documents } = useBridge();
  const { citation, page, figure } = cited;
  const [url, setUrl] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  const { left, top, right, bottom } = figure.area;
  const id = citation.documentId ?? "";
  useEffect(() => {
    let made: string | null = null;
    let gone = false;
    documents.picture(id, page, WIDTH, { left, top, right, bottom }).then(
      (blob) => {
        if (!gone) setUrl((made = URL.createObjectURL(blob)));
      },
      () => !gone && setFailed(true),
    );
    return () => {
      gone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [documents, id, page, left, top, right, bottom]);
  if (failed) return null;
  const words = figure.caption || t("figures.on", { page });
  return (
    <button type="button" className="figure" onClick={() => onOpen({ ...citation, pages: { from: page, to: page } })}>
      {url ? <img src={url} alt="" /> : <span className="figure-wait" />}
      <span className="figure-caption">{words}</span>
    </button>
  );
}

function nameOf(id: string, { page, figure: { area } }: Shown): string {
  return `${id}:${page}-${area.top}-${area.left}`;
}

function isLarge({ area }: FigureDto): boolean {
  return (area.right - area.left) * (area.bottom - area.top) >= SMALLEST;
}

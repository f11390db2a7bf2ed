/** Figures of the pages that an answer rests on. */
import { useEffect, useState } from "react";
import { useBridge } from "@/shared/bridge/context";
import type { CitationDto, FigureDto } from "@/shared/protocol";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import "./figures.css";

/** More than these are looked at on their pages. */
const MOST = 3;
/** A smaller part of a page than this is an ornament. */
const SMALLEST = 0.02;
const WIDTH = 480;

interface Cited {
  citation: CitationDto;
  page: number;
  figure: FigureDto;
}

export function CitedFigures({ citations, onOpen }: { citations: CitationDto[]; onOpen: (citation: CitationDto) => void }) {
  const { documents } = useBridge();
  const printed = citations.filter(({ documentId, pages }) => documentId && pages);
  const key = printed.map(({ documentId, pages }) => `${documentId}:${pages?.from}-${pages?.to}`).join(" ");
  const { value } = useLoaded(`figures:${key}`, async () => {
    const found: Cited[] = [];
    const looked = new Set<string>();
    for (const citation of printed) {
      const { documentId, pages } = citation;
      if (!documentId || !pages || found.length >= MOST) continue;
      for (const page of await documents.pages(documentId, pages.from, pages.to)) {
        const name = `${documentId}:${page.number}`;
        if (looked.has(name)) continue;
        looked.add(name);
        found.push(...page.figures.filter(isLarge).map((figure) => ({ citation, page: page.number, figure })));
      }
    }
    return found.slice(0, MOST);
  });
  if (!value || value.length === 0) return null;
  return (
    <ul className="figures" aria-label={t("figures.list")}>
      {value.map((cited) => (
        <li key={`${cited.citation.documentId}${cited.page}-${cited.figure.area.top}-${cited.figure.area.left}`}>
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

function isLarge({ area }: FigureDto): boolean {
  return (area.right - area.left) * (area.bottom - area.top) >= SMALLEST;
}

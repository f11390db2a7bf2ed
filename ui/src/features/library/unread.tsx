/** The pages of a document that could not be read, why, and how they may be read after all. */
import { useBridge } from "@/shared/bridge/context";
import { inWords } from "@/shared/format/sentence";
import type { DocumentDto } from "@/shared/protocol";
import { useLoaded } from "@/shared/store/use-watch";
import { t } from "@/shared/text";
import { Button } from "@/shared/ui/button";
import { Calm } from "@/shared/ui/calm";

export function Unread({ document: { documentId: id, failedPages, canBeAsked, own, state } }: { document: DocumentDto }) {
  const { documents, uploads } = useBridge();
  const { value: pages, failure, again } = useLoaded(`unread:${id}:${failedPages}`, () => documents.unread(id));
  if (failure) return <Calm small icon="warning" title={inWords(failure)} action={<Button onClick={again}>{t("retry")}</Button>} />;
  if (!pages) return <div className="unread" role="status" aria-label={t("loading")} />;
  return (
    <div className="unread">
      <ul>
        {pages.map(({ number, error }) => {
          const name = t("page.number", { page: number });
          return (
            <li key={number}>
              {canBeAsked ? <a href={`#/document/${encodeURIComponent(id)}?page=${number}`}>{name}</a> : name}: {inWords(error)}
            </li>
          );
        })}
      </ul>
      {/* As long as it is being made, its file would make a second one. */}
      {own && state === "ready" && (
        <>
          <p>{t("row.unread.again")}</p>
          <Button icon="file" onClick={() => void uploads.pick("files")}>
            {t("row.unread.choose")}
          </Button>
        </>
      )}
    </div>
  );
}

/** What sources are called; nothing as long as that is not known. */
import { useCallback } from "react";
import { useBridge } from "./context";
import type { CitationDto, SourceDto } from "@/shared/protocol";
import { useWatch } from "@/shared/store/use-watch";
import { t } from "@/shared/text";

export function useTitles(): (source: SourceDto | CitationDto) => string | undefined {
  const bridge = useBridge();
  const { list: lectures } = useWatch(bridge.lectures.state);
  const { list: documents } = useWatch(bridge.documents.state);
  return useCallback(
    ({ lectureId, documentId }) => {
      if ((documentId ? documents : lectures) === undefined) return undefined;
      const title = documentId ? documents?.find((one) => one.documentId === documentId)?.title : lectures?.find((one) => one.lectureId === lectureId)?.title;
      return title ?? t("scope.unknown");
    },
    [lectures, documents],
  );
}

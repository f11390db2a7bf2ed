/** `GET /api/documents/{id}/status` */
import type { DocumentStatusDto, FailedPageDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function getUnreadPages(rest: Rest, id: string): Promise<FailedPageDto[]> {
  return (await rest.json<DocumentStatusDto>(`documents/${segment(id)}/status`)).failedPages;
}

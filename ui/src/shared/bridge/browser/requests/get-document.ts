/** `GET /api/documents/{id}` */
import type { DocumentDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export function getDocument(rest: Rest, id: string): Promise<DocumentDto> {
  return rest.json<DocumentDto>(`documents/${segment(id)}`);
}

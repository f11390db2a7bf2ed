/** `GET /api/documents` */
import type { DocumentDto, DocumentsDto } from "@/shared/protocol";
import type { Rest } from "../rest";

export async function getDocuments(rest: Rest): Promise<DocumentDto[]> {
  return (await rest.json<DocumentsDto>("documents")).documents;
}

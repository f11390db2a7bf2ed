/** `GET /api/documents/{id}/outline` */
import type { OutlineDto, OutlineEntryDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function getOutline(rest: Rest, id: string): Promise<OutlineEntryDto[]> {
  return (await rest.json<OutlineDto>(`documents/${segment(id)}/outline`)).entries;
}

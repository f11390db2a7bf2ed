/** `GET /api/documents/{id}/pages` */
import type { PageDto, PagesReadDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function getPages(rest: Rest, id: string, from: number, to: number): Promise<PageDto[]> {
  return (await rest.json<PagesReadDto>(`documents/${segment(id)}/pages?from=${from}&to=${to}`)).pages;
}

/** `GET /api/documents/{id}/cover.png` */
import { type Rest, segment } from "../rest";

export async function getCover(rest: Rest, id: string, width: number): Promise<Blob> {
  return (await rest.call("GET", `documents/${segment(id)}/cover.png?width=${width}`)).blob();
}

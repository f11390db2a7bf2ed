/** `GET /api/documents/{id}/pages/{page}/picture.png` */
import type { AreaDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function getPicture(rest: Rest, id: string, page: number, width: number, part?: AreaDto): Promise<Blob> {
  const among = part ? `&left=${part.left}&top=${part.top}&right=${part.right}&bottom=${part.bottom}` : "";
  return (await rest.call("GET", `documents/${segment(id)}/pages/${page}/picture.png?width=${width}${among}`)).blob();
}

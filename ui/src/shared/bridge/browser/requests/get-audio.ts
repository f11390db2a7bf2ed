/** `GET /api/lectures/{id}/audio` */
import type { LinkDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function getAudio(rest: Rest, id: string): Promise<string> {
  return (await rest.json<LinkDto>(`lectures/${segment(id)}/audio`)).url;
}

/** `GET /api/sessions` */
import type { SessionDto, SessionsDto, SourceDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function getSessions(rest: Rest, of?: SourceDto): Promise<SessionDto[]> {
  const named = of?.documentId ? `?document=${segment(of.documentId)}` : of?.lectureId ? `?lecture=${segment(of.lectureId)}` : "";
  return (await rest.json<SessionsDto>(`sessions${named}`)).sessions;
}

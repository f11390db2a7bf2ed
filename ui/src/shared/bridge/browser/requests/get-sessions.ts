/** `GET /api/sessions` */
import type { SessionDto, SessionsDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function getSessions(rest: Rest, lectureId?: string): Promise<SessionDto[]> {
  const path = lectureId === undefined ? "sessions" : `sessions?lecture=${segment(lectureId)}`;
  return (await rest.json<SessionsDto>(path)).sessions;
}

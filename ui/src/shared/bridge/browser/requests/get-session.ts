/** `GET /api/sessions/{id}` */
import type { SessionDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export function getSession(rest: Rest, id: string): Promise<SessionDto> {
  return rest.json<SessionDto>(`sessions/${segment(id)}`);
}

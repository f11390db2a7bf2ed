/** `GET /api/lectures/{id}` */
import type { LectureDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export function getLecture(rest: Rest, id: string): Promise<LectureDto> {
  return rest.json<LectureDto>(`lectures/${segment(id)}`);
}

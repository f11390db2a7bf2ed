/** `GET /api/lectures` */
import type { LectureDto, LecturesDto } from "@/shared/protocol";
import type { Rest } from "../rest";

export async function getLectures(rest: Rest): Promise<LectureDto[]> {
  return (await rest.json<LecturesDto>("lectures")).lectures;
}

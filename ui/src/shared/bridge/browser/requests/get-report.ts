/** `GET /api/lectures/{id}/report` */
import type { ReportDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export function getReport(rest: Rest, id: string): Promise<ReportDto> {
  return rest.json<ReportDto>(`lectures/${segment(id)}/report`);
}

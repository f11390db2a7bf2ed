/** `GET /api/lectures/{id}/transcript` */
import type { TranscriptDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export function getTranscript(rest: Rest, id: string): Promise<TranscriptDto> {
  return rest.json<TranscriptDto>(`lectures/${segment(id)}/transcript`);
}

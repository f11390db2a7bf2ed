/** `PATCH /api/lectures/{id}/phrases`; a conflict says that somebody else changed the phrase meanwhile. */
import type { CorrectionDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function correctPhrase(rest: Rest, id: string, correction: CorrectionDto): Promise<void> {
  await rest.call("PATCH", `lectures/${segment(id)}/phrases`, correction);
}

/** `GET /api/sessions/{id}/export.md`; `null` where the server cannot write it. */
import { type Rest, segment } from "../rest";

export function getSessionMarkdown(rest: Rest, id: string): Promise<string | null> {
  return rest.optional(() => rest.text(`sessions/${segment(id)}/export.md`));
}

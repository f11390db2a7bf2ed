/** `PATCH /api/sessions/{id}` */
import { type Rest, segment } from "../rest";

export async function renameSession(rest: Rest, id: string, title: string): Promise<void> {
  await rest.call("PATCH", `sessions/${segment(id)}`, { title });
}

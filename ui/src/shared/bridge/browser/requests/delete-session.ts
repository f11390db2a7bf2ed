/** `DELETE /api/sessions/{id}` */
import { type Rest, segment } from "../rest";

export async function deleteSession(rest: Rest, id: string): Promise<void> {
  await rest.call("DELETE", `sessions/${segment(id)}`);
}

/** `DELETE /api/lectures/{id}` */
import { type Rest, segment } from "../rest";

export async function deleteLecture(rest: Rest, id: string): Promise<void> {
  await rest.call("DELETE", `lectures/${segment(id)}`);
}

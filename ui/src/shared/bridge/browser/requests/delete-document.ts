/** `DELETE /api/documents/{id}` */
import { type Rest, segment } from "../rest";

export async function deleteDocument(rest: Rest, id: string): Promise<void> {
  await rest.call("DELETE", `documents/${segment(id)}`);
}

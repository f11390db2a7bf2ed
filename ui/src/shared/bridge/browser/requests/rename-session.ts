/** `PATCH /api/sessions/{id}` */
import type { RenameDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function renameSession(rest: Rest, id: string, title: string): Promise<void> {
  await rest.call("PATCH", `sessions/${segment(id)}`, { title } satisfies RenameDto);
}

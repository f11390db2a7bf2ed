/** `PATCH /api/lectures/{id}` */
import type { RenameDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function renameLecture(rest: Rest, id: string, title: string): Promise<void> {
  await rest.call("PATCH", `lectures/${segment(id)}`, { title } satisfies RenameDto);
}

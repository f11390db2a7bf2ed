/** `PATCH /api/documents/{id}` */
import type { RenameDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

export async function renameDocument(rest: Rest, id: string, title: string): Promise<void> {
  await rest.call("PATCH", `documents/${segment(id)}`, { title } satisfies RenameDto);
}

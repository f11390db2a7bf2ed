/** `GET /api/storage`; `null` where the server does not tell. */
import type { StorageDto } from "@/shared/protocol";
import type { Rest } from "../rest";

export function getStorage(rest: Rest): Promise<StorageDto | null> {
  return rest.optional(() => rest.json<StorageDto>("storage"));
}

/** `GET /api/storage`; `null` where the server does not tell. */
import type { StorageUse } from "../../bridge";
import type { Rest } from "../rest";

export function getStorage(rest: Rest): Promise<StorageUse | null> {
  return rest.optional(() => rest.json<StorageUse>("storage"));
}

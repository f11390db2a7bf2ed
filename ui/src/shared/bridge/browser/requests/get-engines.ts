/** `GET /api/engines`; `null` where only the discovery document tells. */
import type { EngineDto, EnginesDto } from "@/shared/protocol";
import type { Rest } from "../rest";

export async function getEngines(rest: Rest): Promise<EngineDto[] | null> {
  return (await rest.optional(() => rest.json<EnginesDto>("engines")))?.engines ?? null;
}

/** `GET /api/voices`; none where the server does not tell. */
import type { Voice } from "../../bridge";
import type { Rest } from "../rest";

export async function getVoices(rest: Rest): Promise<Voice[]> {
  return (await rest.optional(() => rest.json<{ voices: Voice[] }>("voices")))?.voices ?? [];
}

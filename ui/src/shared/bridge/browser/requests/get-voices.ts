/** `GET /api/voices`; none where the server does not tell. */
import type { VoiceDto, VoicesDto } from "@/shared/protocol";
import type { Rest } from "../rest";

export async function getVoices(rest: Rest): Promise<VoiceDto[]> {
  return (await rest.optional(() => rest.json<VoicesDto>("voices")))?.voices ?? [];
}

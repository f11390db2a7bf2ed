/** `GET /api/lectures/{id}/waveform`; `null` where the server cannot draw one. */
import { type Rest, segment } from "../rest";

export async function getWaveform(rest: Rest, id: string, points: number): Promise<number[] | null> {
  const read = () => rest.json<{ points: number[] }>(`lectures/${segment(id)}/waveform?points=${points}`);
  return (await rest.optional(read))?.points ?? null;
}

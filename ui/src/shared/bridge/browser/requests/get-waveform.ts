/** `GET /api/lectures/{id}/waveform`; `null` where the server cannot draw one. */
import type { WaveformDto } from "@/shared/protocol";
import { type Rest, segment } from "../rest";

/** Peaks come as bytes. */
const LOUDEST = 255;

export async function getWaveform(rest: Rest, id: string, points: number): Promise<number[] | null> {
  const read = () => rest.json<WaveformDto>(`lectures/${segment(id)}/waveform?points=${points}`);
  const peaks = (await rest.optional(read))?.peaks;
  return peaks ? peaks.map((peak) => peak / LOUDEST) : null;
}

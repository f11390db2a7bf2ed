/** How loud samples are, and how loud a quiet recording should be made. */

/** The quietest that is drawn, in decibels below full scale. */
const FLOOR_DB = -60;

/** Loudness from 0 to 1, in even steps of decibels as the ear hears them. */
export function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  const decibels = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
}

/** A recording from a quiet microphone, raised so that its peak is near full scale; silence is left as it is. */
export function normalised(samples: Float32Array): Float32Array {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  if (peak < 0.01 || peak > 0.5) return samples;
  const gain = Math.min(8, 0.7 / peak);
  return samples.map((sample) => sample * gain);
}

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

/** Windows quieter than this share of the loudest hold no word. */
const NOTHING = 0.01;
/** What is left before the first word and after the last; soft sounds begin and end words. */
const MARGIN_SECONDS = 0.3;

/** A recording without the long silence around it, in which recognisers hear words that nobody said. */
export function trimmed(samples: Float32Array, rate: number): Float32Array {
  const size = Math.max(1, Math.round(rate / 50));
  const loud: number[] = [];
  for (let at = 0; at < samples.length; at += size) {
    let sum = 0;
    const window = samples.subarray(at, at + size);
    for (const sample of window) sum += sample * sample;
    loud.push(Math.sqrt(sum / window.length));
  }
  const least = Math.max(...loud, 0) * NOTHING;
  const first = loud.findIndex((one) => one > least);
  const last = loud.findLastIndex((one) => one > least);
  if (first < 0) return samples;
  const margin = Math.round(rate * MARGIN_SECONDS);
  return samples.subarray(Math.max(0, first * size - margin), Math.min(samples.length, (last + 1) * size + margin));
}

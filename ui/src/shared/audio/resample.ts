/** Changes the rate of mono samples once, without the mirror tones that a cheap method would leave. Knows no device. */

/** Zero crossings of the filter on each side: more is sharper and slower. */
const CROSSINGS = 24;
/** Where the filter begins to close, as a share of the lower rate's half. */
const OPEN = 0.945;

/** A windowed-sinc resampler; what is above half the new rate is removed, so that it cannot fold back. */
export function resampleMono(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to || samples.length === 0) return samples;
  const length = Math.max(1, Math.round((samples.length * to) / from));
  const out = new Float32Array(length);
  const cutoff = Math.min(1, to / from) * OPEN;
  const half = Math.ceil(CROSSINGS / cutoff);
  const phases = phaseTable(from, to, cutoff, half);
  for (let i = 0; i < length; i++) {
    // Whole-number arithmetic keeps the position exact over hours.
    const position = i * from;
    const centre = Math.floor(position / to);
    const taps = phases(position % to);
    let sum = 0;
    const first = Math.max(0, centre - half + 1);
    const last = Math.min(samples.length - 1, centre + half);
    for (let at = first; at <= last; at++) sum += (samples[at] as number) * (taps[at - centre + half - 1] as number);
    out[i] = sum;
  }
  return out;
}

/** The filter's values for each of the positions between two samples that can occur, made when first needed. */
function phaseTable(from: number, to: number, cutoff: number, half: number): (remainder: number) => Float32Array {
  const step = gcd(from, to);
  const table: (Float32Array | undefined)[] = new Array(to / step);
  return (remainder) => {
    const index = remainder / step;
    const known = table[index];
    if (known) return known;
    const taps = new Float32Array(half * 2);
    const offset = remainder / to;
    let sum = 0;
    for (let i = 0; i < taps.length; i++) {
      const x = i - half + 1 - offset;
      const window = 0.42 + 0.5 * Math.cos((Math.PI * x) / half) + 0.08 * Math.cos((2 * Math.PI * x) / half);
      taps[i] = Math.abs(x) >= half ? 0 : cutoff * sinc(cutoff * x) * window;
      sum += taps[i] as number;
    }
    // Each phase passes a constant unchanged, or the sound would be modulated.
    for (let i = 0; i < taps.length; i++) taps[i] = (taps[i] as number) / sum;
    table[index] = taps;
    return taps;
  };
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

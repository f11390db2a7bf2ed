/** The bars of speed: told as measured, and held with slack, for a story may share its processors with anything. */
import assert from "node:assert/strict";

/** With 1 the bars are held as they are. */
const SLACK = Number(process.env.SYNAPSCRIBE_SLACK ?? 4);
/** What can be measured again is held closer: whatever else runs slows some tries down, and what is slow itself all of them. */
const CLOSE = Math.min(SLACK, 1.5);
const TRIES = 3;

export function hold(story, what, millis, bar) {
  tell(story, what, millis, bar);
  assert.ok(millis <= bar * SLACK, `${what} took ${millis.toFixed(1)} ms; the bar is ${bar} ms`);
}

/** Holds the best of a few tries. */
export async function holdBest(story, what, measure, bar) {
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && best > bar * CLOSE; tries++) {
    const millis = await measure();
    tell(story, what, millis, bar);
    best = Math.min(best, millis);
  }
  assert.ok(best <= bar * CLOSE, `${what} took ${best.toFixed(1)} ms at best; the bar is ${bar} ms`);
}

const tell = (story, what, millis, bar) => story.diagnostic(`${what}: ${millis.toFixed(1)} ms, the bar is ${bar} ms`);

export const middle = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

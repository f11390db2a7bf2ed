/** The bars of speed: told as measured, and held with slack, for a story may share its processors with anything. */
import assert from "node:assert/strict";

/** With 1 the bars are held as they are. */
const SLACK = Number(process.env.SYNAPSCRIBE_SLACK ?? 4);

export function hold(story, what, millis, bar) {
  story.diagnostic(`${what}: ${millis.toFixed(1)} ms, the bar is ${bar} ms`);
  assert.ok(millis <= bar * SLACK, `${what} took ${millis.toFixed(1)} ms; the bar is ${bar} ms`);
}

export const middle = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

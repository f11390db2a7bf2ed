/** What is recorded and played, by numbers alone. */
import { expect, test } from "vitest";
import { loudness, normalised, trimmed } from "./level";
import { resampleMono } from "./resample";
import { Schedule } from "./schedule";
import { PRE_ROLL_SECONDS, Take } from "./take";
import { encodeWav } from "./wav";

const tone = (hertz: number, rate: number, seconds: number) => Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hertz * i) / rate));
const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
const middle = (samples: Float32Array) => samples.subarray(samples.length / 4, (samples.length * 3) / 4);

test.each([48_000, 44_100, 96_000, 8_000])("a tone keeps its strength and length from %i Hz", (rate) => {
  const out = resampleMono(tone(1000, rate, 1), rate, 16_000);
  expect(out.length).toBe(16_000);
  expect(rms(middle(out))).toBeCloseTo(0.5 / Math.SQRT2, 2);
});

test("what the lower rate cannot hold does not fold back into speech", () => {
  const out = resampleMono(tone(12_000, 48_000, 1), 48_000, 16_000);
  expect(rms(middle(out))).toBeLessThan(0.0005);
});

test("an hour resamples to exactly an hour", () => {
  // Ten seconds stand for it: the position is counted in whole numbers, so nothing adds up.
  expect(resampleMono(new Float32Array(441_000), 44_100, 16_000).length).toBe(160_000);
});

test("the moment before a press is kept, and no more than that", () => {
  const take = new Take(1000);
  for (let i = 0; i < 100; i++) take.hear(new Float32Array(20).fill(i));
  take.begin();
  take.hear(new Float32Array(20).fill(100));
  const all = take.end();
  const keep = PRE_ROLL_SECONDS * 1000;
  expect(all.length).toBeGreaterThanOrEqual(keep + 20);
  expect(all.length).toBeLessThan(keep + 60);
  expect(all.at(-1)).toBe(100);
  expect(all.at(-21)).toBe(99);
});

test("stretches of an answer follow each other to the sample, for an hour", () => {
  const schedule = new Schedule(16_000);
  const first = schedule.next(1_000, 10);
  let at = first;
  let samples = 1_000;
  for (let i = 0; i < 50_000; i++) {
    const length = 1_000 + (i % 7);
    at = schedule.next(length, 10);
    expect(at).toBeCloseTo(first + samples / 16_000, 9);
    samples += length;
  }
  expect(schedule.end()).toBeCloseTo(first + samples / 16_000, 6);
});

test("after a stream that ran dry the rest is played soon, and together", () => {
  const schedule = new Schedule(16_000);
  schedule.next(1_600, 0);
  const late = schedule.next(1_600, 5);
  expect(late).toBeGreaterThan(5);
  expect(late).toBeLessThan(5.06);
  expect(schedule.next(1_600, 5.01)).toBeCloseTo(late + 0.1, 9);
});

test("loudness is nothing for silence and nearly all for a shout", () => {
  expect(loudness(new Float32Array(100))).toBe(0);
  expect(loudness(tone(300, 16_000, 1))).toBeGreaterThan(0.8);
});

test("a quiet recording is raised, silence and loud ones are left alone", () => {
  const quiet = tone(300, 16_000, 1).map((one) => one * 0.1);
  expect(Math.max(...normalised(quiet))).toBeGreaterThan(0.35);
  const silent = new Float32Array(100).fill(0.001);
  expect(normalised(silent)).toBe(silent);
});

test("long silence around words is left out, a margin is not", () => {
  const whole = new Float32Array(16_000 * 4);
  whole.set(tone(300, 16_000, 1), 16_000 * 2);
  const kept = trimmed(whole, 16_000).length / 16_000;
  expect(kept).toBeGreaterThan(1.5);
  expect(kept).toBeLessThan(1.7);
});

test("a recording is written as mono 16-bit", async () => {
  const view = new DataView(await encodeWav(new Float32Array([0, 1, -1, 2]), 16_000).arrayBuffer());
  expect([view.getUint16(22, true), view.getUint32(24, true), view.getUint16(34, true), view.getUint32(40, true)]).toEqual([1, 16_000, 16, 8]);
  expect([view.getInt16(46, true), view.getInt16(48, true), view.getInt16(50, true)]).toEqual([32_767, -32_767, 32_767]);
});

/** Spoken test material, made with the same synthesiser that speaks the sample. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

/** A WAV file of a spoken text between two silences, for the fake microphone to play. */
export function speak(text, file, { before = 0.6, after = 12, rate = 16_000 } = {}) {
  execFileSync("flite", ["-voice", "slt", "-t", text, "-o", file]);
  const { samples, rate: spoken } = pcm(readFileSync(file));
  if (spoken !== rate) throw new Error(`flite spoke at ${spoken}`);
  const quiet = (seconds) => new Int16Array(Math.round(seconds * rate));
  writeFileSync(file, wav([quiet(before), samples, quiet(after)], rate));
  return { seconds: samples.length / rate, before };
}

/** Two sentences with a long silence between them, and a tone of one pitch after the second. Tells where each begins, in seconds. */
export function apart(first, second, file, { silence, tone, hertz, rate = 16_000 }) {
  const [one, two] = [first, second].map((text) => {
    execFileSync("flite", ["-voice", "slt", "-t", text, "-o", file]);
    return pcm(readFileSync(file)).samples;
  });
  const quiet = new Int16Array(silence * rate);
  const sounding = Int16Array.from({ length: tone * rate }, (_, i) => 9000 * Math.sin((2 * Math.PI * hertz * i) / rate));
  writeFileSync(file, wav([one, quiet, two, sounding], rate));
  const silent = one.length / rate;
  const tones = silent + silence + two.length / rate;
  return { silent, second: silent + silence, tones, end: tones + tone };
}

/** A tone per second, each another pitch, so that a recording tells which second it is of. */
export function tones(file, seconds, rate = 16_000) {
  const samples = new Int16Array(seconds * rate);
  for (let i = 0; i < samples.length; i++) samples[i] = 9000 * Math.sin((2 * Math.PI * (300 + 20 * Math.floor(i / rate)) * i) / rate);
  writeFileSync(file, wav([samples], rate));
}

function pcm(bytes) {
  const rate = bytes.readUInt32LE(24);
  const at = bytes.indexOf("data") + 8;
  return { rate, samples: new Int16Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + ((bytes.length - at) & ~1))) };
}

function wav(parts, rate) {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + body.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(body.length, 40);
  return Buffer.concat([head, body]);
}

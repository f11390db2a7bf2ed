/** Listens to what the page plays, from inside the browser: the sound itself, and where the lecture stands. */

/** Goes into the page before its own scripts. */
export function listenIn() {
  const connect = AudioNode.prototype.connect;
  const heard = { loud: [], chunks: 0, open: false };
  AudioNode.prototype.connect = function (target, ...rest) {
    const result = connect.call(this, target, ...rest);
    if (this instanceof MediaStreamAudioSourceNode) heard.open = true;
    if (target instanceof AudioDestinationNode && !(this instanceof AnalyserNode)) {
      const analyser = new AnalyserNode(this.context, { fftSize: 128 });
      connect.call(this, analyser);
      const samples = new Float32Array(128);
      setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
        heard.loud.push({ at: performance.now(), peak });
      }, 4);
    }
    return result;
  };
  globalThis.heard = heard;
  const start = AudioBufferSourceNode.prototype.start;
  heard.starts = [];
  AudioBufferSourceNode.prototype.start = function (when = 0) {
    const wait = Math.max(0, when - this.context.currentTime) * 1000;
    heard.starts.push({ when, wait, seconds: this.buffer.duration, at: performance.now() + wait });
    return start.call(this, when);
  };
  heard.arrived = null;
  const Socket = globalThis.WebSocket;
  globalThis.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({ data }) => {
        if (data.includes('"audio_chunk"')) heard.arrived ??= performance.now();
      });
    }
  };
  const Plain = globalThis.Audio;
  globalThis.Audio = function (...args) {
    const element = new Plain(...args);
    globalThis.lecture = element;
    return element;
  };
}

/** How the last answer was played: the wait from the wire to the loudspeaker, and the widest seam, in milliseconds. */
export const smoothness = () => {
  const { starts, arrived } = globalThis.heard;
  // What arrived when everything before it had been heard cannot be in time.
  const inTime = ({ wait }) => wait > 25;
  const seams = starts.slice(1).map((one, i) => (inTime(one) ? Math.abs(one.when - (starts[i].when + starts[i].seconds)) * 1000 : 0));
  return { wait: starts[0].at - arrived, seam: Math.max(0, ...seams), stretches: starts.length };
};

/** Whether speech is heard now. */
export const sounding = () => globalThis.heard.loud.slice(-3).some(({ peak }) => peak > 0.05);

/** Whether something was heard just before the press, and how long after it the last sound was heard, in milliseconds. */
export const silence = () => {
  const { pressed, heard } = globalThis;
  const loud = heard.loud.filter(({ peak }) => peak > 0.002);
  return {
    before: loud.some(({ at }) => at < pressed && at > pressed - 40),
    after: Math.max(0, ...loud.filter(({ at }) => at >= pressed).map(({ at }) => at - pressed)),
    looked: heard.loud.filter(({ at }) => at >= pressed).length,
  };
};

/* Hands microphone samples to the page in stretches of about 20 ms. Runs on the audio thread, so it allocates little. */

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.size = Math.round(sampleRate / 50);
    this.buffer = new Float32Array(this.size);
    this.filled = 0;
  }

  process([input]) {
    const channels = input.length;
    if (channels === 0) return true;
    const length = input[0].length;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++) sum += input[channel][i];
      this.buffer[this.filled++] = sum / channels;
      if (this.filled === this.size) {
        this.port.postMessage(this.buffer, [this.buffer.buffer]);
        this.buffer = new Float32Array(this.size);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("capture", Capture);

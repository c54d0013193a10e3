// The reverb bus: the browser's convolver with a response that a worker shapes as the knobs say.

import { ask, heard } from "./ask.js";

const SWAP_S = 0.06; // in which one room gives way to another
const KEPT = 4; // rooms that need not be shaped again: those of mixes that are compared
const shapers = new Map(); // one worker for each text: it keeps the noise that every room is cut from

function shaper(url) {
  if (!shapers.has(url)) {
    const worker = new Worker(url);
    worker.onmessage = ({ data }) => heard(data);
    shapers.set(url, worker);
  }
  return shapers.get(url);
}

export class Room {
  /** From an output of one node to an input of another; `url` is that of the worker's text. */
  constructor({ from, output, to, input, url }) {
    Object.assign(this, { from, output, to, input, context: from.context, shaper: shaper(url) });
    this.sounding = null;
    this.wanted = null; // the knobs that were asked for last
    this.shaping = null;
    this.shaped = new Map();
  }

  /** Shapes what the knobs ask for, unless they move on meanwhile, and lets it take over; null for no room. */
  async change(values, atOnce) {
    const wanted = JSON.stringify(values);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    await this.shaping;
    if (wanted !== this.wanted) return;
    this.enter(values && (await this.shape(values, wanted)), atOnce);
  }

  async shape(values, key) {
    if (!this.shaped.has(key)) {
      this.shaping = ask((token) => this.shaper.postMessage({ token, rate: this.context.sampleRate, values }));
      this.shaped.set(key, (await this.shaping).channels);
      if (this.shaped.size > KEPT) this.shaped.delete(this.shaped.keys().next().value);
    }
    return this.shaped.get(key);
  }

  enter(channels, atOnce) {
    const now = this.context.currentTime, before = this.sounding;
    this.sounding = channels && this.furnish(channels, atOnce, now);
    if (!before) return;
    before.gain.gain.setValueAtTime(1, now).linearRampToValueAtTime(0, now + SWAP_S);
    setTimeout(() => {
      this.from.disconnect(before.convolver, this.output);
      before.gain.disconnect();
    }, 1000 * SWAP_S + 100);
  }

  furnish(channels, atOnce, now) {
    const { context } = this, gain = new GainNode(context, { gain: atOnce ? 1 : 0 });
    const buffer = new AudioBuffer({ numberOfChannels: 2, length: channels[0].length, sampleRate: context.sampleRate });
    channels.forEach((channel, index) => buffer.copyToChannel(channel, index));
    const convolver = new ConvolverNode(context, { buffer, disableNormalization: true });
    this.from.connect(convolver, this.output);
    convolver.connect(gain).connect(this.to, 0, this.input);
    if (!atOnce) gain.gain.setValueAtTime(0, now).linearRampToValueAtTime(1, now + SWAP_S);
    return { convolver, gain };
  }
}

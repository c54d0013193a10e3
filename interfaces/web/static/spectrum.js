// The tone of what is playing, in the bands and against the loudness in which mixes are measured.

const SIZE = 8192;
const SETTLES_S = 0.35; // in which the picture follows what is heard
const SILENT = 1e-9; // of full scale in power: nothing is playing
const EMPTY = 1e-7; // of the whole in power, as the measured tones have it
const MONO = 1e-3; // of a band's middle: less side than that counts as none

/** Listens to a node beside its other listeners. */
export class Spectrum {
  /** @param bands { edges_hz, weights_db }, as a look document has them. */
  constructor(node, { edges_hz: edges, weights_db: weights }) {
    const { context } = node, split = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
    this.middle = analyser(context);
    this.side = analyser(context);
    node.connect(split);
    for (const [channel, sign] of [[0, 0.5], [1, -0.5]]) {
      for (const [to, gain] of [[this.middle, 0.5], [this.side, sign]]) {
        const share = new GainNode(context, { gain });
        split.connect(share, channel);
        share.connect(to);
      }
    }
    this.close = () => node.disconnect(split);
    this.data = new Float32Array(SIZE / 2);
    this.weights = weights.map((db) => 10 ** (db / 10));
    this.bins = edges.map((hz) => Math.ceil((hz * SIZE) / context.sampleRate));
    this.powers = [this.middle, this.side].map(() => new Float64Array(weights.length));
    this.seen = null;
  }

  /** Levels of the bands of middle and side in dB relative to the whole, { mid, side }; null for silence. */
  read() {
    const now = performance.now(), passed = this.seen === null ? Infinity : (now - this.seen) / 1000;
    const keep = Math.exp(-passed / SETTLES_S);
    this.seen = now;
    for (const [n, from] of [this.middle, this.side].entries()) {
      from.getFloatFrequencyData(this.data);
      this.add(this.powers[n], keep);
    }
    const [mid, side] = this.powers;
    let total = 0;
    for (const [band, weight] of this.weights.entries()) total += 2 * weight * (mid[band] + side[band]);
    if (!(total > SILENT)) return null;
    const level = (power) => 10 * Math.log10(power / total + EMPTY);
    return { mid: [...mid].map(level), side: [...side].map((power, band) => level(power + MONO * mid[band])) };
  }

  add(powers, keep) {
    for (let band = 0; band < powers.length; band++) {
      let sum = 0;
      const last = Math.min(this.bins[band + 1], this.data.length);
      for (let bin = this.bins[band]; bin < last; bin++) sum += 10 ** (this.data[bin] / 10);
      powers[band] = keep * powers[band] + (1 - keep) * sum;
    }
  }
}

const analyser = (context) => new AnalyserNode(context, { fftSize: SIZE, smoothingTimeConstant: 0, channelCount: 1 });

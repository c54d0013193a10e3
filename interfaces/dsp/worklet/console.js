// The console in the browser: two nodes of one graph, held to the same reference as every other realisation.
//
//   tracks: track -> EQ -> compressor -> fader -> panner --+--> dry ------------------------+
//                                                          +--> send -> (convolver) -> wet -+
//   master: dry + wet -> EQ -> compressor -> fader -> limiter -> mix; or the raw sum or a reference, as loud
//
// The tracks' audio lives in here, so that seeking, looping and switching are exact to the sample. Filters and
// detectors are float64, as everywhere. A knob that is moved travels to its new place, so that nothing clicks.

//@knobs

const QUANTUM = 128; // frames that the browser asks for at once
const GLIDE_S = 0.02; // time that a knob takes to its new place
const FADE = 2 * QUANTUM; // frames in which one place of the song gives way to another
const RING_OUT_S = 5; // strips go on for that long after the sound has ended
const REPORT_S = 1 / 30;
const NEPER_DB = 20 / Math.LN10;
const FLOOR = 1e-6; // peaks under -120 dBFS count as this
const BUTTERWORTH_Q = Math.SQRT1_2;

const settled = (value) => (Math.abs(value) < 1e-30 ? 0 : value); // denormal numbers are slow
const onePole = (ms) => Math.exp(-1000 / (ms * sampleRate));
const highestOf = (x, least) => x.reduce((highest, v) => Math.max(highest, Math.abs(v)), least);
const decibels = (gain) => Math.max(-200, NEPER_DB * Math.log(gain));

/** Two channels of one quantum, of which a mono track uses the first until it is panned. */
class Block {
  constructor() {
    this.left = new Float64Array(QUANTUM);
    this.right = new Float64Array(QUANTUM);
    this.channels = 2;
  }
}

/** The knobs of one processor. They travel evenly in the unit of their scale; a switch switches. */
class Knobs {
  constructor(processor) {
    this.params = KNOBS[processor];
    this.now = Object.fromEntries(this.params.map((param) => [param.name, param.default]));
    this.goal = { ...this.now };
    this.steps = 1;
  }

  /** Values that are left out stand at their defaults; `atOnce` spares the way. */
  set(values, atOnce) {
    for (const { name, default: rest } of this.params) this.goal[name] = values[name] ?? rest;
    this.steps = atOnce ? 1 : Math.ceil((GLIDE_S * sampleRate) / QUANTUM);
  }

  /** One quantum of the way; false if every knob stands still. */
  travel() {
    if (this.steps === 0) return false;
    for (const { name, scale } of this.params) {
      const from = this.now[name], to = this.goal[name];
      if (this.steps === 1 || scale === "switch") this.now[name] = to;
      else this.now[name] = scale === "log" ? from * (to / from) ** (1 / this.steps) : from + (to - from) / this.steps;
    }
    this.steps -= 1;
    return true;
  }

  get(name) {
    return this.now[name];
  }

  /** Whether a knob stands at a lowest position that means off. */
  isOff(name) {
    const param = this.params.find((entry) => entry.name === name);
    return Boolean(param.off_at_low) && this.now[name] <= param.low;
  }

  gain(name) {
    return this.isOff(name) ? 0 : 10 ** (this.now[name] / 20);
  }
}

// --- equaliser: Audio EQ Cookbook (R. Bristow-Johnson), transposed direct form II --------------------------------

/** Output gain b0, what the input adds to the two states (the way through the output included), a1, a2. */
function section(b0, b1, b2, a0, a1, a2) {
  b0 /= a0; b1 /= a0; b2 /= a0; a1 /= a0; a2 /= a0;
  return [b0, b1 - a1 * b0, b2 - a2 * b0, a1, a2];
}

function angles(hz, q) {
  const w = (2 * Math.PI * Math.min(hz, 0.49 * sampleRate)) / sampleRate;
  return [Math.cos(w), Math.sin(w) / (2 * q)];
}

function highPass(hz, q) {
  const [c, alpha] = angles(hz, q);
  return section((1 + c) / 2, -(1 + c), (1 + c) / 2, 1 + alpha, -2 * c, 1 - alpha);
}

function peaking(gainDb, hz, q) {
  const A = 10 ** (gainDb / 40);
  const [c, alpha] = angles(hz, q);
  return section(1 + alpha * A, -2 * c, 1 - alpha * A, 1 + alpha / A, -2 * c, 1 - alpha / A);
}

/** `side` is 1 for a low shelf and -1 for a high one, which is the same with the spectrum mirrored. */
function shelf(gainDb, hz, side) {
  const A = 10 ** (gainDb / 40);
  const [cosine, alpha] = angles(hz, BUTTERWORTH_Q);
  const c = side * cosine, root = 2 * Math.sqrt(A) * alpha;
  return section(
    A * (A + 1 - (A - 1) * c + root), side * 2 * A * (A - 1 - (A + 1) * c), A * (A + 1 - (A - 1) * c - root),
    A + 1 + (A - 1) * c + root, side * -2 * (A - 1 + (A + 1) * c), A + 1 + (A - 1) * c - root,
  );
}

/** Filters one channel in place; `state` holds two numbers a channel. */
function filter(x, [b0, c1, c2, a1, a2], state, channel) {
  let z1 = state[2 * channel], z2 = state[2 * channel + 1];
  for (let n = 0; n < x.length; n++) {
    const v = x[n];
    x[n] = b0 * v + z1;
    const z = z1;
    z1 = c1 * v - a1 * z + z2;
    z2 = c2 * v - a2 * z;
  }
  state[2 * channel] = settled(z1);
  state[2 * channel + 1] = settled(z2);
}

class Equalizer {
  constructor() {
    this.knobs = new Knobs("equalizer");
    this.states = Array.from({ length: 7 }, () => new Float64Array(4));
    this.bands = [];
  }

  process(block) {
    if (this.knobs.travel()) this.design();
    for (const { state, coefficients } of this.bands) {
      filter(block.left, coefficients, state, 0);
      if (block.channels === 2) filter(block.right, coefficients, state, 1);
    }
  }

  /** Flat bands are out of the circuit, and forget what they heard. */
  design() {
    const at = (name) => this.knobs.get(name);
    const shapes = [this.knobs.isOff("highpass_hz") ? null : highPass(at("highpass_hz"), BUTTERWORTH_Q)];
    shapes.push(at("low_gain_db") === 0 ? null : shelf(at("low_gain_db"), at("low_hz"), 1));
    for (const peak of ["peak1", "peak2", "peak3", "peak4"]) {
      const gainDb = at(`${peak}_gain_db`);
      shapes.push(gainDb === 0 ? null : peaking(gainDb, at(`${peak}_hz`), at(`${peak}_q`)));
    }
    shapes.push(at("high_gain_db") === 0 ? null : shelf(at("high_gain_db"), at("high_hz"), -1));
    shapes.forEach((shape, index) => shape ?? this.states[index].fill(0));
    const bands = this.states.map((state, index) => ({ state, coefficients: shapes[index] }));
    this.bands = bands.filter(({ coefficients }) => coefficients);
  }
}

// --- compressor: D. Giannoulis, M. Massberg, J. D. Reiss, JAES 60(6), 2012, equations (4) and (16) ------------------

class Compressor {
  constructor() {
    this.knobs = new Knobs("compressor");
    this.state = 0; // smoothed gain in dB
    this.makeupDb = null;
    this.deepestDb = 0; // gain since the last report
  }

  process(block) {
    if (this.knobs.travel()) this.prepare();
    const { left, right } = block, stereo = block.channels === 2;
    const { threshold, slope, half, perKnee, quiet, attack, release } = this;
    const knee = 2 * half, step = (this.goalDb - this.makeupDb) / QUANTUM;
    let state = this.state, makeup = this.makeupDb, deepest = 0;
    if (slope === 0 && state === 0 && makeup === 0 && step === 0) return;
    for (let n = 0; n < QUANTUM; n++) {
      let peak = Math.abs(left[n]), wanted = 0;
      if (stereo) peak = Math.max(peak, Math.abs(right[n]));
      if (peak > quiet) {
        const over = NEPER_DB * Math.log(Math.max(peak, FLOOR)) - threshold;
        const inside = Math.min(Math.max(over + half, 0), knee);
        wanted = slope * (inside * inside * perKnee + Math.max(over - half, 0));
      }
      state = wanted + (wanted < state ? attack : release) * (state - wanted);
      makeup += step;
      const gain = state < 0 || makeup !== 0 ? Math.exp((state + makeup) / NEPER_DB) : 1;
      left[n] *= gain;
      if (stereo) right[n] *= gain;
      if (state < deepest) deepest = state;
    }
    this.state = state > -1e-9 ? 0 : state;
    this.makeupDb = this.goalDb;
    this.deepestDb = Math.min(this.deepestDb, deepest);
  }

  /** The most since this was last asked. */
  takeReductionDb() {
    const { deepestDb } = this;
    this.deepestDb = 0;
    return -deepestDb;
  }

  prepare() {
    const at = (name) => this.knobs.get(name), knee = at("knee_db");
    this.threshold = at("threshold_db");
    this.slope = 1 / at("ratio") - 1;
    this.half = knee / 2;
    this.perKnee = knee > 0 ? 0.5 / knee : 0;
    this.quiet = 10 ** ((this.threshold - this.half) / 20);
    this.attack = onePole(at("attack_ms"));
    this.release = onePole(at("release_ms"));
    this.goalDb = at("makeup_db");
    this.makeupDb ??= this.goalDb;
  }
}

// --- levels and places: constant gains that slide to new ones within a quantum --------------------------------------

class Gain {
  constructor(processor, knob) {
    this.knobs = new Knobs(processor);
    this.knob = knob;
    this.last = null;
  }

  process(block) {
    this.knobs.travel();
    const to = this.knobs.gain(this.knob), from = this.last ?? to;
    this.last = to;
    if (from === 1 && to === 1) return;
    amplify(block.left, from, to);
    if (block.channels === 2) amplify(block.right, from, to);
  }
}

function amplify(x, from, to) {
  const step = (to - from) / QUANTUM;
  if (step === 0) for (let n = 0; n < QUANTUM; n++) x[n] *= to;
  else for (let n = 0; n < QUANTUM; n++) x[n] *= from + (n + 1) * step;
}

class Fader extends Gain {
  constructor() {
    super("fader", "gain_db");
  }
}

class Send extends Gain {
  constructor() {
    super("send", "level_db");
  }
}

class Panner {
  constructor() {
    this.knobs = new Knobs("panner");
    this.last = null;
  }

  /** What each side takes from its own channel and from the other; a mono track has no other. */
  matrix(channels) {
    const pan = this.knobs.get("pan"), width = this.knobs.get("width");
    if (channels === 1) {
      const angle = ((pan + 1) * Math.PI) / 4;
      return [Math.SQRT2 * Math.cos(angle), 0, Math.SQRT2 * Math.sin(angle), 0];
    }
    const same = (1 + width) / 2, other = (1 - width) / 2;
    const left = Math.min(1, 1 - pan), right = Math.min(1, 1 + pan);
    return [same * left, other * left, same * right, other * right];
  }

  process(block) {
    this.knobs.travel();
    const { left, right } = block;
    if (block.channels === 1) right.set(left);
    const to = this.matrix(block.channels), from = this.last ?? to;
    const [dll, dlr, drr, drl] = to.map((value, index) => (value - from[index]) / QUANTUM);
    this.last = to;
    block.channels = 2;
    let [ll, lr, rr, rl] = from;
    for (let n = 0; n < QUANTUM; n++) {
      ll += dll; lr += dlr; rr += drr; rl += drl;
      const l = left[n], r = right[n];
      left[n] = ll * l + lr * r;
      right[n] = rr * r + rl * l;
    }
  }
}

// --- limiter: oversampled peak -> wanted reduction -> hold -> release -> smoothing; the audio waits for its gain --

/** Polyphase rows of a windowed-sinc interpolator at 8 x; at cutoff 1 phase 0 is the sample itself, read anyway. */
function interpolator(length, beta, cutoff) {
  const rows = [];
  for (let phase = cutoff === 1 ? 1 : 0; phase < 8; phase++) {
    rows.push(Float64Array.from({ length }, (_, j) => {
      const distance = phase / 8 - (j - length / 2 + 1), x = Math.PI * cutoff * distance;
      const inside = Math.max(0, 1 - ((2 * distance) / length) ** 2);
      return (cutoff * (distance === 0 ? 1 : Math.sin(x) / x) * bessel(beta * Math.sqrt(inside))) / bessel(beta);
    }));
  }
  return rows;
}

/** I0, the window's modified Bessel function. */
function bessel(x) {
  let total = 1, term = 1;
  for (let k = 1; k <= 30; k++) {
    term *= (x * x) / (4 * k * k);
    total += term;
  }
  return total;
}

const HALF = 96; // samples that a reading needs after its own
const NARROW = interpolator(20, 5, 1);
const WIDE = [...interpolator(64, 5, 1), ...interpolator(96, 6, 0.955), ...interpolator(192, 5, 1)];
const BOUND = Math.max(...NARROW.map((row) => row.reduce((sum, tap) => sum + Math.abs(tap), 0))) * (1 + 1e-6);
const MARGIN = 1 - 10 ** (-0.05 / 20); // peaks that pass the ceiling end this much under it
const PLATEAU = 16; // samples on each side of a peak in which its gain stands still
const NEAR = 0.85; // of the ceiling: from here on wide interpolators are asked as well
const SMOOTHING = 4 * Math.max(1, Math.round((0.003 * sampleRate) / 4));
const HOLD = SMOOTHING + 2 * PLATEAU + 1;
const LATENCY = HALF + SMOOTHING - 1 + PLATEAU;
const PAST = Math.max(2 * HALF - 1, LATENCY);
const WINDOW = Float64Array.from({ length: SMOOTHING }, (_, n) => Math.sin((Math.PI * (n + 0.5)) / SMOOTHING) ** 2);
const NEIGHBOURS = HOLD - QUANTUM; // places before and within a quantum that one hold spans
const WINDOW_SUM = WINDOW.reduce((sum, tap) => sum + tap, 0);

/** The largest reading of these rows around x[at], whose span of 2 * HALF samples begins at `from`. */
function reading(rows, x, from, highest) {
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r], start = from + HALF - row.length / 2;
    let even = 0, odd = 0; // two sums at once, and lengths are multiples of four: that is what makes it quick
    for (let j = 0; j < row.length; j += 4) {
      even += row[j] * x[start + j] + row[j + 2] * x[start + j + 2];
      odd += row[j + 1] * x[start + j + 1] + row[j + 3] * x[start + j + 3];
    }
    highest = Math.max(highest, Math.abs(even + odd));
  }
  return highest;
}

/** Always as late, switched off as well: so it can be switched while it plays. */
class Limiter {
  constructor() {
    this.knobs = new Knobs("limiter");
    this.audio = [new Float64Array(PAST + QUANTUM), new Float64Array(PAST + QUANTUM)];
    this.peaks = new Float64Array(NEIGHBOURS + QUANTUM);
    this.louder = new Float64Array(QUANTUM + 1); // the loudest place from each on
    this.released = new Float64Array(SMOOTHING - 1 + QUANTUM);
    this.queue = new Float64Array(2048); // reductions that are still held, the largest first
    this.times = new Float64Array(2048);
    this.first = 0;
    this.queued = 0;
    this.now = 0;
    this.state = 0;
    this.moving = 0; // frames for which the smoothing still sees a reduction
    this.most = 0; // reduction since the last report
  }

  process(block) {
    this.knobs.travel();
    this.ceiling = 10 ** (this.knobs.get("ceiling_db") / 20);
    this.release = onePole(this.knobs.get("release_ms"));
    this.take(block);
    const hot = this.knobs.get("active") > 0 && this.highest() * BOUND > NEAR * this.ceiling;
    this.peaks.copyWithin(0, QUANTUM);
    if (hot) this.measure();
    else this.peaks.fill(0, NEIGHBOURS);
    const still = !hot && this.queued === 0 && this.moving === 0;
    for (let n = 0; n < QUANTUM; n++) {
      const gain = still ? 1 : this.gain(n, this.peaks[NEIGHBOURS + n]);
      block.left[n] = this.audio[0][PAST - LATENCY + n] * gain;
      block.right[n] = this.audio[1][PAST - LATENCY + n] * gain;
    }
    if (still) this.now += QUANTUM;
    else this.released.copyWithin(0, QUANTUM);
  }

  gain(n, peak) {
    const held = this.hold(this.wanted(peak));
    this.state = held >= this.state ? held : held + this.release * (this.state - held);
    if (this.state < 1e-9) this.state = 0;
    this.released[SMOOTHING - 1 + n] = this.state;
    this.moving = this.state > 0 ? SMOOTHING : Math.max(0, this.moving - 1);
    return this.moving > 0 ? 1 - this.reduction(n) : 1;
  }

  take({ left, right }) {
    for (const [channel, x] of [left, right].entries()) {
      this.audio[channel].copyWithin(0, QUANTUM);
      this.audio[channel].set(x, PAST);
    }
  }

  /** The largest sample that any narrow reading of this quantum sees. */
  highest() {
    let level = 0;
    for (const x of this.audio) {
      for (let n = PAST - HALF - 9; n < PAST - HALF + 11 + QUANTUM; n++) level = Math.max(level, Math.abs(x[n]));
    }
    return level;
  }

  /** The peaks of this quantum: by narrow rows everywhere, by wide ones where they could matter. */
  measure() {
    const [left, right] = this.audio, { peaks, louder } = this, from = PAST - 2 * HALF + 1;
    for (let n = 0; n < QUANTUM; n++) {
      const sample = from + n + HALF - 1, peak = Math.max(Math.abs(left[sample]), Math.abs(right[sample]));
      peaks[NEIGHBOURS + n] = reading(NARROW, right, from + n, reading(NARROW, left, from + n, peak));
    }
    for (let n = QUANTUM - 1; n >= 0; n--) louder[n] = Math.max(louder[n + 1], peaks[NEIGHBOURS + n]);
    for (let n = 0; n < QUANTUM; n++) {
      const peak = peaks[NEIGHBOURS + n];
      if (peak <= NEAR * this.ceiling || this.isCovered(n, peak)) continue;
      peaks[NEIGHBOURS + n] = reading(WIDE, right, from + n, reading(WIDE, left, from + n, peak));
    }
  }

  /** Between two places so much louder that, whatever wide rows say here, what they want is held across. */
  isCovered(n, peak) {
    if (NEAR * this.louder[n + 1] < peak) return false;
    for (let k = n; k < n + NEIGHBOURS; k++) if (NEAR * this.peaks[k] >= peak) return true;
    return false;
  }

  wanted(peak) {
    if (peak <= this.ceiling) return 0;
    if (peak < this.ceiling * (1 + MARGIN)) return (2 * (peak - this.ceiling)) / peak;
    return 1 - (this.ceiling * (1 - MARGIN)) / peak;
  }

  /** The largest reduction of the last HOLD frames. */
  hold(value) {
    const size = this.queue.length;
    if (value > 0) {
      while (this.queued > 0 && this.queue[(this.first + this.queued - 1) % size] <= value) this.queued -= 1;
      this.queue[(this.first + this.queued) % size] = value;
      this.times[(this.first + this.queued) % size] = this.now;
      this.queued += 1;
    }
    if (this.queued > 0 && this.now - this.times[this.first] >= HOLD) {
      this.first = (this.first + 1) % size;
      this.queued -= 1;
    }
    this.now += 1;
    return this.queued > 0 ? this.queue[this.first] : 0;
  }

  reduction(n) {
    let sum = 0;
    for (let j = 0; j < SMOOTHING; j++) sum += WINDOW[j] * this.released[n + j];
    sum /= WINDOW_SUM;
    if (sum > this.most) this.most = sum;
    return sum;
  }

  /** The most since this was last asked. */
  takeReductionDb() {
    const { most } = this;
    this.most = 0;
    return -decibels(1 - most);
  }
}

const PROCESSORS = {
  equalizer: Equalizer,
  compressor: Compressor,
  fader: Fader,
  panner: Panner,
  send: Send,
  limiter: Limiter,
};

/** The processors of one place, in the order in which the sound passes them. */
class Chain {
  constructor(place) {
    this.processors = new Map(CHAINS[place].map((name) => [name, new PROCESSORS[name]()]));
  }

  set(processor, values, atOnce) {
    this.processors.get(processor)?.knobs.set(values, atOnce);
  }

  process(block) {
    for (const processor of this.processors.values()) processor.process(block);
  }

  takeReductionDb(name) {
    return this.processors.get(name).takeReductionDb();
  }
}

// --- the tracks' node -----------------------------------------------------------------------------------------------

class Track {
  constructor() {
    this.audio = []; // one or two channels, as `addPiece` takes them
    this.strip = new Chain("strip");
    this.send = new Chain("send");
    this.audible = true;
    this.last = 0; // how far it was open at the end of the last quantum
    this.peak = 0;
  }
}

/**
 * Adds QUANTUM frames of a channel from `at` on, fading from one gain to another; it repeats itself if it may.
 * A channel is float samples, or 16 bit ones with a scale for each 128.
 */
function addPiece(target, { samples, scales }, at, from, to, repeats) {
  const length = samples.length, step = (to - from) / QUANTUM;
  if (!repeats && (at >= length || at + QUANTUM <= 0)) return;
  for (let n = 0; n < QUANTUM; n++) {
    const place = repeats ? (at + n + length) % length : at + n;
    if (place < 0 || place >= length) continue;
    const gain = from === to ? to : from + n * step;
    target[n] += samples[place] * (scales === null ? gain : gain * scales[place >> 7]);
  }
}

/** Adds a quantum, sliding from one gain to another; returns its largest sample. */
function addSlide(x, sum, from, to) {
  const step = (to - from) / QUANTUM;
  let peak = 0;
  for (let n = 0; n < QUANTUM; n++) {
    const v = x[n] * (step === 0 ? to : from + (n + 1) * step);
    sum[n] += v;
    if (v > peak) peak = v;
    else if (-v > peak) peak = -v;
  }
  return peak;
}

class Tracks extends AudioWorkletProcessor {
  constructor() {
    super();
    this.tracks = [];
    this.reference = [];
    this.block = new Block();
    this.sums = { dry: new Block(), sent: new Block(), raw: new Block() };
    this.position = 0; // the frame that is read next
    this.playing = false;
    this.leaving = null; // the frame of the place that is fading out
    this.fading = 0; // frames that are left of the fade
    this.loop = null;
    this.ringing = 0; // frames for which the strips are still listened to
    this.unreported = 0;
    this.port.onmessage = ({ data }) => this[data.do](data);
  }

  load({ count }) {
    this.tracks = Array.from({ length: count }, () => new Track());
    this.reference = [];
    this.playing = false;
    this.position = 0;
    this.loop = null;
  }

  audio({ track, channels }) {
    if (track === null) this.reference = channels;
    else this.tracks[track].audio = channels;
  }

  set({ track, processor, values, atOnce }) {
    const unheard = atOnce || this.ringing === 0;
    this.tracks[track].strip.set(processor, values, unheard);
    this.tracks[track].send.set(processor, values, unheard);
  }

  audible({ which, atOnce }) {
    which.forEach((audible, track) => {
      this.tracks[track].audible = audible;
      if (atOnce) this.tracks[track].last = Number(audible);
    });
  }

  play() {
    if (this.playing) return;
    this.playing = true;
    this.leaving = null;
    this.fading = this.position === 0 ? 0 : FADE; // the start of a song is nobody's click
  }

  pause() {
    if (this.playing) this.leave(this.position);
    this.playing = false;
  }

  seek({ frame }) {
    if (this.playing) this.leave(this.position);
    this.position = frame;
  }

  /** `range` is [first, end] in frames, or null. */
  loopOver({ range }) {
    this.loop = range;
  }

  sync({ token }) {
    this.port.postMessage({ token });
  }

  leave(frame) {
    this.leaving = frame;
    this.fading = FADE;
  }

  /** The quantum of one recording: the place that is played, and the one that is left. */
  read(target, audio, repeats) {
    target.fill(0);
    const from = 1 - this.fading / FADE, to = 1 - Math.max(0, this.fading - QUANTUM) / FADE;
    if (this.playing) addPiece(target, audio, this.position, from, to, repeats);
    if (this.fading > 0 && this.leaving !== null) addPiece(target, audio, this.leaving, 1 - from, 1 - to, repeats);
  }

  process(_, [dry, send, raw, reference]) {
    if (this.playing && this.loop && this.position + QUANTUM > this.loop[1] && this.position < this.loop[1]) {
      this.leave(this.position);
      this.position += this.loop[0] - this.loop[1]; // reaches the loop's start when the old place reaches its end
    }
    const sounding = this.playing || this.fading > 0;
    if (sounding) this.ringing = RING_OUT_S * sampleRate;
    if (this.ringing > 0) this.mix(dry, send, raw, sounding);
    if (sounding && this.reference.length) {
      reference.forEach((side, channel) => {
        this.read(this.block.left, this.reference[Math.min(channel, this.reference.length - 1)], true);
        side.set(this.block.left);
      });
    }
    this.ringing = Math.max(0, this.ringing - QUANTUM);
    if (this.playing) this.position += QUANTUM;
    if (this.fading > 0) {
      this.fading -= QUANTUM;
      if (this.leaving !== null) this.leaving += QUANTUM;
    }
    this.report();
    return true;
  }

  mix(dry, send, raw, sounding) {
    const { sums } = this;
    for (const sum of [sums.dry, sums.sent, sums.raw]) {
      sum.left.fill(0);
      sum.right.fill(0);
    }
    for (const track of this.tracks) this.mixTrack(track, sounding);
    dry[0].set(sums.dry.left);
    dry[1].set(sums.dry.right);
    raw[0].set(sums.raw.left);
    raw[1].set(sums.raw.right);
    for (let n = 0; n < QUANTUM; n++) send[0][n] = (sums.sent.left[n] + sums.sent.right[n]) / 2;
  }

  mixTrack(track, sounding) {
    const { block, sums } = this, { audio } = track;
    const from = track.last, to = Number(track.audible);
    track.last = to;
    this.take(block.left, audio[0], sounding);
    block.channels = audio.length === 2 ? 2 : 1;
    if (block.channels === 2) this.take(block.right, audio[1], sounding);
    this.add(block, sums.raw, from, to);
    track.strip.process(block);
    track.peak = Math.max(track.peak, this.add(block, sums.dry, from, to));
    track.send.process(block);
    this.add(block, sums.sent, from, to);
  }

  take(x, audio, sounding) {
    if (sounding && audio) this.read(x, audio, false);
    else x.fill(0);
  }

  /** Adds a track as far as it is open, a mono one to both sides; returns the largest sample. */
  add(block, sum, from, to) {
    if (from === 0 && to === 0) return 0;
    const { left } = block, right = block.channels === 2 ? block.right : left;
    return Math.max(addSlide(left, sum.left, from, to), addSlide(right, sum.right, from, to));
  }

  report() {
    this.unreported += QUANTUM;
    if (this.unreported < REPORT_S * sampleRate) return;
    this.unreported = 0;
    const strips = this.tracks.map((track) => {
      const peakDb = decibels(track.peak);
      track.peak = 0;
      return { peakDb, reductionDb: track.strip.takeReductionDb("compressor") };
    });
    this.port.postMessage({ frame: this.position, playing: this.playing, strips });
  }
}

// --- the master's node ----------------------------------------------------------------------------------------------

/** K-weighted energy (ITU-R BS.1770-4) of each 100 ms. */
class Energy {
  constructor() {
    this.sections = [shelf(4, 1500, -1), highPass(38, 0.5)];
    this.states = [new Float64Array(4), new Float64Array(4)];
    this.work = new Block();
    this.sum = 0;
    this.frames = 0;
    this.hops = 1;
  }

  /** Measures one quantum; gives the energy of the 100 ms that it completed, or null. */
  push({ left, right }) {
    const { work } = this;
    let completed = null;
    work.left.set(left);
    work.right.set(right);
    for (const [index, coefficients] of this.sections.entries()) {
      filter(work.left, coefficients, this.states[index], 0);
      filter(work.right, coefficients, this.states[index], 1);
    }
    for (let n = 0; n < QUANTUM; n++) {
      this.sum += work.left[n] * work.left[n] + work.right[n] * work.right[n];
      if (++this.frames < Math.floor(this.hops * 0.1 * sampleRate)) continue;
      completed = this.sum;
      this.sum = 0;
      this.hops += 1;
    }
    return completed;
  }
}

/** How loud a row of such energies is. */
class Loudness {
  constructor() {
    this.energies = [];
  }

  static lufs(meanSquare) {
    return meanSquare > 0 ? -0.691 + 10 * Math.log10(meanSquare) : -Infinity;
  }

  windows(hops) {
    const means = [];
    for (let end = hops; end <= this.energies.length; end++) {
      let sum = 0;
      for (let k = end - hops; k < end; k++) sum += this.energies[k];
      means.push(sum / (hops * 0.1 * sampleRate));
    }
    return means;
  }

  momentary() {
    return Loudness.lufs(this.energies.slice(-4).reduce((sum, energy) => sum + energy, 0) / (0.4 * sampleRate));
  }

  /** Gated: windows over -70 LUFS, and of those the ones not 10 LU under their mean. */
  integrated() {
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const loud = this.windows(4).filter((value) => Loudness.lufs(value) >= -70);
    if (!loud.length) return -Infinity;
    const gate = Loudness.lufs(mean(loud)) - 10;
    return Loudness.lufs(mean(loud.filter((value) => Loudness.lufs(value) > gate)));
  }
}

/** The largest reading between samples; a piece that cannot exceed it is not read. */
class TruePeak {
  constructor() {
    this.audio = [new Float64Array(2 * HALF - 1 + QUANTUM), new Float64Array(2 * HALF - 1 + QUANTUM)];
    this.reset();
  }

  reset() {
    this.peak = 0;
  }

  push({ left, right }) {
    for (const [channel, fresh] of [left, right].entries()) {
      const x = this.audio[channel];
      x.copyWithin(0, QUANTUM);
      x.set(fresh, 2 * HALF - 1);
      let level = 0;
      for (let n = HALF - 10; n < x.length; n++) level = Math.max(level, Math.abs(x[n]));
      if (level * BOUND <= this.peak) continue;
      for (let n = 0; n < QUANTUM; n++) {
        this.peak = reading(NARROW, x, n, Math.max(this.peak, Math.abs(x[n + HALF - 1])));
      }
    }
  }
}

const LISTEN = ["mix", "raw", "reference", "trial"]; // trial: the console at settings that are not the mix's
const MATCH_HOPS = 30; // 3 s are heard before what is measured counts

class Master extends AudioWorkletProcessor {
  constructor() {
    super();
    this.chain = new Chain("master");
    this.guard = new Limiter(); // the raw sum, made as loud as the mix, would clip
    this.guard.knobs.set({ active: 1 }, true);
    this.block = new Block();
    this.other = new Block();
    this.shares = [1, 0, 0, 0]; // how much of each is heard
    this.listening = 0;
    this.gains = [1, 1, 1, 1];
    this.matchDb = 0; // what makes the raw sum as loud as the mix
    this.trialDb = 0; // what makes the raw sum as loud as the trial
    this.referenceDb = 0; // what makes the reference as loud as the raw sum
    this.energies = [new Energy(), new Energy()]; // of the mix and of the raw sum
    this.loudness = new Loudness();
    this.heard = [new Loudness(), new Loudness()]; // since a knob was moved
    this.integratedLufs = -Infinity;
    this.truePeak = new TruePeak();
    this.peaks = [0, 0];
    this.unreported = 0;
    this.port.onmessage = ({ data }) => this[data.do](data);
  }

  set({ processor, values, atOnce }) {
    this.chain.set(processor, values, atOnce);
  }

  /** Of a trial `louderDb` says how much louder than the raw sum it is; null: as the mix, until it was heard. */
  listen({ to, atOnce, louderDb = null }) {
    this.listening = LISTEN.indexOf(to);
    if (to === "trial") this.trialDb = louderDb ?? this.matchDb;
    if (atOnce) this.shares = this.shares.map((_, index) => Number(index === this.listening));
  }

  /** What is null is not known, and stays as it was learnt. */
  match({ matchDb, referenceDb }) {
    this.matchDb = matchDb ?? this.matchDb;
    this.referenceDb = referenceDb ?? this.referenceDb;
    this.moved();
  }

  /** A knob was moved: what was heard before says nothing about the loudness from now on. */
  moved() {
    this.heard = [new Loudness(), new Loudness()];
  }

  reset() {
    this.loudness = new Loudness();
    this.integratedLufs = -Infinity;
    this.truePeak.reset();
  }

  sync({ token }) {
    this.port.postMessage({ token });
  }

  process([dry, wet, raw, reference], [[left, right]]) {
    this.fill(this.block, [dry, wet], [1, 1], [1, 1]);
    this.chain.process(this.block);
    this.measure(raw);
    const goals = [0, this.matchDb, this.matchDb + this.referenceDb, this.matchDb - this.trialDb];
    const before = this.gains.map((gain, index) => gain * this.shares[index]);
    this.gains = this.gains.map((gain, index) => gain + 0.05 * (10 ** (goals[index] / 20) - gain)); // some 60 ms
    this.shares = this.shares.map((share, index) => {
      const goal = Number(index === this.listening), step = QUANTUM / (GLIDE_S * sampleRate);
      return share < goal ? Math.min(goal, share + step) : Math.max(goal, share - step);
    });
    const after = this.gains.map((gain, index) => gain * this.shares[index]);
    const { left: l, right: r } = this.block;
    this.fill(this.other, [raw, reference, [l, r]], before.slice(1), after.slice(1));
    this.guard.process(this.other);
    const step = (after[0] - before[0]) / QUANTUM;
    for (let n = 0; n < QUANTUM; n++) {
      const share = step === 0 ? after[0] : before[0] + (n + 1) * step;
      left[n] = this.block.left[n] * share + this.other.left[n];
      right[n] = this.block.right[n] * share + this.other.right[n];
    }
    this.report();
    return true;
  }

  /** The sum of inputs, each sliding from one gain to another. */
  fill(block, inputs, before, after) {
    block.left.fill(0);
    block.right.fill(0);
    for (const [index, input] of inputs.entries()) {
      if (!input.length || (before[index] === 0 && after[index] === 0)) continue;
      addSlide(input[0], block.left, before[index], after[index]);
      addSlide(input[input.length - 1], block.right, before[index], after[index]);
    }
  }

  measure(raw) {
    this.peaks[0] = highestOf(this.block.left, this.peaks[0]);
    this.peaks[1] = highestOf(this.block.right, this.peaks[1]);
    this.truePeak.push(this.block);
    this.fill(this.other, [raw], [1], [1]);
    const mix = this.energies[0].push(this.block), sum = this.energies[1].push(this.other);
    if (mix !== null) this.hop(mix, sum);
  }

  /** Another 100 ms of the mix and of the raw sum. */
  hop(mix, sum) {
    this.loudness.energies.push(mix);
    this.integratedLufs = this.loudness.integrated();
    [mix, sum].forEach((energy, index) => this.heard[index].energies.push(energy));
    const hops = this.heard[0].energies.length;
    if (hops < MATCH_HOPS || hops % 10 !== 0) return;
    const louder = this.heard[0].integrated() - this.heard[1].integrated();
    if (!Number.isFinite(louder)) return;
    if (LISTEN[this.listening] === "trial") this.trialDb = louder;
    else this.matchDb = louder;
  }

  report() {
    this.unreported += QUANTUM;
    if (this.unreported < REPORT_S * sampleRate) return;
    this.unreported = 0;
    this.port.postMessage({
      peaksDb: this.peaks.map(decibels),
      compressorDb: this.chain.takeReductionDb("compressor"),
      limiterDb: this.chain.takeReductionDb("limiter"),
      momentaryLufs: this.loudness.momentary(),
      integratedLufs: this.integratedLufs,
      truePeakDb: decibels(this.truePeak.peak),
      matchDb: this.matchDb,
      trialDb: this.trialDb,
    });
    this.peaks = [0, 0];
  }
}

registerProcessor("faderwise-tracks", Tracks);
registerProcessor("faderwise-master", Master);

// Curves of what a processor does, as paths: the equaliser's response and the compressor's static curve.

import { make } from "./controls.js";

export const LOWEST_HZ = 20;
export const HIGHEST_HZ = 20000;
const POINTS = 96;
const HZ = Float32Array.from({ length: POINTS }, (_, n) => LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (n / (POINTS - 1)));
const BUTTERWORTH_DB = 20 * Math.log10(Math.SQRT1_2); // Web Audio takes a high-pass filter's Q in decibels

/** The bands of the equaliser: the knobs that move each, and the filter of the browser that has its response. */
export const BANDS = [
  { name: "HP", title: "High-pass", kind: "highpass", hz: "highpass_hz" },
  { name: "Low", title: "Low shelf", kind: "lowshelf", gain: "low_gain_db", hz: "low_hz" },
  ...["peak1", "peak2", "peak3", "peak4"].map((peak) => ({
    name: peak.slice(-1),
    title: `Peak ${peak.slice(-1)}`,
    kind: "peaking",
    gain: `${peak}_gain_db`,
    hz: `${peak}_hz`,
    q: `${peak}_q`,
  })),
  { name: "High", title: "High shelf", kind: "highshelf", gain: "high_gain_db", hz: "high_hz" },
];

/** Computes responses with the browser's own filters: for drawing; what sounds is the worklet. */
export class Responses {
  constructor(sampleRate) {
    this.sampleRate = sampleRate;
    this.filter = new BiquadFilterNode(new OfflineAudioContext(1, 1, sampleRate));
    this.magnitude = new Float32Array(POINTS);
    this.phase = new Float32Array(POINTS);
  }

  /** Decibels at each of the frequencies, for a function that gives a knob's value by name. */
  equalizer(get, isOff) {
    const total = new Float64Array(POINTS);
    for (const { kind, gain, hz, q } of BANDS) {
      if (gain ? get(gain) === 0 : isOff(hz)) continue;
      this.filter.type = kind;
      this.filter.frequency.value = Math.min(get(hz), 0.49 * this.sampleRate);
      this.filter.gain.value = gain ? get(gain) : 0;
      this.filter.Q.value = q ? get(q) : BUTTERWORTH_DB;
      this.filter.getFrequencyResponse(HZ, this.magnitude, this.phase);
      for (let n = 0; n < POINTS; n++) total[n] += 20 * Math.log10(Math.max(this.magnitude[n], 1e-6));
    }
    return total;
  }
}

export const xOfHz = (hz) => Math.log(hz / LOWEST_HZ) / Math.log(HIGHEST_HZ / LOWEST_HZ);

/** A response as a line and as an area over the middle, in a box of `width` by `height` that spans +-`spanDb`. */
export function responsePaths(decibels, width, height, spanDb) {
  const y = (db) => (height * (1 - Math.max(-1.2, Math.min(1.2, db / spanDb)))) / 2;
  const line = [...decibels].map((db, n) => `${((width * n) / (POINTS - 1)).toFixed(1)} ${y(db).toFixed(2)}`).join("L");
  return { line: `M${line}`, area: `M0 ${height / 2}L${line}L${width} ${height / 2}Z` };
}

/** The compressor's static curve (soft knee, make-up included) from -60 to 0 dB in and out, in a square of `size`. */
export function compressorPath(get, size) {
  const threshold = get("threshold_db"), slope = 1 / get("ratio") - 1, knee = get("knee_db"), makeup = get("makeup_db");
  const points = [];
  for (let level = -60; level <= 0; level += 1) {
    const over = level - threshold, inside = Math.min(Math.max(over + knee / 2, 0), knee);
    const gain = slope * ((knee > 0 ? (inside * inside) / (2 * knee) : 0) + Math.max(over - knee / 2, 0));
    const out = Math.min(0, level + gain + makeup);
    points.push(`${((size * (level + 60)) / 60).toFixed(1)} ${((-size * out) / 60).toFixed(2)}`);
  }
  return `M${points.join("L")}`;
}

/** The small picture of an equaliser in a strip. */
export function thumbnail(width, height) {
  const area = make("svg:path", { class: "area" }), line = make("svg:path", { class: "line" });
  const box = { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none" };
  const zero = make("svg:path", { class: "zero", d: `M0 ${height / 2}H${width}` });
  const svg = make("svg:svg", { ...box, class: "curve", "aria-hidden": "true" }, zero, area, line);
  svg.draw = (decibels) => {
    const paths = responsePaths(decibels, width, height, 18);
    area.setAttribute("d", paths.area);
    line.setAttribute("d", paths.line);
  };
  return svg;
}

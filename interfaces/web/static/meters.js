// What moves by itself: levels, gain reduction, loudness.

import { make } from "./controls.js";

const FALL_DB_PER_S = 26;
const LOW_DB = -60;
const HIGH_DB = 6;
const REDUCTION_SPAN_DB = 18;
const HOLD_S = 1.5; // in which a meter remembers its peak
const SILENCE_DB = -100; // what lies under it is no reading

const READINGS = [
  ["momentaryLufs", "Momentary", "LUFS"],
  ["integratedLufs", "Integrated", "LUFS"],
  ["truePeakDb", "True peak", "dBTP"],
];

const clamp = (value) => Math.min(Math.max(0, value), 1);
const share = (db) => clamp((db - LOW_DB) / (HIGH_DB - LOW_DB)).toFixed(4);

/** A bar that jumps up and falls slowly, with a mark at its last peak. */
export class Meter {
  constructor() {
    this.element = make("div", { class: "meter", "aria-hidden": "true" }, make("i"), make("b"));
    this.db = this.heldDb = LOW_DB;
    this.held = 0;
  }

  show(db, seconds) {
    this.db = Math.max(db, this.db - FALL_DB_PER_S * seconds, LOW_DB - 1);
    this.held += seconds;
    if (db >= this.heldDb || this.held > HOLD_S) [this.heldDb, this.held] = [Math.max(db, LOW_DB), 0];
    this.element.style.setProperty("--level", share(this.db));
    this.element.style.setProperty("--held", this.heldDb > LOW_DB ? share(this.heldDb) : -1);
    this.element.classList.toggle("over", this.heldDb > 0);
  }
}

/** How much a compressor or limiter takes away, from the right. */
export class Reduction {
  constructor() {
    const bar = make("span", {}, make("i"));
    this.element = make("div", { class: "reduction", "aria-hidden": "true", title: "Gain reduction" });
    this.element.append(make("small", {}, "GR"), bar);
    this.db = 0;
  }

  show(db, seconds) {
    this.db = Math.max(db, this.db - FALL_DB_PER_S * seconds, 0);
    this.element.style.setProperty("--level", clamp(this.db / REDUCTION_SPAN_DB).toFixed(4));
  }
}

/** Loudness and true peak in figures; a press starts them anew. */
export class Readings {
  constructor(reset) {
    this.element = make("button", {
      type: "button",
      class: "readings",
      title: "Start the measurement anew",
      "aria-label": "Loudness and true peak: start anew",
    });
    this.element.addEventListener("click", reset);
    this.outputs = new Map();
    for (const [key, label, unit] of READINGS) {
      const output = make("output", {}, "–");
      this.outputs.set(key, output);
      this.element.append(make("div", { class: "reading" }, make("span", {}, label), output, make("small", {}, unit)));
    }
  }

  show(report) {
    for (const [key, output] of this.outputs) {
      const text = report[key] > SILENCE_DB ? report[key].toFixed(1) : "–";
      if (output.textContent !== text) output.textContent = text;
    }
  }
}

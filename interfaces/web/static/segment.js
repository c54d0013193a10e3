// A part of a recording, picked on its waveform: drawn, dragged, moved by keys, or typed as 1:02-1:32.

import { make } from "./controls.js";

const SHORTEST_S = 1;
const STEP_S = 1;
const LEAP_S = 10;
const GRIP_PX = 9; // near an end, the end is what is dragged
const HEIGHT = 100;

/** 62.5 is 1:02.5 */
export function clock(seconds) {
  const tenths = Math.round(seconds * 10), whole = Math.floor(tenths / 10), rest = tenths % 10;
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")}${rest ? `.${rest}` : ""}`;
}

const place = (text) => {
  const said = text.trim().match(/^(?:(\d+):)?(\d+(?:[.,]\d+)?)$/);
  return said ? 60 * Number(said[1] ?? 0) + Number(said[2].replace(",", ".")) : NaN;
};

/** [start, end] in seconds of what somebody typed, null for the whole, undefined for what is neither. */
export function parseSegment(text, duration) {
  if (["", "whole", "all", "whole song"].includes(text.trim().toLowerCase())) return null;
  const ends = text.split(/\s*(?:-|–|\bto\b)\s*/);
  if (ends.length !== 2) return undefined;
  const [start, end] = ends.map(place);
  return start >= 0 && end - start >= SHORTEST_S && start < duration ? [start, Math.min(end, duration)] : undefined;
}

export class SegmentPicker {
  /** @param changed called with [start, end] or null, when a hand lets go. */
  constructor(name, duration, changed) {
    Object.assign(this, { name, duration, changed, value: null });
    this.wave = make("svg:path", {});
    const box = { viewBox: `0 0 1000 ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" };
    this.range = make("i", { class: "range" });
    this.ends = ["start", "end"].map((which, index) => this.edge(which, index));
    this.line = make("div", { class: "wave" }, make("svg:svg", box, this.wave), this.range, ...this.ends);
    this.line.addEventListener("pointerdown", (event) => this.press(event));
    const about = { "aria-label": `Segment of ${name}`, placeholder: "whole song" };
    this.field = make("input", { type: "text", class: "segment-text", ...about });
    this.field.addEventListener("change", () => this.typed());
    this.element = make("div", { class: "segment" }, this.line, this.field);
    this.show();
  }

  /** @param peaks of equal parts of the recording, 0 to 1. */
  draw(peaks) {
    const step = 1000 / peaks.length, half = HEIGHT / 2;
    const side = (sign) => peaks.map((peak, n) => `${(n * step).toFixed(1)} ${(half + sign * half * peak).toFixed(1)}`);
    this.wave.setAttribute("d", `M${[...side(-0.94), ...side(0.94).reverse()].join("L")}Z`);
  }

  edge(which, index) {
    const limits = { "aria-valuemin": 0, "aria-valuemax": this.duration.toFixed(1) };
    const name = `${which === "start" ? "Start" : "End"} of the segment of ${this.name}`;
    const edge = make("span", { class: `edge ${which}`, role: "slider", tabindex: 0, "aria-label": name, ...limits });
    edge.addEventListener("keydown", (event) => this.key(event, index));
    return edge;
  }

  get both() {
    return this.value ?? [0, this.duration];
  }

  set(value) {
    this.value = value;
    this.show();
  }

  show() {
    const [start, end] = this.both;
    this.line.classList.toggle("whole", this.value === null);
    this.range.style.left = `${(100 * start) / this.duration}%`;
    this.range.style.width = `${(100 * (end - start)) / this.duration}%`;
    this.ends.forEach((edge, index) => {
      const at = this.both[index];
      edge.style.left = `${(100 * at) / this.duration}%`;
      edge.setAttribute("aria-valuenow", at.toFixed(1));
      edge.setAttribute("aria-valuetext", clock(at));
    });
    if (document.activeElement !== this.field) this.field.value = this.value ? `${clock(start)}-${clock(end)}` : "";
  }

  /** What both ends become, kept inside the recording and apart from each other; all of it is the whole. */
  fitted([start, end]) {
    const first = Math.min(Math.max(0, start), this.duration - SHORTEST_S);
    const last = Math.max(Math.min(this.duration, end), first + SHORTEST_S);
    const [a, b] = [first, last].map((at) => Math.round(10 * at) / 10);
    return a <= 0 && b >= Math.floor(10 * this.duration) / 10 ? null : [a, Math.min(b, this.duration)];
  }

  typed() {
    const value = parseSegment(this.field.value, this.duration), wrong = value === undefined;
    this.field.setAttribute("aria-invalid", wrong);
    this.field.title = wrong ? `Write it as 0:30-1:00; the song has ${clock(this.duration)}` : "";
    if (wrong) return;
    this.value = value;
    this.field.blur();
    this.show();
    this.changed(this.value);
  }

  key(event, index) {
    const step = event.shiftKey ? STEP_S / 10 : STEP_S;
    const steps = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step };
    const moves = { ...steps, PageUp: LEAP_S, PageDown: -LEAP_S }, both = [...this.both];
    if (event.key in moves) both[index] += moves[event.key];
    else if (event.key === "Home") both[index] = index === 0 ? 0 : both[0] + SHORTEST_S;
    else if (event.key === "End") both[index] = index === 0 ? both[1] - SHORTEST_S : this.duration;
    else if (event.key === "Delete" || event.key === "Backspace") both.splice(0, 2, 0, this.duration);
    else return;
    if (index === 0) both[0] = Math.min(both[0], both[1] - SHORTEST_S);
    event.preventDefault();
    event.stopPropagation();
    this.set(this.fitted(both));
    this.changed(this.value);
  }

  /** An end is dragged where the press is near it, the segment where it is inside, and else a new one is drawn. */
  press(event) {
    if (event.button !== 0) return;
    const box = this.line.getBoundingClientRect(), perPx = this.duration / box.width;
    const at = (moved) => Math.min(Math.max(0, (moved.clientX - box.left) * perPx), this.duration);
    const first = at(event), before = this.value, near = (end) => Math.abs(first - end) < GRIP_PX * perPx;
    const grip = before ? before.findIndex(near) : -1;
    const inside = before && grip < 0 && first > before[0] && first < before[1];
    const drag = (now) => {
      if (grip === 0) return [Math.min(now, before[1] - SHORTEST_S), before[1]];
      if (grip === 1) return [before[0], Math.max(now, before[0] + SHORTEST_S)];
      if (!inside) return [Math.min(first, now), Math.max(first, now)];
      const move = Math.min(Math.max(now - first, -before[0]), this.duration - before[1]);
      return before.map((end) => end + move);
    };
    const move = (moved) => this.set(this.fitted(drag(at(moved))));
    this.line.setPointerCapture(event.pointerId);
    this.line.addEventListener("pointermove", move);
    this.line.addEventListener("lostpointercapture", () => {
      this.line.removeEventListener("pointermove", move);
      if (`${this.value}` !== `${before}`) this.changed(this.value);
    }, { once: true });
    event.preventDefault();
  }
}

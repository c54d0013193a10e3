// Line plots that are read by mouse, finger, keyboard and screen reader; their colours come from the style sheet.

import { make } from "./controls.js";

const LEFT = 40, RIGHT = 10, TOP = 10, BOTTOM = 30;
const MANY = 100; // points from which on a line needs no smoothing

/** A picture of lines and of the ranges that they move in. */
export class Plot {
  /**
   * @param name what a screen reader calls it.
   * @param x, y its axes.
   * @param places the values of x at which it can be read.
   * @param read the text for one of the places, by its index.
   * @param press called with the value of x where it is pressed; without it a press reads.
   */
  constructor({ name, x, y, places, read, press = null }) {
    Object.assign(this, { x, y, places, read, lines: [], ranges: [], width: 0, height: 0, at: null });
    this.svg = make("svg:svg", { "aria-hidden": "true" });
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.cursor = make("i", { class: "cursor", hidden: "" });
    this.head = make("i", { class: "playhead", hidden: "" });
    const limits = { "aria-valuemin": 0, "aria-valuemax": Math.max(0, places.length - 1), "aria-valuenow": 0 };
    const about = { role: "slider", tabindex: 0, "aria-label": `${name}: place to read`, ...limits };
    this.area = make("div", { class: "plot", ...about });
    this.area.append(this.svg, this.canvas, this.head, this.cursor);
    this.said = make("p", { class: "read", "aria-hidden": "true" });
    this.element = make("div", { class: "plotted" }, this.area, this.said);
    this.listen(press);
    this.say(places.length ? 0 : null, false);
    new ResizeObserver(() => this.resize()).observe(this.area);
  }

  /**
   * What is shown.
   * @param lines of { points: [[x, y or null], ...], style }; ranges of { points: [[x, low, high], ...], style }.
   */
  show(lines, ranges = [], y = this.y) {
    Object.assign(this, { lines, ranges, y });
    this.draw();
    this.say(this.at ?? (this.places.length ? 0 : null), this.at !== null);
  }

  /** Pixels of a value of x, of y. */
  across(value) {
    return LEFT + this.x.share(value) * (this.width - LEFT - RIGHT);
  }

  down(value) {
    return this.height - BOTTOM - this.y.share(value) * (this.height - TOP - BOTTOM);
  }

  /** Shows where the song is, in seconds; null where that is nowhere on it. */
  play(seconds) {
    this.head.hidden = seconds === null || seconds > this.x.high;
    if (!this.head.hidden) this.head.style.left = `${this.across(seconds)}px`;
  }

  /** The canvas that lies over the picture, empty, in units of its pixels; null while it is not seen. */
  pencil() {
    if (!this.width) return null;
    const pencil = this.canvas.getContext("2d"), scale = this.canvas.width / this.width;
    pencil.setTransform(scale, 0, 0, scale, 0, 0);
    pencil.clearRect(0, 0, this.width, this.height);
    return pencil;
  }

  // --- drawing

  resize() {
    const { clientWidth: width, clientHeight: height } = this.area;
    if (width === 0 || (width === this.width && height === this.height)) return;
    Object.assign(this, { width, height });
    [this.canvas.width, this.canvas.height] = [width, this.height].map((size) => size * devicePixelRatio);
    this.draw();
    this.point();
  }

  draw() {
    if (!this.width) return;
    const parts = [...this.grid(), ...this.ranges.map((range) => this.range(range))];
    for (const line of this.lines) parts.push(...runs(line.points).map((run) => this.line(run, line.style)));
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${this.height}`);
    this.svg.replaceChildren(...parts);
  }

  grid() {
    const right = this.width - RIGHT, bottom = this.height - BOTTOM, crowded = this.width < 420, parts = [];
    for (const [n, [value, text]] of this.x.ticks.entries()) {
      const at = this.across(value);
      parts.push(make("svg:path", { class: "grid", d: `M${at.toFixed(1)} ${TOP}V${bottom}` }));
      if (!crowded || n % 2 === 0) parts.push(label("middle", at, bottom + 15, text));
    }
    for (const [value, text] of this.y.ticks) {
      const at = this.down(value);
      parts.push(make("svg:path", { class: "grid", d: `M${LEFT} ${at.toFixed(1)}H${right}` }));
      parts.push(label("end", LEFT - 6, at + 4, text));
    }
    const unit = this.y.unit ? [label("start", LEFT + 5, TOP + 12, this.y.unit)] : [];
    return [...parts, ...unit, label("end", right, this.height - 2, this.x.unit)];
  }

  line(points, style) {
    const placed = points.map(([u, v]) => [this.across(u), this.down(v)]);
    return make("svg:path", { class: `line ${style}`, d: `M${pathOf(placed)}` });
  }

  range({ points, style }) {
    const there = points.filter(([, low]) => low !== null);
    const over = there.map(([u, , high]) => [this.across(u), this.down(high)]);
    const under = there.map(([u, low]) => [this.across(u), this.down(low)]).reverse();
    const d = there.length > 1 ? `M${pathOf(over)}L${pathOf(under)}Z` : "";
    return make("svg:path", { class: `range ${style}`, d });
  }

  // --- reading

  listen(press) {
    const { area } = this;
    const value = (event) => {
      const box = area.getBoundingClientRect();
      return this.x.value((event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT));
    };
    const read = (event) => this.say(this.nearest(value(event)), true);
    area.addEventListener("pointermove", read);
    area.addEventListener("pointerdown", (event) => (press ? press(value(event)) : read(event)));
    area.addEventListener("pointerleave", () => (this.cursor.hidden = document.activeElement !== area));
    area.addEventListener("focus", () => this.say(this.at ?? 0, true));
    area.addEventListener("blur", () => (this.cursor.hidden = true));
    area.addEventListener("keydown", (event) => this.key(event));
  }

  nearest(value) {
    const share = this.x.share(value), far = this.places.map((place) => Math.abs(this.x.share(place) - share));
    return far.length ? far.indexOf(Math.min(...far)) : null;
  }

  key(event) {
    const at = this.at ?? 0, last = this.places.length - 1, leap = Math.max(1, Math.round(last / 10));
    const moves = {
      ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1,
      PageUp: at + leap, PageDown: at - leap, Home: 0, End: last,
    };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    this.say(Math.min(Math.max(0, moves[event.key]), last), true);
    event.preventDefault();
    event.stopPropagation();
  }

  /** Reads one of the places, and marks it if somebody points there. */
  say(index, pointed) {
    if (index === null || index >= this.places.length) return;
    if (pointed) this.at = index;
    const text = this.read(index);
    this.said.textContent = text;
    this.area.setAttribute("aria-valuenow", index);
    this.area.setAttribute("aria-valuetext", text);
    this.cursor.hidden = !pointed;
    this.point();
  }

  point() {
    if (this.at !== null) this.cursor.style.left = `${this.across(this.places[this.at])}px`;
  }
}

/** The same values as a table, made when it is opened: for those who read rather than look. */
export function table(title, columns, rows) {
  const element = make("details", { class: "values" }, make("summary", {}, title));
  element.addEventListener("toggle", () => {
    if (!element.open || element.querySelector("table")) return;
    const head = make("tr", {}, ...columns.map((text) => make("th", { scope: "col" }, text)));
    const body = rows().map(([name, ...cells]) =>
      make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell))),
    );
    const made = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
    element.append(make("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": title }, made));
  });
  return element;
}

function label(anchor, x, y, text) {
  return make("svg:text", { class: "mark", "text-anchor": anchor, x: x.toFixed(1), y: y.toFixed(1) }, text);
}

/** The stretches of a line between those of its points that have no value. */
function runs(points) {
  const found = [[]];
  for (const point of points) {
    if (Number.isFinite(point[1])) found.at(-1).push(point);
    else if (found.at(-1).length) found.push([]);
  }
  return found.filter((run) => run.length > 1);
}

/** Through the points, never beyond the range of two neighbours: flat tangents at the peaks. */
function pathOf(points) {
  const text = ([u, v]) => `${u.toFixed(1)} ${v.toFixed(1)}`;
  if (points.length > MANY) return points.map(text).join("L");
  const slopes = points.map((here, n) => (n && n < points.length - 1 ? slope(points[n - 1], here, points[n + 1]) : 0));
  return points.slice(1).reduce((path, [p, q], n) => {
    const [u, v] = points[n], third = (p - u) / 3;
    const bend = [[u + third, v + slopes[n] * third], [p - third, q - slopes[n + 1] * third], [p, q]];
    return `${path}C${bend.map(text).join(" ")}`;
  }, text(points[0]));
}

/** Fritsch and Butland's tangent (SIAM J. Sci. Stat. Comput. 5, 1984): the harmonic mean, nought at a turn. */
function slope(before, here, after) {
  const one = (here[1] - before[1]) / (here[0] - before[0]), other = (after[1] - here[1]) / (after[0] - here[0]);
  return one * other > 0 ? (2 * one * other) / (one + other) : 0;
}

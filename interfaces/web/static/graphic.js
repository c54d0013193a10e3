// The large equaliser: the response with a handle for each band.

import { make } from "./controls.js";
import { BANDS, HIGHEST_HZ, LOWEST_HZ, responsePaths, xOfHz } from "./curves.js";

const WIDTH = 640;
const HEIGHT = 176;
const SPAN_DB = 20;
const GRID_HZ = [50, 100, 200, 500, 1000, 2000, 5000, 10000];
const GRID_DB = [-12, -6, 0, 6, 12];
const NOTCH = 1.1; // of Q, for a notch of the wheel

const clamp = (value) => Math.min(Math.max(0, value), 1);

export class Graphic {
  /**
   * @param response gives the decibels to draw, at the frequencies of `Responses`.
   * @param before the same before a suggestion, or null.
   */
  constructor(engine, target, response, before) {
    Object.assign(this, { engine, target, response, before });
    this.was = make("svg:path", { class: "was" });
    this.area = make("svg:path", { class: "area" });
    this.line = make("svg:path", { class: "line" });
    this.box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "curve large" };
    this.svg = make("svg:svg", this.box, this.grid(), this.area, this.was, this.line);
    this.handles = BANDS.map((band) => this.handle(band));
    const field = make("div", { class: "field", "aria-hidden": "true" }, this.svg, ...this.marks(), ...this.handles);
    this.element = make("div", { class: "stage" }, field);
    this.update();
  }

  grid() {
    const across = GRID_DB.map((db) => {
      const y = (HEIGHT * (1 - db / SPAN_DB)) / 2;
      return make("svg:path", { d: `M0 ${y}H${WIDTH}`, class: db === 0 ? "zero" : "" });
    });
    const up = GRID_HZ.map((hz) => make("svg:path", { d: `M${WIDTH * xOfHz(hz)} 0V${HEIGHT}` }));
    return make("svg:g", { class: "grid" }, ...up, ...across);
  }

  marks() {
    const hz = GRID_HZ.map((at) =>
      make("small", { class: "hz", style: `left:${100 * xOfHz(at)}%` }, at >= 1000 ? `${at / 1000}k` : `${at}`),
    );
    const db = GRID_DB.filter(Boolean).map((at) =>
      make("small", { class: "db", style: `top:${50 * (1 - at / SPAN_DB)}%` }, `${at > 0 ? "+" : ""}${at}`),
    );
    return [...hz, ...db];
  }

  update() {
    const paths = responsePaths(this.response(), WIDTH, HEIGHT, SPAN_DB);
    this.area.setAttribute("d", paths.area);
    this.line.setAttribute("d", paths.line);
    const before = this.before();
    this.was.setAttribute("d", before ? responsePaths(before, WIDTH, HEIGHT, SPAN_DB).line : "");
    this.handles.forEach((handle) => handle.place());
  }

  get(knob) {
    return this.engine.get(`${this.target}.equalizer.${knob}`);
  }

  set(knob, value) {
    this.engine.set(`${this.target}.equalizer.${knob}`, value);
  }

  rest(knob) {
    return this.engine.param("equalizer", knob).default;
  }

  /** Across moves the frequency, up the gain, the wheel the Q; a double click makes the band flat. */
  handle(band) {
    const dot = make("span", { class: "handle", title: band.title }, band.name.length > 2 ? band.name[0] : band.name);
    dot.place = () => {
      const gain = band.gain ? this.get(band.gain) : 0;
      dot.style.left = `${100 * xOfHz(this.get(band.hz))}%`;
      dot.style.top = `${50 * (1 - gain / SPAN_DB)}%`;
      dot.classList.toggle("moved", band.gain ? gain !== 0 : this.get(band.hz) !== this.rest(band.hz));
    };
    dot.addEventListener("pointerdown", (event) => {
      dot.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    dot.addEventListener("pointermove", (event) => dot.hasPointerCapture(event.pointerId) && this.drag(band, event));
    dot.addEventListener("dblclick", () => this.set(band.gain ?? band.hz, this.rest(band.gain ?? band.hz)));
    dot.addEventListener("wheel", (event) => this.narrow(band, event), { passive: false });
    return dot;
  }

  drag(band, { clientX, clientY }) {
    const box = this.svg.getBoundingClientRect();
    const x = clamp((clientX - box.left) / box.width), y = clamp((clientY - box.top) / box.height);
    this.set(band.hz, LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** x);
    if (band.gain) this.set(band.gain, SPAN_DB * (1 - 2 * y));
  }

  narrow(band, event) {
    event.preventDefault();
    if (band.q) this.set(band.q, this.get(band.q) * NOTCH ** -Math.sign(event.deltaY));
  }
}

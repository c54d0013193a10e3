// What happens over time: short-term loudness, and how far left and right agree.

import { make } from "./controls.js";
import { clock, correlationAxis, levelAxis, signed, timeAxis } from "./axes.js";
import { Plot, table } from "./plots.js";

const SPAN_LU = 30;
const ROWS = 40; // of a table, in which each row is one of evenly spaced places

const PICTURES = {
  loudness: {
    title: "Loudness over time",
    what: "short-term: the last 3 s",
    unit: "LUFS",
    digits: 1,
    axis: (values) => levelAxis(values, SPAN_LU, "LUFS"),
  },
  correlation: {
    title: "Stereo over time",
    what: "correlation of left and right: 1 is mono, 0 is wide, under 0 they cancel in mono",
    unit: "",
    digits: 2,
    axis: () => correlationAxis(),
  },
};

export class OverTime {
  /**
   * @param kind "loudness" or "correlation".
   * @param look the document; @param shown whether a side is drawn, by its key.
   * @param seek called with seconds where the picture is pressed; none where nothing plays.
   */
  constructor(kind, look, shown, seek = null) {
    Object.assign(this, { look, shown, about: PICTURES[kind], lines: look[kind] });
    const longest = this.lines.reduce((a, b) => (b.values.length * b.step_s > a.values.length * a.step_s ? b : a));
    this.seconds = longest.values.map((_, n) => longest.start_s + n * longest.step_s);
    const { title, what, axis } = this.about, x = timeAxis(this.seconds.at(-1) ?? 1);
    const y = axis(this.lines.flatMap(({ values }) => values));
    const read = (index) => this.read(index);
    this.plot = new Plot({ name: title, x, y, places: this.seconds, read, press: seek });
    const names = ["Time", ...this.lines.map(({ side }) => this.name(side))];
    this.element = make(
      "section", { class: kind },
      make("div", { class: "heading" }, make("h3", {}, title), make("p", { class: "what short", title: what }, what)),
      this.plot.element,
      table(`${title} in figures`, names, () => this.rows()),
    );
    this.update();
  }

  name(key) {
    return this.look.sides.find((side) => side.key === key).name;
  }

  update() {
    const shown = this.lines.filter(({ side }) => this.shown(side));
    this.plot.show(shown.map(({ side, start_s: start, step_s: step, values }) => ({
      style: this.look.sides.find(({ key }) => key === side).style,
      points: values.map((value, n) => [start + n * step, value]),
    })));
  }

  /** Shows where the song is. */
  play(seconds) {
    this.plot.play(seconds);
  }

  at({ start_s: start, step_s: step, values }, seconds) {
    const value = values[Math.round((seconds - start) / step)];
    return Number.isFinite(value) ? `${signed(value, this.about.digits)} ${this.about.unit}`.trim() : null;
  }

  read(index) {
    const seconds = this.seconds[index], shown = this.lines.filter(({ side }) => this.shown(side));
    const said = shown.map((line) => [this.name(line.side), this.at(line, seconds)]).filter(([, value]) => value);
    return `${clock(seconds)}: ${said.map((pair) => pair.join(" ")).join(", ") || "silence"}`;
  }

  rows() {
    const every = Math.max(1, Math.ceil(this.seconds.length / ROWS));
    const places = this.seconds.filter((_, n) => n % every === 0);
    return places.map((seconds) => [clock(seconds), ...this.lines.map((line) => this.at(line, seconds) ?? "\u2013")]);
  }
}

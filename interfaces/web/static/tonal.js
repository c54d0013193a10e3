// Tonal balance: the tone of each mix over the range in which its references move, and of what is playing.

import { make, toggle } from "./controls.js";
import { frequencyAxis, hertz, levelAxis, signed } from "./axes.js";
import { Plot, table } from "./plots.js";

const SPAN_DB = 48;

export class Tonal {
  /** @param look the document; @param shown whether a side is drawn, by its key. */
  constructor(look, shown) {
    Object.assign(this, { look, shown, view: look.tones[0] });
    const { centres_hz: centres } = look.bands;
    const about = { name: "Tonal balance", x: frequencyAxis(), y: this.levels(), places: centres };
    this.plot = new Plot({ ...about, read: (band) => this.read(band) });
    this.buttons = look.tones.map((view) => {
      const label = `Tone of ${view.name.toLowerCase()}: ${view.what}`;
      return toggle(label, view.name, () => this.view === view, () => this.choose(view));
    });
    const choice = make("div", { class: "buttons", role: "group", "aria-label": "Tone of what" }, ...this.buttons);
    this.what = make("p", { class: "what short" });
    this.values = make("div");
    const head = make("div", { class: "heading" }, make("h3", {}, "Tonal balance"), choice, this.what);
    this.element = make("section", { class: "tonal" }, head, this.plot.element, this.values);
    this.choose(this.view);
  }

  choose(view) {
    this.view = view;
    for (const button of this.buttons) button.update();
    this.what.textContent = this.what.title = view.what;
    const names = ["Band", ...this.look.sides.map(({ name }) => name)], { name } = view;
    this.values.replaceChildren(table(`Tone of ${name.toLowerCase()} in figures, dB`, names, () => this.rows()));
    this.update();
  }

  update() {
    const { centres_hz: centres } = this.look.bands, style = (key) => this.side(key).style;
    const seen = ({ side }) => this.shown(side);
    const lines = this.view.lines.filter(seen).map(({ side, db }) => ({
      style: style(side),
      points: centres.map((hz, band) => [hz, db[band]]),
    }));
    const ranges = this.view.ranges.filter(seen).map(({ side, low_db: low, high_db: high }) => ({
      style: style(side),
      points: centres.map((hz, band) => [hz, low[band], high[band]]),
    }));
    this.plot.show(lines, ranges, this.levels());
  }

  side(key) {
    return this.look.sides.find((side) => side.key === key);
  }

  levels() {
    const { lines, ranges } = this.view;
    const all = [...lines.flatMap(({ db }) => db), ...ranges.flatMap((range) => [...range.low_db, ...range.high_db])];
    return levelAxis(all, SPAN_DB, "dB");
  }

  band(index) {
    const { edges_hz: edges } = this.look.bands;
    return `${hertz(edges[index])} to ${hertz(edges[index + 1])}`;
  }

  read(band) {
    const levels = this.view.lines.filter(({ side, db }) => this.shown(side) && db[band] !== null);
    const said = levels.map(({ side, db }) => `${this.side(side).name} ${signed(db[band])} dB`);
    for (const { side, low_db: low, high_db: high } of this.view.ranges) {
      if (this.shown(side) && low[band] !== null) said.push(`its range ${signed(low[band])} to ${signed(high[band])}`);
    }
    return `${this.band(band)}: ${said.join(", ") || "nothing"}`;
  }

  rows() {
    const level = (side, band) => this.view.lines.find((line) => line.side === side)?.db[band];
    const cell = (value) => (Number.isFinite(value) ? signed(value) : "\u2013");
    return this.look.bands.centres_hz.map((_, band) => [
      this.band(band), ...this.look.sides.map(({ key }) => cell(level(key, band))),
    ]);
  }

  /** Draws what is playing over the picture: levels of { mid, side }, or null for nothing. */
  live(levels) {
    const pencil = this.plot.pencil(), shown = levels?.[this.view.key];
    if (!pencil || !shown) return;
    const style = getComputedStyle(this.element), centres = this.look.bands.centres_hz;
    const base = this.plot.down(this.plot.y.low);
    pencil.beginPath();
    for (const [band, hz] of centres.entries()) pencil.lineTo(this.plot.across(hz), this.plot.down(shown[band]));
    pencil.strokeStyle = pencil.fillStyle = style.getPropertyValue("--live");
    pencil.lineWidth = 1.5;
    pencil.stroke();
    pencil.lineTo(this.plot.across(centres.at(-1)), base);
    pencil.lineTo(this.plot.across(centres[0]), base);
    pencil.globalAlpha = 0.18;
    pencil.fill();
    pencil.globalAlpha = 1;
  }
}

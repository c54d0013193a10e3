// The masking map: for each track and band how far it stands over, or under, what the others play there.

import { make, toggle } from "./controls.js";
import { clock, hertz, signed } from "./axes.js";
import { table } from "./plots.js";

const CLEAR_DB = 12; // over the others, from which on a cell has all of the colour of what is clear
const COVERED_DB = -24; // under them, from which on it has all of the colour of what is covered
const FAINT = 0.3; // of its colour, where a track has hardly anything

export class MaskingMap {
  /** @param look a document that has a map; the side that is shown first is its first one. */
  constructor(look) {
    Object.assign(this, { look, map: look.masking, view: look.masking.views[0], at: [0, 0] });
    const name = ({ side }) => look.sides.find(({ key }) => key === side).name;
    this.buttons = this.map.views.map((view) =>
      toggle(`Masking: ${name(view)}`, name(view), () => this.view === view, () => this.choose(view)),
    );
    const choice = make("div", { class: "buttons", role: "group", "aria-label": "Masking in which mix" });
    if (this.buttons.length > 1) choice.append(...this.buttons);
    this.said = make("p", { class: "read", "aria-hidden": "true" });
    this.grid = this.cells();
    this.values = make("div");
    const parts = this.map.parts.map(([start, stop]) => `${clock(start)}\u2013${clock(stop)}`).join(", ");
    const whose = this.buttons.length > 1 ? "" : `${name(this.view)}: `;
    const what = `${whose}each track over, or under, the others in a band; measured at ${parts}`;
    const about = make("p", { class: "what short", title: what }, what);
    this.element = make(
      "section", { class: "masking" },
      make("div", { class: "heading" }, make("h3", {}, "Masking"), choice, about),
      make("div", { class: "scrolls" }, this.grid),
      this.key(),
      this.said,
      this.values,
    );
    this.choose(this.view);
  }

  /** A cell for each track and band, empty. */
  cells() {
    const { tracks } = this.map, { centres_hz: centres } = this.look.bands, last = tracks.length * centres.length - 1;
    const limits = { "aria-valuemin": 0, "aria-valuemax": last, "aria-valuenow": 0 };
    const about = { role: "slider", tabindex: 0, "aria-label": "Masking: track and band to read", ...limits };
    const grid = make("div", { class: "map", ...about, style: `--bands:${centres.length}` });
    this.boxes = tracks.map(({ name, colour }, track) => {
      grid.append(make("span", { class: "name", style: `--role:${colour}`, title: name }, name));
      return centres.map((_, band) => {
        const box = make("i", { "data-track": track, "data-band": band });
        grid.append(box);
        return box;
      });
    });
    const mark = (hz, band) => (band % 4 === 1 ? hertz(hz).replace(" Hz", "").replace(" kHz", "k") : "");
    grid.append(make("span"), ...centres.map((hz, band) => make("small", {}, mark(hz, band))));
    const read = ({ target: { dataset } }) => dataset.band && this.point(Number(dataset.track), Number(dataset.band));
    grid.addEventListener("pointermove", read);
    grid.addEventListener("pointerdown", read);
    grid.addEventListener("keydown", (event) => this.press(event));
    return grid;
  }

  key() {
    const scale = make("i", { class: "shades", "aria-hidden": "true" });
    const clear = make("span", {}, "clear; empty where the track has nothing");
    return make("p", { class: "key" }, make("span", {}, "covered"), scale, clear);
  }

  choose(view) {
    this.view = view;
    for (const button of this.buttons) button.update();
    for (const [track, boxes] of this.boxes.entries()) {
      for (const [band, box] of boxes.entries()) {
        const over = view.over_db[track]?.[band] ?? null;
        const own = view.own_db[track]?.[band] ?? this.map.empty_db;
        const share = (over - COVERED_DB) / (CLEAR_DB - COVERED_DB);
        box.classList.toggle("there", over !== null);
        box.style.setProperty("--own", (1 - (1 - FAINT) * (own / this.map.empty_db)).toFixed(2));
        box.style.setProperty("--clear", `${Math.round(100 * Math.min(Math.max(0, share), 1))}%`);
      }
    }
    const columns = ["Track", "at its best", ...this.look.bands.edges_hz.slice(0, -1).map((hz) => `from ${hertz(hz)}`)];
    this.values.replaceChildren(table("Masking in figures, dB over the others", columns, () => this.rows()));
    this.point(...this.at);
  }

  point(track, band) {
    const [before, beside] = this.at;
    this.boxes[before][beside].classList.remove("at");
    this.boxes[track][band].classList.add("at");
    this.at = [track, band];
    const text = this.read(track, band);
    this.said.textContent = text;
    this.grid.setAttribute("aria-valuenow", track * this.look.bands.centres_hz.length + band);
    this.grid.setAttribute("aria-valuetext", text);
  }

  read(track, band) {
    const { tracks } = this.map, { edges_hz: edges } = this.look.bands, { over_db: over, by } = this.view;
    const where = `${tracks[track].name}, ${hertz(edges[band])} to ${hertz(edges[band + 1])}`;
    if (over[track] === null) return `${where}: not in this mix`;
    const level = over[track][band], other = tracks[by[track]?.[band]]?.name;
    if (level === null) return `${where}: it has nothing there`;
    const side = `${signed(Math.abs(level))} dB ${level < 0 ? "under" : "over"} what the others play there`;
    return `${where}: ${side}${other ? `, mostly ${other}` : ""}`;
  }

  press(event) {
    const [track, band] = this.at, lastTrack = this.boxes.length - 1, lastBand = this.boxes[0].length - 1;
    const moves = {
      ArrowRight: [track, band + 1], ArrowLeft: [track, band - 1], ArrowDown: [track + 1, band],
      ArrowUp: [track - 1, band], Home: [track, 0], End: [track, lastBand],
    };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    const [row, column] = moves[event.key];
    this.point(Math.min(Math.max(0, row), lastTrack), Math.min(Math.max(0, column), lastBand));
    event.preventDefault();
    event.stopPropagation();
  }

  rows() {
    const cell = (value) => (value === null ? "\u2013" : signed(value));
    return this.map.tracks.map(({ name }, track) => [
      name, cell(this.view.best_db[track]), ...this.look.bands.centres_hz.map((_, band) => cell(this.view.over_db[track]?.[band] ?? null)),
    ]);
  }
}

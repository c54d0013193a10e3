// All pictures of a look document, and one legend for them that shows and hides the mixes in them.

import { make, toggle } from "./controls.js";
import { MaskingMap } from "./masking.js";
import { OverTime } from "./loudness.js";
import { table } from "./plots.js";
import { Tonal } from "./tonal.js";

export class Pictures {
  /**
   * @param look the document, as interfaces/looked.py makes it.
   * @param seek called with seconds where a picture over time is pressed; null where nothing plays.
   */
  constructor(look, seek = null) {
    this.look = look;
    this.hidden = new Set();
    const shown = (key) => !this.hidden.has(key);
    this.tonal = new Tonal(look, shown);
    const there = ["loudness", "correlation"].filter((kind) => look[kind].some(({ values }) => values.length > 1));
    this.overTime = there.map((kind) => new OverTime(kind, look, shown, seek));
    this.entries = look.sides.map((side) => this.entry(side));
    const about = { class: "legend", role: "group", "aria-label": "Mixes in the pictures" };
    this.legend = make("div", about, ...this.entries);
    const masking = look.masking ? [new MaskingMap(look).element] : [];
    const notes = look.notes.map((note) => make("p", { class: "what" }, `${note}.`));
    this.element = make(
      "div", { class: "pictures" },
      this.tonal.element,
      ...masking,
      ...this.overTime.map(({ element }) => element),
      make("div", { class: "all" }, this.figures(), ...notes),
    );
  }

  entry({ key, name, style }) {
    const text = make("span", {}, make("i", { class: style }), name);
    const button = toggle(`Show ${name}`, text, () => !this.hidden.has(key), () => this.flip(key));
    return button;
  }

  /** Shows a mix, or hides it. */
  flip(key) {
    if (!this.hidden.delete(key)) this.hidden.add(key);
    for (const button of this.entries) button.update();
    for (const picture of [this.tonal, ...this.overTime]) picture.update();
  }

  figures() {
    const { sides, figures } = this.look, columns = ["Measured", ...sides.map(({ name }) => name)];
    if (!figures.length) return "";
    const rows = () => figures.map(({ name, values }) => [name, ...sides.map(({ key }) => values[key])]);
    const whole = table("All figures", columns, rows);
    whole.open = true;
    return whole;
  }

  /** Shows where the song is, in seconds, and draws what is playing; `levels` is null for nothing. */
  play(seconds, levels) {
    for (const picture of this.overTime) picture.play(seconds);
    this.tonal.live(levels);
  }
}

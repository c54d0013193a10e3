// All knobs of one strip, of the reverb bus or of the master.

import { icon, make, press, show, toggle } from "./controls.js";
import { BANDS, compressorPath } from "./curves.js";
import { Graphic } from "./graphic.js";
import { isTrack } from "./settings.js";

const LARGE = ["equalizer", "compressor"]; // groups that take the height of the panel
const CURVE = 72;
const HINT = "Drag, scroll or use the arrow keys; shift is fine, double-click resets, type a value, L locks.";

export class Panel {
  constructor(desk) {
    Object.assign(this, { desk, engine: desk.engine, updates: [] });
    this.help = make("p", { class: "help" }, HINT);
    this.why = press("Show why this knob was moved", "Why?", () => desk.ghosts.why(this.told), "toggle plain worded");
    this.told = null; // the address that the help is about
    this.element = make("section", { class: "panel" });
  }

  show(target) {
    this.updates = [];
    this.element.style.setProperty("--role", this.desk.colour(target));
    this.element.setAttribute("aria-label", `${this.desk.name(target)}: all knobs`);
    const processors = this.engine.processors(target), small = make("div", { class: "small" });
    const groups = make("div", { class: "groups" });
    for (const processor of processors) {
      (LARGE.includes(processor) ? groups : small).append(this.group(target, processor));
    }
    groups.append(small);
    this.help.textContent = HINT;
    this.why.hidden = true;
    this.element.replaceChildren(make("header", {}, make("h2", {}, this.desk.name(target)), this.why, this.help), groups);
  }

  /** What a knob does, why it stands where it stands, and where it stood. */
  tell({ address, param }) {
    const { ghosts } = this.desk, before = ghosts.before(address);
    this.told = address;
    this.why.hidden = !ghosts.moved.has(address);
    const [target, processor, knob] = address.split(".");
    const why = this.engine.settings(target)[processor]?.knobs?.[knob]?.reason;
    const reason = why ? ` ${why[0].toUpperCase()}${why.slice(1)}.` : "";
    const was = before === null ? "" : ` It was ${show(param, before)}: O hears that.`;
    this.help.textContent = `${this.desk.name(target)} ${processor}: ${param.doc}${was}${reason}`;
  }

  update() {
    for (const update of this.updates) update();
  }

  /** Runs now and after every change. */
  follow(update) {
    this.updates.push(update);
    update();
  }

  control(target, processor, knob, label) {
    return this.desk.control(target, processor, knob, { label }).element;
  }

  group(target, processor) {
    const address = `${target}.${processor}.bypass`, { engine } = this;
    const name = `${this.desk.name(target)}: ${processor} on`;
    const isOn = () => !engine.get(address), flip = () => engine.set(address, isOn());
    const power = toggle(name, icon("power"), isOn, flip, "power");
    const body = processor === "equalizer" ? this.equalizer(target) : this.knobs(target, processor);
    const group = make("fieldset", { class: `group of-${processor}` }, make("legend", {}, power, processor), body);
    this.follow(() => {
      power.update();
      group.classList.toggle("bypassed", engine.get(address));
    });
    return group;
  }

  equalizer(target) {
    const { desk } = this;
    const graphic = new Graphic(this.engine, target, () => desk.response(target), () => desk.responseBefore(target));
    this.updates.push(() => graphic.update());
    const bands = BANDS.map(({ name, title, gain, hz, q }) => {
      const knobs = [[gain, "Gain"], [hz, "Freq"], [q, "Q"]].filter(([knob]) => knob);
      const controls = knobs.map(([knob, label]) => this.control(target, "equalizer", knob, label));
      return make("div", { class: "band" }, make("h3", { title }, name), ...controls);
    });
    return make("div", { class: "graphic" }, graphic.element, make("div", { class: "bands" }, ...bands));
  }

  knobs(target, processor) {
    const body = make("div", { class: "knobs" });
    if (processor === "compressor") body.append(this.staticCurve(target));
    for (const param of this.engine.schema.knobs[processor]) {
      if (this.isIdle(target, processor, param.name)) continue;
      const label = param.label.replace(" frequency", "");
      if (param.scale === "switch") body.append(this.flip(target, processor, param));
      else body.append(this.control(target, processor, param.name, label));
    }
    return body;
  }

  /** The width of a mono track does nothing. */
  isIdle(target, processor, knob) {
    return processor === "panner" && knob === "width" && isTrack(target) && this.engine.track(target).channels === 1;
  }

  flip(target, processor, param) {
    const button = this.desk.flip(`${target}.${processor}.${param.name}`, param.label);
    this.updates.push(() => button.update());
    return button;
  }

  staticCurve(target) {
    const zero = make("svg:path", { class: "zero", d: `M0 ${CURVE}L${CURVE} 0` });
    const line = make("svg:path", { class: "line" });
    const get = (knob) => this.engine.get(`${target}.compressor.${knob}`);
    this.follow(() => line.setAttribute("d", compressorPath(get, CURVE)));
    return make("svg:svg", { viewBox: `0 0 ${CURVE} ${CURVE}`, class: "transfer", "aria-hidden": "true" }, zero, line);
  }
}

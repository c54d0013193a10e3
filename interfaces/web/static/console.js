// The console as a component: a strip for each track, the reverb bus, the master, and all knobs of the one chosen.
//
//   const desk = new Desk(element, engine, { colours, roles });   // after engine.load
//
// It shows what engine.session says and moves it through engine.set; it decides nothing by itself.

import { Control, icon, make, toggle } from "./controls.js";
import { BANDS, Responses, compressorPath, responsePaths, thumbnail, xOfHz } from "./curves.js";

const FALL_DB_PER_S = 26; // of a meter's bar
const METER_LOW_DB = -60;
const METER_HIGH_DB = 6;
const REDUCTION_SPAN_DB = 18;
const HOLD_S = 1.5; // in which a meter remembers its peak
const MARKS_DB = [12, 0, -12, -24, -36, -48];
const LARGE = ["of-equalizer", "of-compressor"]; // groups that take the height of the panel
const WIDE = 640, TALL = 176, SPAN_DB = 20; // of the large equaliser

const clamp = (value) => Math.min(Math.max(0, value), 1);
const meterUnit = (db) => clamp((db - METER_LOW_DB) / (METER_HIGH_DB - METER_LOW_DB));
const isTrack = (target) => target !== "reverb" && target !== "master";
const plain = (text) => text.replaceAll("_", " ");

/** A bar that jumps up and falls slowly, with a mark at its last peak. */
class Meter {
  constructor(className = "") {
    this.bar = make("i");
    this.mark = make("b");
    this.element = make("div", { class: `meter ${className}`, "aria-hidden": "true" }, this.bar, this.mark);
    this.db = this.heldDb = METER_LOW_DB;
    this.held = 0;
  }

  show(db, seconds) {
    this.db = Math.max(db, this.db - FALL_DB_PER_S * seconds, METER_LOW_DB - 1);
    this.held += seconds;
    if (db >= this.heldDb || this.held > HOLD_S) [this.heldDb, this.held] = [Math.max(db, METER_LOW_DB), 0];
    this.element.style.setProperty("--level", meterUnit(this.db).toFixed(4));
    this.element.style.setProperty("--held", this.heldDb > METER_LOW_DB ? meterUnit(this.heldDb).toFixed(4) : -1);
    this.element.classList.toggle("over", this.heldDb > 0);
  }
}

/** How much a compressor or limiter takes away, from the right. */
class Reduction {
  constructor() {
    this.element = make("div", { class: "reduction", "aria-hidden": "true", title: "Gain reduction" }, make("small", {}, "GR"), make("span", {}, make("i")));
    this.db = 0;
  }

  show(db, seconds) {
    this.db = Math.max(db, this.db - FALL_DB_PER_S * seconds, 0);
    this.element.style.setProperty("--level", clamp(this.db / REDUCTION_SPAN_DB).toFixed(4));
  }
}

export class Desk {
  constructor(element, engine, { colours, roles = {} }) {
    Object.assign(this, { element, engine, colours, roles });
    this.responses = new Responses(engine.session.sample_rate);
    this.controls = new Map(); // address -> controls that show it
    this.updates = []; // what follows every change
    this.strips = new Map();
    this.chosen = engine.session.tracks[0]?.id ?? "master";
    this.panel = make("section", { class: "panel" });
    this.rack = make("div", { class: "rack", role: "group", "aria-label": "Strips" });
    this.ends = make("div", { class: "ends" });
    for (const track of engine.session.tracks) this.rack.append(this.trackStrip(track));
    this.ends.append(this.reverbStrip(), this.masterStrip());
    element.classList.add("desk");
    element.replaceChildren(this.panel, make("div", { class: "board" }, this.rack, this.ends));
    this.choose(this.chosen);
    engine.addEventListener("change", ({ detail }) => this.changed(detail.address));
    engine.addEventListener("meters", () => this.metered());
    this.seen = performance.now();
  }

  // --- what strips are made of --------------------------------------------------------------------------------------------

  name(target) {
    return isTrack(target) ? this.engine.track(target).name : target === "reverb" ? "Reverb" : "Master";
  }

  colour(target) {
    return isTrack(target) ? this.colours.roles[this.engine.track(target).role] ?? this.colours.roles.other : this.colours[target];
  }

  control(target, processor, knob, options = {}) {
    const address = `${target}.${processor}.${knob}`, { label } = this.engine.param(processor, knob);
    const control = new Control(this.engine, address, { name: `${this.name(target)}, ${processor} ${label.toLowerCase()}`, ...options });
    if (!this.controls.has(address)) this.controls.set(address, new Set());
    this.controls.get(address).add(control);
    const tell = () => this.tell(control);
    control.element.addEventListener("pointerenter", tell);
    control.dial.addEventListener("focus", tell);
    return control;
  }

  /** A button for a flag of the session. */
  flag(address, label, content, className) {
    const button = toggle(label, content, () => Boolean(this.engine.get(address)), () => this.engine.set(address, !this.engine.get(address)), className);
    this.updates.push(() => button.update());
    return button;
  }

  lock(track) {
    const button = this.flag(`${track.id}.locked`, `Lock ${track.name}`, "", "lock");
    const draw = () => button.replaceChildren(icon(this.engine.get(`${track.id}.locked`) ? "locked" : "open"));
    this.updates.push(draw);
    draw();
    return button;
  }

  /** The processor's switch: on where it is in the circuit. */
  power(target, processor) {
    const address = `${target}.${processor}.bypass`;
    const button = toggle(
      `${this.name(target)}: ${processor} on`, icon("power"), () => !this.engine.get(address), () => this.engine.set(address, !this.engine.get(address)), "power",
    );
    return button;
  }

  head(target, note) {
    const title = make("button", { type: "button", class: "name", title: this.name(target) }, make("span", {}, this.name(target)));
    title.addEventListener("click", () => this.reveal(target));
    return make("header", { class: "head" }, title, make("small", { title: note }, note));
  }

  curve(target) {
    const svg = thumbnail(72, 34), button = make("button", { type: "button", class: "eq", "aria-label": `${this.name(target)}: show all knobs` }, svg);
    const draw = () => {
      svg.draw(this.response(target));
      button.classList.toggle("bypassed", this.engine.get(`${target}.equalizer.bypass`));
    };
    button.addEventListener("click", () => this.reveal(target));
    this.updates.push((address) => (address === null || address.startsWith(`${target}.equalizer`)) && draw());
    draw();
    return button;
  }

  response(target) {
    const { low } = this.engine.param("equalizer", "highpass_hz"), get = (knob) => this.engine.get(`${target}.equalizer.${knob}`);
    return this.responses.equalizer(get, (knob) => get(knob) <= low);
  }

  /** A fader with its scale and its meters. */
  level(target, meters) {
    const fader = this.control(target, "fader", "gain_db", { kind: "fader" });
    const { low, high } = fader.param;
    const scale = make("div", { class: "scale", "aria-hidden": "true" });
    for (const db of MARKS_DB) scale.append(make("span", { style: `--at:${(db - low) / (high - low)}` }, `${Math.abs(db)}`));
    const way = make("div", { class: "way" });
    fader.dial.replaceWith(way);
    way.append(scale, fader.dial, ...meters.map((meter) => meter.element));
    return fader.element;
  }

  strip(target, className, ...children) {
    const strip = make("article", { class: `strip ${className}`, "data-target": target, "aria-label": this.name(target), style: `--role:${this.colour(target)}` }, ...children);
    this.strips.set(target, { ...this.strips.get(target), element: strip });
    return strip;
  }

  // --- strips -------------------------------------------------------------------------------------------------------------------

  trackStrip(track) {
    const { id } = track, meter = new Meter(), reduction = new Reduction();
    this.strips.set(id, { meters: [meter], reduction });
    const stereo = track.channels === 2;
    const width = stereo ? this.control(id, "panner", "width", { label: "Width" }).element : make("span", { class: "control knob empty" });
    const strip = this.strip(
      id, "track",
      this.head(id, plain(this.roles[track.role] ?? track.role)),
      this.curve(id), reduction.element,
      make(
        "div", { class: "knobs" },
        this.control(id, "compressor", "threshold_db", { label: "Thresh", terse: true }).element, this.control(id, "compressor", "ratio", { label: "Ratio" }).element,
        this.control(id, "send", "level_db", { label: "Reverb", terse: true }).element, width,
      ),
      make("div", { class: "place" }, this.control(id, "panner", "pan", { label: "Pan" }).element),
      make(
        "div", { class: "flags" },
        this.flag(`${id}.mute`, `Mute ${track.name}`, "M", "mute"), this.flag(`${id}.solo`, `Solo ${track.name}`, "S", "solo"), this.lock(track),
      ),
      this.level(id, [meter]),
    );
    const audible = () => strip.classList.toggle("silent", !this.engine.audible()[this.engine.session.tracks.indexOf(track)]);
    this.updates.push(audible, () => strip.classList.toggle("held", Boolean(track.locked)));
    this.updates.at(-1)();
    audible();
    return strip;
  }

  reverbStrip() {
    const knobs = this.engine.schema.knobs.reverb.map(({ name, label }) => this.control("reverb", "reverb", name, { label: label.replace(" frequency", "") }).element);
    return this.strip("reverb", "bus", this.head("reverb", "bus"), make("div", { class: "knobs" }, ...knobs));
  }

  masterStrip() {
    const meters = [new Meter(), new Meter()], compressor = new Reduction(), limiter = new Reduction();
    this.strips.set("master", { meters, compressor, limiter });
    this.readings = Object.fromEntries(
      [["momentaryLufs", "Momentary", "LUFS"], ["integratedLufs", "Integrated", "LUFS"], ["truePeakDb", "True peak", "dBTP"]].map(([key, label, unit]) => {
        const value = make("output", {}, "–");
        return [key, { value, row: make("div", { class: "reading" }, make("span", {}, label), value, make("small", {}, unit)) }];
      }),
    );
    const reset = make("button", { type: "button", class: "readings", title: "Start the measurement anew", "aria-label": "Loudness and true peak: start anew" }, ...Object.values(this.readings).map(({ row }) => row));
    reset.addEventListener("click", () => this.engine.resetMeters());
    const active = "master.limiter.active";
    const limit = toggle("Limiter", "Limiter", () => this.engine.get(active) > 0, () => this.engine.set(active, this.engine.get(active) > 0 ? 0 : 1), "limit");
    this.updates.push(() => limit.update());
    return this.strip(
      "master", "master",
      this.head("master", "output"),
      this.curve("master"),
      make("div", { class: "knobs" }, this.control("master", "compressor", "threshold_db", { label: "Thresh" }).element, this.control("master", "compressor", "ratio", { label: "Ratio" }).element),
      compressor.element, limit, limiter.element, reset,
      this.level("master", meters),
    );
  }

  // --- all knobs of the chosen one ----------------------------------------------------------------------------------------------

  reveal(target) {
    this.choose(target);
    this.panel.scrollIntoView({ block: "nearest" });
  }

  choose(target) {
    for (const [address, controls] of this.controls) {
      for (const control of controls) if (this.panel.contains(control.element)) controls.delete(control);
      if (!controls.size) this.controls.delete(address);
    }
    this.chosen = target;
    for (const [name, { element }] of this.strips) element.classList.toggle("chosen", name === target);
    this.panelUpdates = [];
    this.panel.style.setProperty("--role", this.colour(target));
    this.panel.setAttribute("aria-label", `${this.name(target)}: all knobs`);
    this.help = make("p", { class: "help" });
    const groups = this.engine.processors(target).map((processor) => this.group(target, processor));
    const large = groups.filter((group) => LARGE.some((name) => group.classList.contains(name)));
    const small = make("div", { class: "small" }, ...groups.filter((group) => !large.includes(group)));
    this.panel.replaceChildren(make("header", {}, make("h2", {}, this.name(target)), this.help), make("div", { class: "groups" }, ...large, small));
    this.tell(null);
  }

  group(target, processor) {
    const power = this.power(target, processor);
    this.panelUpdates.push(() => power.update());
    const body = processor === "equalizer" ? this.equalizer(target) : this.knobs(target, processor);
    const group = make("fieldset", { class: `group of-${processor}` }, make("legend", {}, power, processor), body);
    const dim = () => group.classList.toggle("bypassed", this.engine.get(`${target}.${processor}.bypass`));
    this.panelUpdates.push(dim);
    dim();
    return group;
  }

  knobs(target, processor) {
    const mono = isTrack(target) && this.engine.track(target).channels === 1;
    const params = this.engine.schema.knobs[processor].filter((param) => !(mono && processor === "panner" && param.name === "width"));
    const knobs = params.map((param) =>
      param.scale === "switch" ? this.switchOf(target, processor, param) : this.control(target, processor, param.name, { label: param.label.replace(" frequency", "") }).element,
    );
    const body = make("div", { class: "knobs" }, ...knobs);
    if (processor === "compressor") body.prepend(this.staticCurve(target));
    return body;
  }

  switchOf(target, processor, param) {
    const address = `${target}.${processor}.${param.name}`;
    const button = toggle(`${this.name(target)}, ${processor} ${param.label.toLowerCase()}`, param.label, () => this.engine.get(address) > 0, () => this.engine.set(address, this.engine.get(address) > 0 ? 0 : 1));
    this.panelUpdates.push(() => button.update());
    return button;
  }

  staticCurve(target) {
    const line = make("svg:path", { class: "line" });
    const draw = () => line.setAttribute("d", compressorPath((knob) => this.engine.get(`${target}.compressor.${knob}`), 72));
    this.panelUpdates.push(draw);
    draw();
    const svg = make("svg:svg", { viewBox: "0 0 72 72", class: "transfer", "aria-hidden": "true" }, make("svg:path", { class: "zero", d: "M0 72L72 0" }), line);
    return svg;
  }

  equalizer(target) {
    const columns = BANDS.map((band) => {
      const knobs = [band.gain, band.hz, band.q].filter(Boolean).map((knob) => {
        const label = knob === band.gain ? "Gain" : knob === band.hz ? "Freq" : "Q";
        return this.control(target, "equalizer", knob, { label }).element;
      });
      return make("div", { class: "band" }, make("h3", { title: band.title }, band.name), ...knobs);
    });
    return make("div", { class: "graphic" }, this.largeCurve(target), make("div", { class: "bands" }, ...columns));
  }

  /** The response, with a handle for each band: across moves the frequency, up the gain, the wheel the Q. */
  largeCurve(target) {
    const area = make("svg:path", { class: "area" }), line = make("svg:path", { class: "line" });
    const grid = make("svg:g", { class: "grid" });
    const marks = [50, 100, 200, 500, 1000, 2000, 5000, 10000].map((hz) => {
      grid.append(make("svg:path", { d: `M${WIDE * xOfHz(hz)} 0V${TALL}` }));
      return make("small", { class: "hz", style: `left:${100 * xOfHz(hz)}%` }, hz >= 1000 ? `${hz / 1000}k` : `${hz}`);
    });
    for (const db of [-12, -6, 0, 6, 12]) {
      const y = (1 - db / SPAN_DB) / 2;
      grid.append(make("svg:path", { d: `M0 ${TALL * y}H${WIDE}`, class: db === 0 ? "zero" : "" }));
      if (db) marks.push(make("small", { class: "db", style: `top:${100 * y}%` }, `${db > 0 ? "+" : ""}${db}`));
    }
    const svg = make("svg:svg", { viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: "none", class: "curve large", "aria-hidden": "true" }, grid, area, line);
    const handles = BANDS.map((band) => this.handle(target, band, svg));
    const draw = () => {
      const paths = responsePaths(this.response(target), WIDE, TALL, SPAN_DB);
      area.setAttribute("d", paths.area);
      line.setAttribute("d", paths.line);
      handles.forEach((handle) => handle.place());
    };
    this.panelUpdates.push(draw);
    draw();
    return make("div", { class: "stage" }, make("div", { class: "field", "aria-hidden": "true" }, svg, ...marks, ...handles));
  }

  handle(target, band, svg) {
    const at = (knob) => `${target}.equalizer.${knob}`, { engine } = this;
    const dot = make("span", { class: "handle", title: band.title }, band.name.length > 2 ? band.name[0] : band.name);
    dot.place = () => {
      const gain = band.gain ? engine.get(at(band.gain)) : 0;
      dot.style.left = `${100 * xOfHz(engine.get(at(band.hz)))}%`;
      dot.style.top = `${50 * (1 - gain / SPAN_DB)}%`;
      dot.classList.toggle("moved", band.gain ? gain !== 0 : engine.get(at(band.hz)) > engine.param("equalizer", band.hz).low);
    };
    const set = (knob, value) => {
      const { low, high } = engine.param("equalizer", knob);
      engine.set(at(knob), Math.min(Math.max(low, value), high));
    };
    dot.addEventListener("pointerdown", (event) => {
      dot.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    dot.addEventListener("pointermove", (event) => {
      if (!dot.hasPointerCapture(event.pointerId)) return;
      const box = svg.getBoundingClientRect(), x = (event.clientX - box.left) / box.width, y = (event.clientY - box.top) / box.height;
      set(band.hz, 20 * 1000 ** clamp(x));
      if (band.gain) set(band.gain, SPAN_DB * (1 - 2 * clamp(y)));
    });
    dot.addEventListener("dblclick", () => [band.gain ?? band.hz].forEach((knob) => set(knob, engine.param("equalizer", knob).default)));
    dot.addEventListener("wheel", (event) => {
      event.preventDefault();
      if (band.q) set(band.q, engine.get(at(band.q)) * 1.1 ** -Math.sign(event.deltaY));
    }, { passive: false });
    return dot;
  }

  /** What a knob does, and why it stands where it stands. */
  tell(control) {
    const hint = "Drag, scroll or use the arrow keys; shift is fine, double-click resets, type a value, L locks.";
    if (!control) return void (this.help.textContent = hint);
    const [target, processor, knob] = control.address.split(".");
    const why = this.engine.settings(target)[processor]?.knobs?.[knob]?.reason;
    this.help.textContent = `${this.name(target)} ${processor}: ${control.param.doc}${why ? ` ${why[0].toUpperCase()}${why.slice(1)}.` : ""}`;
    return undefined;
  }

  // --- what happens ---------------------------------------------------------------------------------------------------------------

  /** An address has changed; null is for all of them. */
  changed(address) {
    const shown = address === null || address.split(".").length < 3 || !this.controls.has(address) ? [...this.controls.values()] : [this.controls.get(address)];
    for (const controls of shown) for (const control of controls) control.update();
    for (const update of [...this.updates, ...this.panelUpdates]) update(address);
  }

  metered() {
    const now = performance.now(), seconds = (now - this.seen) / 1000, { strips, master } = this.engine.meters;
    this.seen = now;
    this.engine.session.tracks.forEach((track, index) => {
      const shown = this.strips.get(track.id), heard = strips[index];
      if (!heard) return;
      shown.meters[0].show(heard.peakDb, seconds);
      shown.reduction.show(heard.reductionDb, seconds);
    });
    if (!master) return;
    const shown = this.strips.get("master");
    shown.meters.forEach((meter, side) => meter.show(master.peaksDb[side], seconds));
    shown.compressor.show(master.compressorDb, seconds);
    shown.limiter.show(master.limiterDb, seconds);
    for (const [key, { value }] of Object.entries(this.readings)) {
      const text = master[key] > -100 ? master[key].toFixed(1) : "–";
      if (value.textContent !== text) value.textContent = text;
    }
  }
}

// The console as a component: a strip for each track, the reverb bus, the master, and all knobs of the one chosen.
//
//   const desk = new Desk(element, engine, { colours });   // after engine.load
//
// It shows what engine.session says and moves it through engine.set; it decides nothing by itself.

import { Control, icon, make, press, toggle } from "./controls.js";
import { Responses, thumbnail } from "./curves.js";
import { Ghosts } from "./ghosts.js";
import { Panel } from "./panel.js";
import { isTrack } from "./settings.js";
import { masterStrip, reverbStrip, trackStrip } from "./strips.js";

const MARKS_DB = [12, 0, -12, -24, -36, -48]; // beside a fader
const FEW = 8; // changes that are followed one by one
const FOUND_MS = 2500; // for which a knob that was looked for is marked

export class Desk {
  /** @param colours of roles, of the reverb and of the master. */
  constructor(element, engine, { colours }) {
    Object.assign(this, { engine, colours });
    this.responses = new Responses(engine.session.sample_rate);
    this.controls = new Map(); // address -> controls that show it
    this.updates = []; // what follows every change; called with its address, or null for all of them
    this.strips = new Map(); // target -> its element and its meters
    this.ghosts = new Ghosts(this);
    this.panel = new Panel(this);
    this.board = make("div", { class: "board" });
    this.element = element;
    element.classList.add("desk");
    element.replaceChildren(this.panel.element, this.board);
    this.build(engine.session.tracks[0]?.id ?? "master");
    engine.addEventListener("change", ({ detail }) => this.changed(detail.address));
    engine.addEventListener("replace", ({ detail }) => this.replaced(detail.addresses));
    engine.addEventListener("meters", () => this.metered());
    this.seen = performance.now();
  }

  /** All strips anew: names and colours are all over them. */
  build(chosen) {
    this.controls.clear();
    this.updates = [];
    this.strips.clear();
    const tracks = this.engine.session.tracks.map((track) => trackStrip(this, track));
    const rack = make("div", { class: "rack", role: "group", "aria-label": "Strips" }, ...tracks);
    const ends = make("div", { class: "ends" }, reverbStrip(this), masterStrip(this));
    const along = this.board.firstElementChild?.scrollLeft ?? 0;
    this.board.replaceChildren(rack, ends);
    rack.scrollLeft = along;
    this.choose(chosen);
  }

  // --- what strips are made of --------------------------------------------------------------------------------------

  name(target) {
    if (isTrack(target)) return this.engine.track(target).name;
    return target === "reverb" ? "Reverb" : "Master";
  }

  colour(target) {
    if (!isTrack(target)) return this.colours[target];
    return this.colours.roles[this.engine.track(target).role] ?? this.colours.roles.other;
  }

  control(target, processor, knob, options = {}) {
    const address = `${target}.${processor}.${knob}`, { label } = this.engine.param(processor, knob);
    const name = `${this.name(target)}, ${processor} ${label.toLowerCase()}`;
    const control = new Control(this.engine, address, { name, ghosts: this.ghosts, ...options });
    if (!this.controls.has(address)) this.controls.set(address, new Set());
    this.controls.get(address).add(control);
    control.element.addEventListener("pointerenter", () => this.panel.tell(control));
    control.dial.addEventListener("focus", () => this.panel.tell(control));
    return control;
  }

  /** Runs now and after every change. */
  follow(update) {
    this.updates.push(update);
    update(null);
  }

  /** A button for a flag of the session. */
  flag(address, label, content, className) {
    const isOn = () => Boolean(this.engine.get(address));
    const button = toggle(label, content, isOn, () => this.engine.set(address, !isOn()), className);
    this.follow(() => button.update());
    return button;
  }

  /** A button for a knob that is a switch. */
  flip(address, text, className = "") {
    const [target, processor] = address.split("."), isOn = () => this.engine.get(address) > 0;
    const label = `${this.name(target)}, ${processor} ${text.toLowerCase()}`;
    const button = toggle(label, text, isOn, () => this.engine.set(address, isOn() ? 0 : 1), className);
    button.dataset.address = address;
    const { update } = button;
    button.update = () => {
      const before = this.ghosts.before(address), was = before ? "on" : "off";
      update();
      button.classList.toggle("haunted", before !== null);
      button.title = before === null ? label : `${label}: was ${was}`;
    };
    return button;
  }

  lock({ id, name }) {
    const button = this.flag(`${id}.locked`, `Lock ${name}`, "", "lock");
    this.follow(() => button.replaceChildren(icon(this.engine.get(`${id}.locked`) ? "locked" : "open")));
    return button;
  }

  head(target, note) {
    const name = this.name(target);
    const title = press(`${name}: show all knobs`, make("span", {}, name), () => this.reveal(target), "name");
    return make("header", { class: "head" }, title, make("small", { title: note }, note));
  }

  /** The equaliser's response in small; a press shows all knobs. */
  curve(target) {
    const svg = thumbnail(72, 34);
    const button = press(`${this.name(target)}: show the equaliser`, svg, () => this.reveal(target), "eq");
    this.follow((address) => {
      if (address !== null && !address.startsWith(`${target}.equalizer`)) return;
      svg.draw(this.response(target));
      button.classList.toggle("bypassed", this.engine.get(`${target}.equalizer.bypass`));
    });
    return button;
  }

  response(target, get = (knob) => this.engine.get(`${target}.equalizer.${knob}`)) {
    const { low } = this.engine.param("equalizer", "highpass_hz");
    return this.responses.equalizer(get, (knob) => get(knob) <= low);
  }

  /** The response before a suggestion, or null where it moved nothing that is still open. */
  responseBefore(target) {
    const before = (knob) => this.ghosts.before(`${target}.equalizer.${knob}`);
    if (this.engine.schema.knobs.equalizer.every(({ name }) => before(name) === null)) return null;
    return this.response(target, (knob) => before(knob) ?? this.engine.get(`${target}.equalizer.${knob}`));
  }

  /** A fader with its scale and its meters. */
  level(target, meters) {
    const fader = this.control(target, "fader", "gain_db", { kind: "fader" }), { low, high } = fader.param;
    const scale = make("div", { class: "scale", "aria-hidden": "true" });
    for (const db of MARKS_DB) {
      scale.append(make("span", { style: `--at:${(db - low) / (high - low)}` }, `${Math.abs(db)}`));
    }
    const way = make("div", { class: "way" });
    fader.seat.replaceWith(way);
    way.append(scale, fader.seat, ...meters.map((meter) => meter.element));
    return fader.element;
  }

  strip(target, className, meters, ...children) {
    const about = { "data-target": target, "aria-label": this.name(target), style: `--role:${this.colour(target)}` };
    const element = make("article", { class: `strip ${className}`, ...about }, ...children);
    this.strips.set(target, { element, ...meters });
    return element;
  }

  // --- what happens -------------------------------------------------------------------------------------------------

  /** Leads the eye and the keyboard to a target's knobs, or to one knob: in its strip if it is there, else beside it. */
  reveal(address) {
    const [target, , knob] = address.split(".");
    this.choose(target);
    this.strips.get(target).element.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (knob === undefined) return this.panel.element.scrollIntoView({ block: "nearest" });
    const place = this.shown(address);
    place?.scrollIntoView({ block: "nearest", inline: "nearest" });
    (place?.querySelector(".dial") ?? place)?.focus({ preventScroll: true });
    place?.classList.add("found");
    setTimeout(() => place?.classList.remove("found"), FOUND_MS);
  }

  /** Where a knob can be seen now, or null: the panel shows one target, and narrow strips show less. */
  shown(address) {
    const places = [this.board, this.panel.element].map((part) => part.querySelectorAll(`[data-address="${address}"]`));
    return places.flatMap((found) => [...found]).find((place) => place.getClientRects().length > 0) ?? null;
  }

  /** Shows all knobs of a target. */
  choose(target) {
    this.chosen = target;
    for (const controls of this.controls.values()) {
      for (const control of controls) if (this.panel.element.contains(control.element)) controls.delete(control);
    }
    for (const [name, { element }] of this.strips) element.classList.toggle("chosen", name === target);
    this.panel.show(target);
  }

  /** Another session has taken the place of the one before. */
  replaced(addresses) {
    const isTold = (address) => ["name", "role"].includes(address.split(".")[1]);
    if (addresses.some(isTold)) this.build(this.chosen);
    else this.changedAt(addresses);
  }

  changedAt(addresses) {
    if (addresses.length > FEW) this.changed(null);
    else for (const address of addresses) this.changed(address);
  }

  /** Follows the session where an address has changed, or everywhere if it is null. */
  changed(address) {
    const one = address !== null && this.controls.get(address);
    for (const controls of one ? [one] : this.controls.values()) for (const control of controls) control.update();
    for (const update of this.updates) update(address);
    this.panel.update();
  }

  metered() {
    const now = performance.now(), seconds = (now - this.seen) / 1000, { strips, master } = this.engine.meters;
    this.seen = now;
    for (const [index, { id }] of this.engine.session.tracks.entries()) {
      if (!strips[index]) continue;
      const { meters, reduction } = this.strips.get(id);
      meters[0].show(strips[index].peakDb, seconds);
      reduction.show(strips[index].reductionDb, seconds);
    }
    if (!master) return;
    const { meters, compressor, limiter, readings } = this.strips.get("master");
    meters.forEach((meter, side) => meter.show(master.peaksDb[side], seconds));
    compressor.show(master.compressorDb, seconds);
    limiter.show(master.limiterDb, seconds);
    readings.show(master);
  }
}

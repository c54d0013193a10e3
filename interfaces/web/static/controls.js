// What a hand moves: knobs, faders and switches of the schema, by mouse, wheel, touch, keys and typing.

import { make, press } from "./elements.js";

export { icon, make, press, toggle } from "./elements.js";

const FINE = 0.2; // of the usual travel, while shift is held
const TRAVEL_PX = 180; // of a drag from one end of a knob to the other
const STEP = 0.01; // of the range, for an arrow key or a notch of the wheel
const LEAP = 0.1;
const TAP_MS = 350;

// --- values as people read and write them ---------------------------------------------------------------------------

export const toUnit = ({ low, high, scale }, value) =>
  scale === "log" ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);

export const fromUnit = ({ low, high, scale }, unit) =>
  scale === "log" ? low * (high / low) ** unit : low + (high - low) * unit;

export const isOff = (param, value) => param.off_at_low && value <= param.low;

/** As `Param.show` writes it, but for the pan, which names its side. */
export function show(param, value) {
  if (param.scale === "switch") return value ? "on" : "off";
  if (isOff(param, value)) return "off";
  if (param.name === "pan") {
    const share = Math.abs(Math.round(100 * value));
    return share === 0 ? "C" : `${value < 0 ? "L" : "R"} ${share}`;
  }
  if (param.unit === "Hz") return value >= 1000 ? `${(value / 1000).toFixed(2)} kHz` : `${value.toFixed(0)} Hz`;
  if (param.unit === ":1") return `${value.toFixed(1)}:1`;
  const digits = param.unit === "ms" && value >= 10 ? 0 : param.unit === "" ? 2 : 1;
  const text = value.toFixed(digits), nought = Number(text) === 0;
  const sign = param.unit === "dB" && !nought && value > 0 ? "+" : "";
  return `${sign}${nought ? (0).toFixed(digits) : text} ${param.unit}`.trim();
}

/** The value of what somebody typed ("-3", "1.2k", "L 30", "off"), or null. */
export function parse(param, text) {
  const said = text.trim().toLowerCase().replace(",", ".").replace("\u2212", "-");
  if (said === "off") return param.off_at_low || param.scale === "switch" ? param.low : null;
  if (param.name === "pan") {
    if (said === "c") return 0;
    const side = said.match(/^(?:([lr])\s*([\d.]*)|([\d.]+)\s*([lr]))$/);
    if (side) return ((side[1] ?? side[4]) === "l" ? -1 : 1) * Math.min(1, Number(side[2] || side[3] || 100) / 100);
  }
  const number = said.match(/^([+-]?(?:\d+\.?\d*|\.\d+))\s*(k)?/);
  return number ? Number(number[1]) * (number[2] ? 1000 : 1) : null;
}

// --- knobs and faders -----------------------------------------------------------------------------------------------

/** One knob of the session, drawn as a dial ("knob") or a way ("fader"). */
export class Control {
  /**
   * @param engine what holds and sounds the session.
   * @param address such as "kick.fader.gain_db".
   * @param name what a screen reader calls it, such as "Kick, fader gain".
   * @param label what stands over it; none where its place says it.
   * @param terse leaves the unit of decibels to the reader, where there is no room.
   * @param ghosts knows where knobs stood before the suggestion that moved them.
   */
  constructor(engine, address, { name, label = "", kind = "knob", terse = false, ghosts }) {
    const [, processor, knob] = address.split(".");
    Object.assign(this, { engine, address, kind, terse, ghosts, param: engine.param(processor, knob) });
    const limits = { "aria-valuemin": this.param.low, "aria-valuemax": this.param.high };
    this.name = name;
    this.dial = make("div", { class: "dial", role: "slider", tabindex: 0, "aria-label": name, ...limits });
    if (kind === "fader") this.dial.setAttribute("aria-orientation", "vertical");
    this.dial.append(kind === "knob" ? this.drawDial() : make("span", { class: "thumb" }));
    this.value = press(`${name}: type a value`, "", () => this.type(), "value");
    this.value.tabIndex = -1;
    this.seat = make("div", { class: "seat" }, this.dial);
    this.element = make("div", { class: `control ${kind}`, "data-address": address }, this.seat, this.value);
    if (label) this.element.prepend(make("span", { class: "label", "aria-hidden": "true" }, label));
    this.ghost = null;
    this.listen();
    this.update();
  }

  get() {
    return this.engine.get(this.address);
  }

  set(value) {
    this.engine.set(this.address, value);
  }

  update() {
    const { param } = this, value = this.get(), shown = show(param, value), unit = toUnit(param, value);
    this.element.style.setProperty("--unit", unit);
    this.element.style.setProperty("--rest", toUnit(param, param.default));
    this.dial.setAttribute("aria-valuenow", value);
    const was = this.haunt();
    this.dial.setAttribute("aria-valuetext", was === null ? shown : `${shown}, was ${was}`);
    this.value.textContent = this.terse ? shown.replace(/ dB$/, "") : shown;
    this.element.classList.toggle("off", Boolean(isOff(param, value)));
    this.element.classList.toggle("moved", Math.abs(value - param.default) > 1e-9);
    this.element.classList.toggle("locked", this.engine.isLocked(this.address));
    if (this.arc) this.drawArc(unit);
  }

  /** Draws the mark of the value before a suggestion, if there is one; gives that value as it is read. */
  haunt() {
    const before = this.ghosts.before(this.address);
    this.element.classList.toggle("haunted", before !== null);
    if (before === null) {
      this.ghost?.remove();
      this.ghost = null;
      return null;
    }
    const was = show(this.param, before), heard = this.ghosts.isHeard(this.address);
    if (!this.ghost) {
      this.ghost = press("", "", () => this.ghosts.hear(this.address), "ghost");
      this.ghost.tabIndex = -1;
      this.seat.append(this.ghost);
      this.ghost.addEventListener("pointerdown", (event) => event.stopPropagation());
    }
    const text = `${this.name} was ${was}: press to ${heard ? "return" : "hear it there"} (O)`;
    this.ghost.setAttribute("aria-label", text);
    this.ghost.title = text;
    this.ghost.setAttribute("aria-pressed", heard);
    this.ghost.style.setProperty("--was", toUnit(this.param, before));
    return was;
  }

  // --- dial

  drawDial() {
    this.arc = make("svg:path", { class: "arc" });
    this.needle = make("svg:line", { class: "needle", x1: 20, y1: 12, x2: 20, y2: 5.5 });
    return make(
      "svg:svg", { viewBox: "0 0 40 40", "aria-hidden": "true" },
      make("svg:path", { class: "track", d: arcPath(0, 1) }), this.arc,
      make("svg:circle", { class: "cap", cx: 20, cy: 20, r: 11.5 }), this.needle,
    );
  }

  /** From where the knob rests if it has two sides, else from its low end. */
  drawArc(unit) {
    const { low, high, default: rest } = this.param, from = low < 0 && high > 0 ? toUnit(this.param, rest) : 0;
    this.arc.setAttribute("d", arcPath(Math.min(from, unit), Math.max(from, unit)));
    this.needle.setAttribute("transform", `rotate(${-135 + 270 * unit} 20 20)`);
  }

  // --- hands

  listen() {
    const { dial } = this;
    dial.addEventListener("pointerdown", (event) => this.press(event));
    dial.addEventListener("dblclick", () => this.set(this.param.default));
    dial.addEventListener("keydown", (event) => this.key(event));
    this.element.addEventListener("wheel", (event) => this.turn(event), { passive: false });
  }

  /** True where the way runs from left to right; the style sheet decides. */
  lies() {
    return this.kind === "fader" && getComputedStyle(this.element).getPropertyValue("--axis").trim() === "x";
  }

  press(event) {
    if (event.button !== 0) return;
    const { dial, param } = this, start = this.lies() ? event.clientX : -event.clientY;
    const now = performance.now();
    if (event.pointerType === "touch" && now - (this.tapped ?? -Infinity) < TAP_MS) return void this.set(param.default);
    this.tapped = now;
    const length = this.kind === "fader" ? (this.lies() ? dial.clientWidth : dial.clientHeight) : TRAVEL_PX;
    let unit = toUnit(param, this.get()), last = start;
    const move = (moved) => {
      const at = this.lies() ? moved.clientX : -moved.clientY;
      unit = Math.min(Math.max(0, unit + ((at - last) / length) * (moved.shiftKey ? FINE : 1)), 1);
      last = at;
      if (Math.abs(at - start) > 3) this.tapped = -Infinity;
      if (at !== start) this.set(fromUnit(param, unit));
    };
    dial.setPointerCapture(event.pointerId);
    dial.addEventListener("pointermove", move);
    dial.addEventListener("lostpointercapture", () => dial.removeEventListener("pointermove", move), { once: true });
    dial.focus({ preventScroll: true });
    event.preventDefault();
  }

  step(share) {
    const { param } = this;
    if (param.scale === "switch") return this.set(share > 0 ? 1 : 0);
    return this.set(fromUnit(param, Math.min(Math.max(0, toUnit(param, this.get()) + share), 1)));
  }

  turn(event) {
    event.preventDefault();
    const turned = event.deltaY || event.deltaX;
    if (turned) this.step(-Math.sign(turned) * STEP * (event.shiftKey ? FINE : 1));
  }

  key(event) {
    const { param } = this, fine = event.shiftKey ? FINE : 1;
    const moves = {
      ArrowUp: STEP * fine,
      ArrowRight: STEP * fine,
      ArrowDown: -STEP * fine,
      ArrowLeft: -STEP * fine,
      PageUp: LEAP,
      PageDown: -LEAP,
    };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in moves) this.step(moves[event.key]);
    else if (event.key === "Home") this.set(param.low);
    else if (event.key === "End") this.set(param.high);
    else if (event.key === "Delete" || event.key === "Backspace") this.set(param.default);
    else if (event.key === "Enter") this.type();
    else if (/^[-+.\d]$/.test(event.key)) this.type(event.key);
    else if (event.key.toLowerCase() === "o" && this.ghost) this.ghosts.hear(this.address);
    else if (event.key.toLowerCase() === "w" && this.ghosts.moved.has(this.address)) this.ghosts.why(this.address);
    else if (event.key.toLowerCase() === "l") this.engine.lock(this.address, !this.engine.isLocked(this.address));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** A field in the value's place; Enter or leaving it takes what it says, Escape does not. */
  type(first = null) {
    if (this.field) return;
    this.field = make("input", { class: "value field", type: "text", "aria-label": this.name });
    this.field.value = first ?? show(this.param, this.get());
    const close = (taken) => {
      const { field } = this;
      if (!field) return;
      this.field = null;
      const value = taken ? parse(this.param, field.value) : null;
      field.replaceWith(this.value);
      if (value !== null) this.set(value);
    };
    this.field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      close(event.key === "Enter");
      this.dial.focus();
    });
    this.field.addEventListener("blur", () => close(true));
    this.value.replaceWith(this.field);
    this.field.focus();
    if (first === null) this.field.select();
  }
}

/** The part of a dial between two shares of its way, which leaves the lowest quarter open. */
function arcPath(from, to) {
  const point = (share) => {
    const angle = ((135 + 270 * share) * Math.PI) / 180;
    return `${(20 + 16 * Math.cos(angle)).toFixed(2)} ${(20 + 16 * Math.sin(angle)).toFixed(2)}`;
  };
  return to - from < 1e-4 ? "" : `M${point(from)}A16 16 0 ${to - from > 2 / 3 ? 1 : 0} 1 ${point(to)}`;
}

// Play, place, loop, and what is heard: the mix, the plain sum of the tracks or a reference, all as loud as the mix.

import { icon, make, press, toggle } from "./controls.js";

const LISTEN = [
  ["raw", "A", "Raw", "The tracks' plain sum, as loud as the mix (A)"],
  ["mix", "B", "Mix", "The mix (B)"],
  ["reference", "R", "Ref", "The reference, as loud as the mix (R)"],
];
const SKIP_S = 5;

function clock(seconds) {
  const tenths = Math.floor(seconds * 10), whole = Math.floor(tenths / 10);
  return `${Math.floor(whole / 60)}:${(whole % 60).toString().padStart(2, "0")}.${tenths % 10}`;
}

export class Transport {
  constructor(element, engine) {
    Object.assign(this, { element, engine });
    this.play = toggle("Play", icon("play"), () => engine.playing, () => this.playOrPause(), "play");
    this.loop = toggle("Loop the marked range", icon("loop"), () => engine.loopRange !== null, () => this.toggleLoop());
    this.time = make("output", { class: "time" }, clock(0));
    this.listen = LISTEN.map((what) => this.listener(what));
    this.letters = make("span", { class: "letters" });
    this.hearing = make("p", { class: "hearing", role: "status" });
    this.offered = []; // earlier mixes that have a letter
    this.line = this.timeline();
    const start = press("Back to the start", icon("start"), () => engine.seek(engine.loopRange?.[0] ?? 0));
    element.classList.add("transport");
    element.replaceChildren(
      make("div", { class: "buttons" }, start, this.play, this.loop),
      this.time,
      this.line,
      make("div", { class: "buttons listens", role: "group", "aria-label": "What is heard" }, ...this.listen, this.letters),
      this.hearing,
    );
    engine.addEventListener("transport", () => this.update());
    for (const type of ["position", "meters"]) engine.addEventListener(type, () => this.move());
    engine.addEventListener("complete", () => this.path.setAttribute("d", this.outline()));
    this.update();
  }

  listener([to, key, name, title]) {
    const { engine } = this, text = make("span", {}, make("b", {}, key), ` ${name}`);
    return toggle(title, text, () => engine.listening === to, () => engine.listen(to), `listen ${to}`);
  }

  /** Earlier mixes that can be heard too. @param mixes [{ letter, title, isHeard, hear }] */
  offer(mixes) {
    const button = ({ letter, title, isHeard, hear }) => toggle(title, make("b", {}, letter), isHeard, hear, "listen");
    this.offered = mixes;
    this.letters.replaceChildren(...mixes.map(button));
  }

  timeline() {
    const limits = { "aria-valuemin": 0, "aria-valuemax": this.engine.duration.toFixed(1) };
    const box = { viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" };
    this.range = make("i", { class: "range" });
    this.head = make("i", { class: "head" });
    this.path = make("svg:path", { d: this.outline() });
    const line = make(
      "div",
      { class: "timeline", role: "slider", tabindex: 0, "aria-label": "Place in the song", ...limits },
      make("svg:svg", box, this.path),
      this.range,
      this.head,
    );
    line.addEventListener("pointerdown", (event) => this.press(event));
    line.addEventListener("keydown", (event) => this.key(event));
    return line;
  }

  playOrPause() {
    if (this.engine.playing) this.engine.pause();
    else this.engine.play();
  }

  toggleLoop() {
    const { engine } = this;
    if (engine.loopRange) engine.loop();
    else engine.loop(...(this.marked ?? [engine.position, Math.min(engine.position + 8, engine.duration)]));
  }

  /** How loud the song is, mirrored about the middle. */
  outline() {
    const { overview } = this.engine, most = Math.max(...overview, 1e-9), step = 1000 / overview.length;
    const heights = [...overview].map((value) => 48 * Math.sqrt(value / most));
    const upper = heights.map((height, n) => `${(n * step).toFixed(1)} ${(50 - height).toFixed(1)}`);
    const lower = heights.map((height, n) => `${(n * step).toFixed(1)} ${(50 + height).toFixed(1)}`).reverse();
    return `M${[...upper, ...lower].join("L")}Z`;
  }

  /** A press goes to a place; a drag marks a range and loops it. */
  press(event) {
    const { engine, line } = this, box = line.getBoundingClientRect();
    const at = (moved) => engine.duration * Math.min(Math.max(0, (moved.clientX - box.left) / box.width), 1);
    const first = at(event);
    let dragged = false;
    const move = (moved) => {
      dragged ||= Math.abs(moved.clientX - event.clientX) > 6;
      if (!dragged) return;
      this.marked = [Math.min(first, at(moved)), Math.max(first, at(moved))];
      engine.loop(...this.marked);
    };
    line.setPointerCapture(event.pointerId);
    line.addEventListener("pointermove", move);
    line.addEventListener("lostpointercapture", () => {
      line.removeEventListener("pointermove", move);
      engine.seek(dragged ? this.marked[0] : first);
    }, { once: true });
  }

  key(event) {
    const { position, duration } = this.engine;
    const places = { ArrowLeft: position - SKIP_S, ArrowRight: position + SKIP_S, Home: 0, End: duration };
    if (!(event.key in places)) return;
    this.engine.seek(places[event.key]);
    event.preventDefault();
  }

  /** Keys that work anywhere on the page, but where something is typed. */
  shortcut(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const listen = LISTEN.find(([, key]) => key.toLowerCase() === event.key.toLowerCase());
    const mix = this.offered.find(({ letter }) => letter.toLowerCase() === event.key.toLowerCase());
    if (event.key === " " && !event.target.closest("button")) this.playOrPause();
    else if (listen) this.engine.listen(listen[0]);
    else if (mix) mix.hear();
    else return;
    event.preventDefault();
  }

  update() {
    const { engine } = this;
    this.play.replaceChildren(icon(engine.playing ? "pause" : "play"));
    for (const button of [this.play, this.loop, ...this.listen, ...this.letters.children]) button.update();
    this.hearing.textContent = engine.hearing ? `Hearing ${engine.hearing}` : "";
    this.listen.find(({ classList }) => classList.contains("reference")).hidden = !engine.hasReference;
    const [first, last] = engine.loopRange ?? [0, 0];
    this.range.style.left = `${(100 * first) / engine.duration}%`;
    this.range.style.width = `${(100 * (last - first)) / engine.duration}%`;
    this.move();
  }

  move() {
    const { engine } = this;
    this.time.textContent = clock(engine.position);
    this.head.style.left = `${(100 * engine.position) / engine.duration}%`;
    this.line.setAttribute("aria-valuenow", engine.position.toFixed(1));
    this.line.setAttribute("aria-valuetext", clock(engine.position));
  }
}

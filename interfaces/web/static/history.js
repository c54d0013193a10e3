// Undo and redo, and every step of the mix: each can be heard as loud as the mix that stands, and be gone back to.
//
// Letters: A is the raw song, B the mix as it stands, R the reference; suggestions are C, D, E ... as they came.

import { icon, make, press, toggle } from "./controls.js";
import { Settings } from "./settings.js";

const LETTERS = "CDEFGHIJKMNPQSTUVXYZ"; // R is the reference; L, O and W are keys of knobs
const SHOWN = 3; // of the latest suggestions have a button beside A and B
const KIND = "suggest";
const WRITING = "input:not([type=range], [type=radio]), textarea, dialog"; // has an undo of its own
const ADDRESS = /([^\s.,]+)\.(\w+)(?:\.(\w+))?/g;

export class History {
  constructor(element, studio) {
    Object.assign(this, { element, studio, steps: [], documents: new Map(), learnt: new Map(), heard: null });
    const act = (what) => () => studio.link.act(`/studio/${what}`);
    this.undo = press("Undo", icon("undo"), act("undo"));
    this.redo = press("Redo", icon("redo"), act("redo"));
    this.undo.dataset.do = "undo";
    this.redo.dataset.do = "redo";
    this.open = press("History", icon("list"), () => this.unfold(this.list.hidden));
    this.open.setAttribute("aria-controls", "steps");
    this.list = make("ol", { class: "steps", id: "steps", "aria-label": "Steps, the latest first" });
    this.unfold(false);
    element.append(this.undo, this.redo, this.open, this.list);
    this.listen();
    this.show();
  }

  listen() {
    const { studio, element } = this;
    studio.addEventListener("state", () => this.show());
    studio.addEventListener("song", () => this.songOpened(studio.engine));
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("pointerdown", ({ target }) => element.contains(target) || this.unfold(false));
    element.addEventListener("keydown", (event) => event.key === "Escape" && (this.unfold(false), this.open.focus()));
  }

  songOpened(engine) {
    this.learnt.clear();
    this.heard = null;
    engine?.addEventListener("meters", () => this.learn(engine));
    engine?.addEventListener("transport", () => this.returned(engine));
    this.show();
  }

  /** Ctrl or Cmd with Z, with shift for redo; a text that is being written has its own. */
  key(event) {
    const isZ = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.altKey;
    if (!isZ || event.target.closest(WRITING) || !this.studio.engine) return;
    event.preventDefault();
    const button = event.shiftKey ? this.redo : this.undo;
    if (!button.disabled) button.click();
  }

  unfold(open) {
    this.list.hidden = !open;
    this.open.setAttribute("aria-expanded", open);
  }

  // --- what is there ------------------------------------------------------------------------------------------------

  show() {
    const { state } = this.studio;
    this.undo.disabled = !state?.can_undo;
    this.redo.disabled = !state?.can_redo;
    const last = state?.history.at(-1)?.title;
    this.undo.title = last ? `Undo: ${this.spoken(last)}` : "Undo";
    if (!state?.song) return;
    this.documents.clear(); // the last step may have become another one
    if (state.history.length < this.steps.length - 1) this.learnt.clear(); // what is undone may be done otherwise
    this.steps = this.lettered(state.history);
    this.fill();
    this.offer();
  }

  /** The list anew, if it has become another one; a keyboard in it stays in it. */
  fill() {
    const told = JSON.stringify(this.steps);
    if (told === this.told) return;
    this.told = told;
    const inside = this.list.contains(document.activeElement);
    this.list.replaceChildren(...this.steps.toReversed().map((step) => this.row(step)));
    if (inside) (this.list.querySelector("button") ?? this.open).focus();
  }

  /** From the song as it came, step 0, to the mix as it stands. */
  lettered(history) {
    let suggestions = 0;
    const steps = history.map(({ n, kind, title }) => {
      const letter = kind === KIND ? LETTERS[suggestions++] ?? "" : "";
      return { n, title: this.spoken(title), letter, isNow: n === history.length };
    });
    return [{ n: 0, title: "As it was opened", letter: "", isNow: history.length === 0 }, ...steps];
  }

  /** A title with names in the place of addresses. */
  spoken(title) {
    const { desk, engine } = this.studio;
    const named = (address, target, processor, knob) => {
      if (!engine?.targets().includes(target) || !engine.processors(target).includes(processor)) return address;
      const label = engine.schema.knobs[processor].find(({ name }) => name === knob)?.label.toLowerCase() ?? "";
      return `${desk.name(target)} ${processor} ${label}`.trim();
    };
    const text = title.replace(ADDRESS, named);
    return `${text[0].toUpperCase()}${text.slice(1)}`;
  }

  row(step) {
    const { n, title, letter, isNow } = step, where = letter ? `${letter}: ${title}` : title;
    const badge = make("b", { class: "letter", ...(letter ? {} : { "aria-hidden": "true" }) }, letter);
    const text = make("span", { class: "step-title", title }, title);
    const row = make("li", { "data-n": n }, badge, text);
    if (isNow) row.append(make("span", { class: "soft" }, "now (B)"));
    else row.append(this.listener(step, where, icon("ear")), this.backTo(step, where));
    return row;
  }

  listener(step, where, content) {
    const button = toggle(`Hear ${where}`, content, () => this.heard === step.n, () => this.hear(step), "listen");
    button.dataset.do = "hear";
    return button;
  }

  backTo(step, where) {
    const button = press(`Go back to ${where}`, "Go back to this", () => this.goBack(step), "toggle plain worded");
    button.dataset.do = "back";
    return button;
  }

  /** The latest suggestions stand beside A and B, but for the one that is B itself. */
  offer() {
    const { transport } = this.studio, earlier = this.steps.filter(({ letter, isNow }) => letter && !isNow);
    transport?.offer(earlier.slice(-SHOWN).map((step) => ({
      letter: step.letter,
      title: `${step.title}, as loud as the mix (${step.letter})`,
      isHeard: () => this.heard === step.n,
      hear: () => this.hear(step),
    })));
  }

  // --- hearing ------------------------------------------------------------------------------------------------------

  async hear(step) {
    const { studio } = this;
    if (this.heard === step.n) return studio.engine.listen("mix");
    const { engine } = studio, session = await studio.run(this.document(step.n));
    if (!session || engine !== studio.engine) return undefined;
    this.heard = null;
    const name = step.letter ? `${step.letter}: ${step.title}` : step.title;
    engine.audition(session, { name, louderDb: this.louderDb(step) });
    Object.assign(this, { heard: step.n, trial: engine.trial });
    return this.mark();
  }

  async document(n) {
    if (!this.documents.has(n)) this.documents.set(n, await this.studio.client.get(`/studio/history/${n}`));
    return this.documents.get(n);
  }

  /** By how much a step is louder than the raw song: as it was heard, or as its suggestion was measured, or unknown. */
  louderDb({ n, letter }) {
    const { suggestions, loudness } = this.studio.state, isLast = letter && letter === this.steps.findLast((step) => step.letter).letter;
    const report = isLast ? suggestions.find(({ chosen }) => chosen)?.report : null;
    if (this.learnt.has(n)) return this.learnt.get(n);
    return report && loudness.raw !== null ? report.loudness_after_lufs - loudness.raw : null;
  }

  learn({ trial, playing, meters }) {
    if (trial && trial === this.trial && playing && meters.master) this.learnt.set(this.heard, meters.master.trialDb);
  }

  /** Something else is heard. */
  returned(engine) {
    if (this.heard === null || engine.trial === this.trial) return;
    this.heard = this.trial = null;
    this.mark();
  }

  mark() {
    for (const button of this.list.querySelectorAll(".listen")) button.update();
    this.studio.transport?.update();
  }

  /** Everything that sounds as it was after a step, as one step more. */
  async goBack(step) {
    const { studio } = this, session = await studio.run(this.document(step.n));
    if (!session) return;
    const then = new Settings(studio.engine.schema);
    then.session = session;
    const isTold = (address) => ["name", "role"].includes(address.split(".")[1]);
    const addresses = studio.engine.differences(session).filter((address) => !isTold(address));
    const set = [["session.loudness_lufs", session.loudness_lufs], ...addresses.map((address) => [address, then.stored(address)])];
    studio.link.act("/studio/edit", { set, title: `Back to ${step.letter || step.title}` });
  }
}

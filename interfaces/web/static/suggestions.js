// Asking for a mix: how far it goes, what it may touch, how many answers; and what becomes of the asking.

import { icon, make, press, toggle } from "./controls.js";
import { stageOf, timeLeft } from "./jobs.js";
import { Why } from "./why.js";

const FULL = 100;
const ASPECTS = [
  ["level", "Level"],
  ["pan", "Pan"],
  ["eq", "EQ"],
  ["dynamics", "Dynamics"],
  ["space", "Space"],
];
const ENDS = [
  ["reverb", "Reverb"],
  ["master", "Master"],
];
const COUNTS = [1, 3];
const OVER = ["done", "failed", "cancelled"];

export class Suggestions {
  constructor(element, studio) {
    Object.assign(this, { element, studio, amounts: new Map(), touched: new Set(), count: COUNTS[0], free: false, job: null });
    this.why = new Why(studio.places.why, studio);
    this.targets = make("div", { class: "chips", role: "group", "aria-label": "Tracks that it may touch; none: all" });
    this.reason = make("p", { class: "soft", id: "suggest-reason" });
    this.ask = press("Suggest a mix", "Suggest a mix", () => this.suggest(), "primary");
    this.ask.dataset.do = "suggest";
    this.ask.setAttribute("aria-describedby", "suggest-reason");
    this.quick = this.quickView();
    this.work = this.workView();
    const asks = make("div", { class: "asks" }, this.ask, this.quick);
    element.append(this.amount("all", "How far"), this.folded(), this.counts(), asks, this.work, this.reason);
    studio.addEventListener("song", () => this.showTargets());
    studio.addEventListener("state", () => this.show());
    studio.addEventListener("job", ({ detail }) => detail.kind === "suggest" && this.progress(detail));
    this.show();
  }

  // --- what is asked ------------------------------------------------------------------------------------------------

  /** A slider and a field that say the same, in per cent of the way. */
  amount(key, label) {
    const limits = { min: 0, max: FULL, step: 5, value: FULL };
    const slider = make("input", { type: "range", "aria-label": `${label}, per cent`, ...limits });
    const field = make("input", { type: "number", "aria-label": `${label}, per cent`, ...limits, step: 1 });
    const take = (text) => {
      const value = Math.min(Math.max(0, Math.round(Number(text) || 0)), FULL);
      this.amounts.set(key, value);
      slider.value = field.value = value;
    };
    slider.addEventListener("input", () => take(slider.value));
    field.addEventListener("change", () => take(field.value));
    take(FULL);
    const parts = [make("span", { "aria-hidden": "true" }, label), slider, field, make("span", { class: "soft" }, "%")];
    return make("div", { class: "amount", "data-amount": key }, ...parts);
  }

  folded() {
    const chips = ASPECTS.map(([aspect, name]) => this.chip(aspect, name));
    const aspects = make("div", { class: "chips", role: "group", "aria-label": "What it may touch; none: all" }, ...chips);
    const free = toggle("May also move what you set by hand", "What I set by hand too", () => this.free, () => {
      this.free = !this.free;
      free.update();
    }, "chip");
    const touch = [make("p", {}, "It may touch only ", make("span", { class: "soft" }, "(none chosen: everything)"))];
    touch.push(aspects, this.targets, make("p", {}, "Locks always hold. It may move"), make("div", { class: "chips" }, free));
    const fold = (title, ...parts) => make("details", {}, make("summary", {}, title), ...parts);
    const each = fold("Each aspect", ...ASPECTS.map(([aspect, name]) => this.amount(aspect, name)));
    return make("div", { class: "folds" }, each, fold("What it may touch", make("div", { class: "touch" }, ...touch)));
  }

  chip(key, name) {
    const isOn = () => this.touched.has(key);
    const button = toggle(`Touch ${name}`, name, isOn, () => {
      if (!this.touched.delete(key)) this.touched.add(key);
      button.update();
    }, "chip");
    return button;
  }

  showTargets() {
    const { state } = this.studio, tracks = (state.session?.tracks ?? []).map(({ id, name }) => [id, name]);
    const known = [...tracks, ...ENDS].map(([key]) => key);
    const isAspect = (key) => ASPECTS.some(([aspect]) => aspect === key);
    for (const key of this.touched) if (!known.includes(key) && !isAspect(key)) this.touched.delete(key);
    this.targets.replaceChildren(...[...tracks, ...ENDS].map(([key, name]) => this.chip(key, name)));
    this.show();
  }

  counts() {
    const choices = COUNTS.map((count) => {
      const radio = make("input", { type: "radio", name: "count", value: count });
      radio.checked = count === this.count;
      radio.addEventListener("change", () => (this.count = count));
      return make("label", {}, radio, count === 1 ? "One answer" : `${count} to choose from`);
    });
    return make("div", { class: "counts", role: "radiogroup", "aria-label": "How many answers" }, ...choices);
  }

  /** As addresses: chosen aspects of chosen tracks; where only one of the two is chosen, all of the other. */
  only() {
    const aspects = ASPECTS.map(([aspect]) => aspect).filter((aspect) => this.touched.has(aspect));
    const targets = [...this.touched].filter((key) => !aspects.includes(key));
    if (!aspects.length || !targets.length) return [...aspects, ...targets];
    return targets.flatMap((target) => aspects.map((aspect) => `${target}.${aspect}`));
  }

  wish(fast) {
    const said = ([key, value]) => (key === "all" ? `${value}` : `${key}=${value}`);
    const intensity = [...this.amounts].filter(([key, value]) => key === "all" || value !== FULL).map(said);
    return { intensity, only: this.only(), free: this.free ? ["all"] : [], alternatives: fast ? 1 : this.count, fast };
  }

  // --- asking -------------------------------------------------------------------------------------------------------

  async suggest(fast = false) {
    const { studio } = this;
    this.progress({ status: "queued", stage: "", fraction: 0 });
    await studio.settled();
    const answer = await studio.run(studio.client.post("/studio/suggest", this.wish(fast)));
    const result = answer && (await studio.run(studio.job(answer)));
    this.progress({ status: "done" });
    if (result) {
      if (studio.engine?.trial) studio.engine.listen("mix");
      studio.tabs.show("why");
      studio.say(studio.state.notes.join(" "));
    }
    if (document.activeElement === document.body) this.ask.focus({ preventScroll: true });
  }

  /** Offered where the learned controller is there, and a song that it could hear. */
  quickView() {
    const label = "Quick answer: one look at the reference, no search; sooner, and less near";
    const button = press(label, "Quick answer", () => this.suggest(true), "toggle large");
    button.dataset.do = "quick";
    return button;
  }

  workView() {
    this.bar = make("progress", { max: 1, "aria-label": "Suggesting" });
    this.stage = make("p", { class: "soft" });
    this.cancel = press("Call the suggestion off", icon("close"), () => this.studio.run(this.studio.client.cancel(this.job)), "toggle");
    this.cancel.dataset.do = "cancel";
    return make("div", { class: "asked" }, this.bar, this.cancel, this.stage);
  }

  /** A job that suggests, this page's own or one that a reload has found. */
  progress(job) {
    this.job = OVER.includes(job.status) ? null : job;
    if (this.job && job.status === "running") this.bar.value = job.fraction;
    else this.bar.removeAttribute("value");
    this.stage.textContent = this.job ? [stageOf(job), timeLeft(job.seconds_left)].filter(Boolean).join(", ") : "";
    this.cancel.disabled = !job.id;
    this.show();
  }

  show() {
    const why = this.hindrance();
    this.reason.textContent = why;
    this.ask.disabled = this.quick.disabled = why !== "";
    this.quick.hidden = !this.studio.given.fast || !this.studio.state?.context.references.length || this.job !== null;
    this.ask.hidden = this.reason.hidden = this.job !== null;
    this.work.hidden = this.job === null;
  }

  /** Why nothing can be asked for now; empty where it can. */
  hindrance() {
    const { state, engine } = this.studio;
    if (!state?.song || !engine) return "Open a song first.";
    const { references, rough_mix, prompt } = state.context;
    if (references.length || rough_mix || prompt.trim()) return "";
    return "Nothing to go by yet: add a reference or a rough mix, or say it in words.";
  }
}

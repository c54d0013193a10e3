// Why: the alternatives of a suggestion, what it heard and wanted, and each change with its reason, to accept or refuse.

import { byTrack, inShort, processorName, verdictOf } from "./changes.js";
import { icon, make, press } from "./controls.js";
import { after, distance, figures, reason, summary } from "./told.js";

const SAID = { accepted: "accepted", refused: "refused", moved: "moved by you since", open: "" };

const SELF_TOLD = ["fader", "send"]; // processors of one knob

export class Why {
  constructor(element, studio) {
    Object.assign(this, { element, studio, shown: null, rows: [] });
    element.classList.add("why");
    studio.addEventListener("state", () => this.follow());
    studio.addEventListener("song", () => this.songOpened());
    this.follow();
  }

  get suggestions() {
    return this.studio.state?.suggestions ?? [];
  }

  get chosen() {
    return this.suggestions.find(({ chosen }) => chosen) ?? null;
  }

  songOpened() {
    const { desk, engine } = this.studio;
    this.shown = null;
    if (!desk) return;
    engine.addEventListener("transport", () => this.rows.forEach((row) => row.heard?.()));
    desk.ghosts.addEventListener("why", ({ detail }) => this.reveal(detail));
    this.follow();
  }

  /** Builds the page anew for another suggestion, and else follows what was said to its changes. */
  follow() {
    const { engine, state } = this.studio, { chosen } = this;
    if (!engine) return;
    const shown = JSON.stringify([this.suggestions.map(({ seed, report }) => [seed, report]), chosen?.index ?? null, state.song.key]);
    if (shown !== this.shown) {
      this.shown = shown;
      this.build(chosen);
    }
    const open = Object.entries(state.standing).filter(([, { verdict }]) => verdict === "open");
    const before = new Map(open.map(([address, told]) => [address, told.before]));
    this.studio.desk.ghosts.take(before, new Set(chosen?.changes.map(({ address }) => address)));
    for (const row of this.rows) row.update();
  }

  build(chosen) {
    this.rows = [];
    if (!this.suggestions.length) {
      const text = "When you ask for a mix, each knob that it moves is told here, with its reason.";
      return this.element.replaceChildren(make("p", { class: "nothing" }, text));
    }
    const told = make("div", { class: "told" }, ...this.alternatives());
    this.element.replaceChildren(told);
    if (!chosen) return told.prepend(make("p", { class: "soft" }, "It was undone: choose it to bring it back."));
    const name = (subject) => (/[.]|^mix$/.test(subject) ? subject : this.studio.desk.name(subject));
    told.append(...figures(chosen), ...summary(chosen, name));
    return this.element.append(this.changes(chosen));
  }

  // --- alternatives -------------------------------------------------------------------------------------------------

  alternatives() {
    if (this.suggestions.length === 1 && this.chosen) return [];
    const cards = this.suggestions.map((suggestion) => this.card(suggestion));
    return [make("fieldset", { class: "alternatives" }, make("legend", {}, "Alternatives"), ...cards)];
  }

  card({ index, chosen, alternative, changes, report }) {
    const radio = make("input", { type: "radio", name: "alternative", value: index });
    radio.checked = chosen;
    radio.addEventListener("change", () => this.choose(index));
    const { name, means, differs } = alternative ?? { name: "The suggestion", means: "", differs: [] };
    const facts = [`${changes.length} changes`, ...distance(report), ...differs].map((fact) => make("li", {}, fact));
    const text = make("span", {}, make("b", {}, name), make("span", { class: "means" }, means), make("ul", {}, ...facts));
    return make("label", { class: "alternative", "data-index": index }, radio, text);
  }

  async choose(index) {
    const { studio } = this, state = await studio.link.act("/studio/choose", { index });
    if (state) studio.say(state.notes.join(" "));
  }

  // --- changes ------------------------------------------------------------------------------------------------------

  changes(chosen) {
    const tracks = byTrack(chosen.changes, this.studio.engine), addresses = chosen.changes.map(({ address }) => address);
    const title = make("h3", {}, `${addresses.length} changes, ${after(chosen) ? `after ${after(chosen)}` : "by your words"}`);
    const head = make("header", { class: "all" }, title, this.verdict("all", tracks.map(({ target }) => target), addresses));
    return make("div", { class: "changes" }, head, ...tracks.map((track, index) => this.track(track, index === 0)));
  }

  track(track, open) {
    const { target, name, parts } = track, addresses = parts.flatMap(({ rows }) => rows.flatMap((row) => row.addresses));
    const body = make("div", { id: `why-${target}`, class: "parts" }, ...parts.map((part) => this.part(name, part)));
    const flip = (wide) => {
      body.hidden = !wide;
      toggle.setAttribute("aria-expanded", wide);
    };
    const label = make("span", { class: "track-name" }, name);
    const toggle = make("button", { type: "button", class: "opens", "aria-controls": body.id }, icon("fold"), label);
    toggle.append(make("small", {}, inShort(track)));
    toggle.addEventListener("click", () => flip(body.hidden));
    flip(open);
    const head = make("header", {}, toggle, this.verdict(name, [target], addresses));
    const about = { class: "track-changes", "data-target": target, style: `--role:${this.studio.desk.colour(target)}` };
    const section = make("section", about, head, body);
    section.unfold = () => flip(true);
    return section;
  }

  part(name, { address, processor, rows }) {
    const title = processorName(processor);
    if (rows.length === 1) {
      const [row] = rows, label = SELF_TOLD.includes(processor) ? title : `${title}: ${row.label}`;
      return make("ul", { class: "part" }, this.row(name, { ...row, label }, true));
    }
    const addresses = rows.flatMap((row) => row.addresses);
    const same = rows.length > 1 && rows.every(({ because }) => because === rows[0].because);
    const head = make("header", {}, make("h4", {}, title), this.verdict(`${name} ${title}`, [address], addresses));
    if (same) head.firstChild.after(make("p", { class: "because" }, reason(rows[0])));
    const items = rows.map((row) => this.row(name, row, !same));
    return make("div", { class: "part" }, head, make("ul", {}, ...items));
  }

  row(name, row, withReason) {
    const move = make("span", { class: "move" }, `${row.before} → ${row.after}`);
    const knob = press(`${name} ${row.label}: show it on the desk`, "", () => this.show(row.address), "moved-knob");
    knob.append(make("b", {}, row.label), move, make("small", {}, row.along));
    const lock = make("span", { class: "held", title: "locked", role: "img", "aria-label": "locked" }, icon("locked"));
    const element = make("li", { class: "change", "data-address": row.address }, knob, lock);
    if (withReason) element.append(make("p", { class: "because" }, reason(row)));
    element.append(this.verdict(`${name} ${row.label}`, row.addresses, row.addresses, row.address));
    this.rows.push({ update: () => (lock.hidden = !this.studio.engine.isLocked(row.address)) });
    return element;
  }

  /**
   * What was said to some changes, and the buttons to say it.
   * @param meant what the server is asked to accept or refuse.
   * @param heard the knob that can be heard where it was, for a single change.
   */
  verdict(name, meant, addresses, heard = null) {
    const { studio } = this, said = make("span", { class: "said-to" });
    const button = (what, label, sign) => {
      const words = name === "all" ? `${label} all` : icon(sign);
      const stands = (part) => addresses.some((address) => `${address}.`.startsWith(`${part}.`) && standsStill(address));
      const say = () => studio.link.act(`/studio/${what}`, { addresses: meant.filter(stands) });
      const pressed = press(`${label} ${name}`, words, say, "toggle plain worded");
      pressed.dataset.do = what;
      return pressed;
    };
    const standsStill = (address) => ["open", "accepted"].includes(studio.state.standing[address]?.verdict);
    const accept = button("accept", "Accept", "done"), refuse = button("refuse", "Refuse", "close");
    const element = make("div", { class: "verdict" }, said);
    const before = heard && press(`Hear ${name} as it was`, icon("ear"), () => studio.desk.ghosts.hear(heard), "toggle plain");
    if (before) element.append(before);
    element.append(accept, refuse);
    const update = () => {
      const verdict = verdictOf(addresses, studio.state.standing);
      element.dataset.verdict = verdict;
      said.textContent = SAID[verdict];
      accept.disabled = verdict !== "open";
      refuse.disabled = verdict === "refused" || verdict === "moved";
      if (before) before.disabled = studio.desk.ghosts.before(heard) === null;
      hears?.();
    };
    const hears = before && (() => before.setAttribute("aria-pressed", studio.desk.ghosts.isHeard(heard)));
    this.rows.push({ update, heard: hears });
    return element;
  }

  // --- between here and the desk ------------------------------------------------------------------------------------

  /** Leads to a knob on the desk. */
  show(address) {
    const { desk, tabs } = this.studio;
    if (!desk.shown(address)) tabs.show("knobs");
    desk.reveal(address);
  }

  /** Leads to the reason of a knob. */
  reveal(address) {
    const isOf = (row) => row.addresses.includes(address);
    const tracks = byTrack(this.chosen?.changes ?? [], this.studio.engine);
    const row = tracks.flatMap(({ parts }) => parts.flatMap(({ rows }) => rows)).find(isOf);
    if (!row) return;
    this.studio.tabs.show("why");
    const place = this.element.querySelector(`.change[data-address="${row.address}"]`);
    place.closest(".track-changes").unfold();
    place.scrollIntoView({ block: "center" });
    place.querySelector(".moved-knob").focus({ preventScroll: true });
  }
}

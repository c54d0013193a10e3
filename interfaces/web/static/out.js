// What leaves the studio: a mix, stems, sessions of this and other programs, a page to share.

import { icon, make, press } from "./controls.js";
import { size } from "./uploads.js";

const FORMATS = [["wav", "WAV"], ["flac", "FLAC"], ["ogg", "Ogg Vorbis"]];
const DEPTHS = [["16", "16 bit"], ["24", "24 bit"], ["float", "32 bit float"]];
const FORMAT = ["format", "Format", FORMATS, "wav"];
const BITS = ["bits", "Depth", DEPTHS, "24"];
const STEM_BITS = ["bits", "Depth", DEPTHS.slice(1), "24"];

/** Name, title, what comes of it, what may be chosen. */
const KINDS = [
  ["mix", "Mix", "The finished mix as one file.", [FORMAT, BITS, "loudness"]],
  ["stems", "Stems", "A file for each track, as it sounds in the mix, and the reverb's return.", [STEM_BITS]],
  ["session", "Faderwise session", "Song, settings, locks and history, to go on with here or on the command line.", []],
  ["ardour", "Ardour", "A session for Ardour with faders, pans, plug-ins and sends.", []],
  ["reaper", "REAPER", "A project for REAPER with faders, pans, effects and sends.", []],
  ["dawproject", "DAWproject", "For Bitwig Studio, Studio One and others that read DAWproject.", []],
  ["player", "Player", "A page that plays and mixes the song anywhere, without a network, to share with the band.", []],
  ["report", "Report", "Raw and mix compared in figures and pictures, one page.", []],
  ["explanation", "Explanation", "What was changed and why, as text.", []],
  ["sheet", "Mix sheet", "Every setting to copy by hand into any other program.", []],
];

export class Out {
  constructor(element, studio) {
    Object.assign(this, { element, studio });
    const open = press("Export the song", make("span", {}, icon("out"), "Export"), () => this.open(), "primary small");
    open.dataset.do = "export";
    this.button = open;
    const choice = { class: "kinds", role: "radiogroup", "aria-label": "What" };
    this.kinds = make("div", choice, ...KINDS.map((kind) => this.kind(kind)));
    this.options = make("div", { class: "options" });
    this.made = make("ul", { class: "made", "aria-label": "Exported", "aria-live": "polite" });
    this.work = make("p", { class: "soft", role: "status" });
    this.go = press("Make the file", "Make the file", () => this.make(), "primary");
    this.go.dataset.do = "render";
    this.dialog = this.sheet();
    element.append(open, this.dialog);
    studio.addEventListener("job", ({ detail }) => detail.kind === "out" && this.progress(detail));
    studio.addEventListener("song", () => this.made.replaceChildren());
    this.choose("mix");
  }

  sheet() {
    const close = press("Close", icon("close"), () => this.dialog.close(), "toggle plain");
    const head = make("div", { class: "dialog-head" }, make("h2", { id: "out-title" }, "Export"), close);
    const make_ = make("div", { class: "line" }, this.go, this.work);
    const side = make("div", { class: "making" }, this.options, make_, this.made);
    return make(
      "dialog", { class: "sheet out", "aria-labelledby": "out-title" },
      head, make("div", { class: "two" }, this.kinds, side),
    );
  }

  kind([what, title, about]) {
    const radio = make("input", { type: "radio", name: "what", value: what });
    radio.addEventListener("change", () => this.choose(what));
    return make("label", { class: "kind" }, radio, make("span", {}, make("b", {}, title), make("small", {}, about)));
  }

  choose(what) {
    this.what = what;
    const [, title, about, fields] = KINDS.find(([name]) => name === what);
    this.kinds.querySelector(`[value="${what}"]`).checked = true;
    this.fields = new Map();
    const built = fields.map((field) => (field === "loudness" ? this.loudness() : this.menu(field)));
    this.options.replaceChildren(make("h3", {}, title), make("p", { class: "soft" }, about), ...built);
  }

  menu([name, label, choices, preset]) {
    const menu = make("select", {}, ...choices.map(([value, text]) => make("option", { value }, text)));
    menu.value = preset;
    this.fields.set(name, menu);
    const hasDepth = () => (this.fields.get("bits").disabled = menu.value === "ogg");
    if (name === "format") menu.addEventListener("change", hasDepth);
    return make("label", { class: "field-line" }, make("span", {}, label), menu);
  }

  /** How loud the mix is to be; the session's own where nothing is said. */
  loudness() {
    const { low, high } = this.studio.given.loudness ?? { low: -40, high: -5 };
    const field = make("input", { type: "number", min: low, max: high, step: 0.5, placeholder: "as it is" });
    this.fields.set("loudness", field);
    return make("label", { class: "field-line" }, make("span", {}, "Loudness"), make("span", {}, field, " LUFS"));
  }

  open() {
    this.dialog.showModal();
    this.dialog.querySelector("input:checked")?.focus();
  }

  async make() {
    const body = { what: this.what };
    for (const [name, field] of this.fields) {
      if (field.disabled || field.value === "") continue;
      body[name] = field.type === "number" ? Number(field.value) : field.value;
    }
    this.go.disabled = true;
    this.work.textContent = "";
    const title = KINDS.find(([name]) => name === this.what)[1];
    try {
      await this.studio.settled();
      const result = await this.studio.job(await this.studio.client.post("/studio/out", body));
      this.made.prepend(this.result(title, result.download));
      this.work.textContent = "";
    } catch (error) {
      this.work.textContent = error.message;
    }
    this.go.disabled = false;
  }

  progress({ status, stage, fraction }) {
    if (status !== "running" && status !== "queued") return;
    this.work.textContent = `${stage || "begins"}, ${Math.round(100 * fraction)} %`;
  }

  /** A link, and what the other program does not get. */
  result(title, { id, name, bytes, notes, fidelity }) {
    const link = make("a", { href: `/studio/downloads/${id}`, download: name, class: "download" }, icon("save"), name);
    const lines = [...(notes ?? []), ...(fidelity ?? [])].map((line) => make("li", {}, line));
    const about = make("span", { class: "soft" }, `${title}, ${size(bytes)}`);
    return make("li", {}, link, about, ...(lines.length ? [make("ul", { class: "notes" }, ...lines)] : []));
  }
}

// What is wanted: references, a rough mix, words. Kept here as it is shown, and sent when a hand pauses.

import { icon, make, press, toggle } from "./controls.js";
import { Prompt } from "./prompt.js";
import { ReferenceCard, asReference } from "./references.js";
import { Uploads, about, chooser } from "./uploads.js";

const PAUSE_MS = 300;
const EMPTY = { references: [], rough_mix: null, rough_keeps: ["level", "pan"], prompt: "", confirm: false };
const KEEPS = [["level", "Keep its levels"], ["pan", "Keep its panning"]];

export class Context {
  constructor(element, studio) {
    Object.assign(this, { element, studio, wish: EMPTY, waiting: null, cards: new Map() });
    this.prompt = new Prompt(studio, (prompt, confirm) => this.change({ prompt, confirm }));
    this.uploads = new Uploads(studio, () => this.arrived());
    this.list = make("ul", { class: "cards", "aria-label": "References" });
    this.rough = make("div", { class: "rough" });
    element.append(
      this.section("references", "Sound like", this.list, this.uploads.element),
      this.section("rough", "Keep from a rough mix", this.rough),
      this.prompt.element,
    );
    studio.addEventListener("state", () => this.follow());
    studio.addEventListener("files", ({ detail }) => this.take(detail));
  }

  section(name, title, ...children) {
    const kind = name === "references" ? "reference" : "rough", multiple = kind === "reference";
    const label = multiple ? "Add a reference" : "Choose a file";
    const take = (files) => this.take({ files, kind });
    const add = chooser(label, { multiple, className: "toggle", id: `add-${kind}` }, take);
    const about = { class: "wish-part", "aria-labelledby": `${name}-title`, "data-takes": kind };
    const head = make("header", {}, make("h3", { id: `${name}-title` }, title), add);
    return make("section", about, head, ...children);
  }

  // --- between here and the server ----------------------------------------------------------------------------------

  /** A change by hand is shown at once and sent after a pause; until it is sent, no answer overwrites it. */
  change(part) {
    this.wish = { ...this.wish, ...part };
    this.show();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.send(), PAUSE_MS);
  }

  async send() {
    clearTimeout(this.waiting);
    const sent = (this.waiting = {});
    const { studio } = this, state = await studio.run(studio.client.post("/studio/context", this.wish));
    if (this.waiting !== sent) return;
    this.waiting = null;
    if (state) studio.update(state);
    else this.follow();
  }

  /** Resolves when the server knows all that is shown: what is asked for next goes by it. */
  async settled() {
    if (this.waiting !== null) await this.send();
  }

  follow() {
    if (this.waiting !== null) return;
    this.wish = { ...EMPTY, ...this.studio.state.context };
    this.show();
  }

  // --- files --------------------------------------------------------------------------------------------------------

  take({ files, kind }) {
    const { limits } = this.studio.given, room = limits.references - this.wish.references.length;
    const most = kind === "rough" ? 1 : room;
    if (files.length > most) this.studio.fail(`${limits.references} references and one rough mix are the most`);
    this.uploads.add(files.slice(0, most), kind);
  }

  /** What has arrived takes its place; what has failed stays to be read. */
  arrived() {
    const { done } = this.uploads, files = done.map(({ answer }) => answer);
    for (const row of done) row.element.remove();
    this.uploads.rows = this.uploads.failed;
    this.studio.state.files.push(...files.filter(({ id }) => !this.file(id)));
    const references = files.filter(({ kind }) => kind === "reference").map(({ id }) => asReference(id));
    const rough = files.find(({ kind }) => kind === "rough");
    const part = references.length ? { references: [...this.wish.references, ...references] } : {};
    if (rough) part.rough_mix = rough.id;
    if (files.length) this.change(part);
  }

  file(id) {
    return this.studio.state.files.find((file) => file.id === id);
  }

  remove(id) {
    const { studio, wish } = this;
    const rough_mix = wish.rough_mix === id ? null : wish.rough_mix;
    this.change({ references: wish.references.filter(({ file }) => file !== id), rough_mix });
    studio.run(this.send().then(() => studio.client.remove(`/studio/files/${id}`)));
  }

  // --- what is there to see -----------------------------------------------------------------------------------------

  show() {
    const { references } = this.wish, ids = references.map(({ file }) => file);
    for (const [id, card] of this.cards) {
      if (ids.includes(id)) continue;
      card.element.remove();
      this.cards.delete(id);
    }
    for (const reference of references) this.card(reference);
    this.showRough();
    this.prompt.update(this.wish.prompt, this.wish.confirm);
  }

  card(reference) {
    const id = reference.file, file = this.file(id);
    if (this.cards.has(id)) return void this.cards.get(id).update(reference);
    if (!file) return;
    const changed = (wish) => {
      this.change({ references: this.wish.references.map((one) => (one.file === id ? wish : one)) });
    };
    const card = new ReferenceCard(this.studio, file, reference, { changed, remove: () => this.remove(id) });
    this.cards.set(id, card);
    this.list.append(card.element);
  }

  showRough() {
    const { rough_mix: id, rough_keeps: keeps } = this.wish, file = id && this.file(id);
    document.getElementById("add-rough")?.parentElement.toggleAttribute("hidden", Boolean(file));
    if (!file) return void this.rough.replaceChildren();
    const chips = KEEPS.map(([aspect, label]) => {
      const isOn = () => keeps.includes(aspect), others = keeps.filter((one) => one !== aspect);
      const flip = () => this.change({ rough_keeps: isOn() ? others : [...others, aspect] });
      return toggle(label, label, isOn, flip, "chip");
    });
    const gone = press(`Remove ${file.name}`, icon("close"), () => this.remove(id), "toggle plain");
    const head = make("header", {}, make("b", { title: file.name }, file.name), gone);
    const keep = make("div", { class: "chips", role: "group", "aria-label": "What is kept" }, ...chips);
    this.rough.replaceChildren(make("div", { class: "card" }, head, make("p", { class: "soft" }, about(file)), keep));
  }
}

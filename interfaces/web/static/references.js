// Songs that the mix should sound like: a card for each.

import { icon, make, press, toggle } from "./controls.js";
import { SegmentPicker } from "./segment.js";

const GROUPS = ["vocals", "drums", "bass", "other"];
const WEIGHTS = [0.25, 0.5, 1, 2, 4];

export class ReferenceCard {
  /**
   * @param file as the server tells it.
   * @param wish the reference as the context has it; the card moves it and calls `changed`.
   */
  constructor(studio, file, wish, { changed, remove }) {
    Object.assign(this, { studio, file, wish, changed });
    this.picker = new SegmentPicker(file.name, file.seconds, (segment) => this.set({ segment }));
    this.chips = GROUPS.map((group) => this.chip(group));
    this.weight = this.weightMenu();
    const isOn = () => this.wish.separation;
    const separate = () => this.set({ separation: !isOn() });
    this.separate = toggle(`Separate ${file.name} into stems`, "Separate it", isOn, separate, "chip");
    const gone = press(`Remove ${file.name}`, icon("close"), remove, "toggle plain");
    const roles = { class: "chips", role: "group", "aria-label": `What ${file.name} speaks for` };
    this.element = make(
      "li", { class: "card reference", "data-file": file.id },
      make("header", {}, make("b", { title: file.name }, file.name), gone),
      this.picker.element,
      make("div", { class: "line" }, make("span", { class: "soft" }, "For"), make("div", roles, ...this.chips)),
      make("div", { class: "line" }, make("label", { class: "soft" }, "Weight ", this.weight), this.separate),
    );
    this.update(wish);
    if (studio.engine) this.draw();
    else studio.addEventListener("song", () => this.draw(), { once: true }); // the song itself is wanted sooner
  }

  async draw() {
    const { client } = this.studio, picture = await this.studio.run(client.get(`/studio/overview/${this.file.id}`));
    if (picture) this.picker.draw(picture.peaks);
  }

  chip(group) {
    const isOn = () => this.wish.roles.includes(group);
    const others = () => this.wish.roles.filter((role) => role !== group);
    const flip = () => this.set({ roles: isOn() ? others() : [...others(), group] });
    return toggle(`${group} of ${this.file.name}`, group, isOn, flip, "chip");
  }

  weightMenu() {
    const options = WEIGHTS.map((weight) => make("option", { value: weight }, `${weight} x`));
    const menu = make("select", { "aria-label": `Weight of ${this.file.name}` }, ...options);
    menu.addEventListener("change", () => this.set({ weight: Number(menu.value) }));
    return menu;
  }

  set(part) {
    this.update({ ...this.wish, ...part });
    this.changed(this.wish);
  }

  update(wish) {
    this.wish = wish;
    this.picker.set(wish.segment);
    if (![...this.weight.options].some(({ value }) => Number(value) === wish.weight)) {
      this.weight.append(make("option", { value: wish.weight }, `${wish.weight} x`));
    }
    this.weight.value = wish.weight;
    for (const button of [...this.chips, this.separate]) button.update();
    this.element.classList.toggle("all", wish.roles.length === 0);
  }
}

/** What a file is as a reference, until somebody says more. */
export const asReference = (file) => ({ file, segment: null, roles: [], weight: 1, separation: true });

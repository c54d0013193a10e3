// The Look area: pictures of the mix now, before the last suggestion, and of the references, with what is playing.

import { make } from "./controls.js";
import { Pictures } from "./pictures.js";
import { Spectrum } from "./spectrum.js";

const STALE = "The mix has changed since this was measured.";
const FIRST = "Tone against the references, loudness and stereo over time, and which track covers which.";

export class Look {
  constructor(element, studio) {
    Object.assign(this, { element, studio, look: null, pictures: null, spectrum: null, measured: null });
    this.button = make("button", { type: "button", class: "toggle", "data-do": "look" });
    this.button.addEventListener("click", () => this.measure());
    this.note = make("p", { class: "what", role: "status" });
    this.legend = make("div");
    this.place = make("div");
    element.classList.add("look");
    element.replaceChildren(make("div", { class: "heading" }, this.legend, this.note, this.button), this.place);
    studio.addEventListener("state", () => this.told());
    studio.addEventListener("song", () => this.forget());
    this.told();
    requestAnimationFrame(() => this.frame());
  }

  async measure() {
    const { studio } = this, { revision } = studio.state;
    this.button.disabled = true;
    try {
      const look = await studio.run(studio.client.post("/studio/look", {}).then((answer) => studio.job(answer)));
      if (look) this.show(look, revision);
    } finally {
      this.button.disabled = false;
      this.told();
    }
  }

  show(look, revision) {
    const hidden = this.pictures?.hidden ?? new Set();
    this.look = look;
    this.measured = revision;
    this.spectrum?.close();
    this.spectrum = null;
    this.pictures = new Pictures(look, (seconds) => this.studio.engine?.seek(seconds));
    for (const { key } of look.sides) if (hidden.has(key)) this.pictures.flip(key);
    this.legend.replaceChildren(this.pictures.legend);
    this.place.replaceChildren(this.pictures.element);
  }

  /** Another song: what was measured is not its own. */
  forget() {
    Object.assign(this, { look: null, pictures: null, spectrum: null, measured: null });
    this.legend.replaceChildren();
    this.place.replaceChildren();
    this.told();
  }

  told() {
    const { state } = this.studio, stale = this.look !== null && state?.revision !== this.measured;
    this.button.textContent = this.look === null ? "Measure" : "Measure again";
    this.note.textContent = this.look === null ? FIRST : stale ? STALE : "";
    this.element.classList.toggle("stale", stale);
  }

  /** Once for each picture of the screen while something plays and the area is seen. */
  frame() {
    requestAnimationFrame(() => this.frame());
    const { engine } = this.studio;
    if (!this.pictures || !engine?.master || this.element.offsetParent === null) return;
    this.spectrum ??= new Spectrum(engine.master, this.look.bands);
    this.pictures.play(engine.position, engine.playing ? this.spectrum.read() : null);
  }
}

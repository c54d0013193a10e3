// The Look area: pictures of the mix now, before the last suggestion, and of the references, with what is playing.

import { make } from "./controls.js";
import { Pictures } from "./pictures.js";
import { Spectrum } from "./spectrum.js";

const SEEN = "faderwise-look"; // in the browser's session: what was measured when the page was left
const STALE = "The mix has changed since this was measured.";
const FIRST = "Tone against the references, loudness and stereo over time, and which track covers which.";

/** What the pictures depend on: the song, where it stands, and what it is compared with. */
const stampOf = ({ song, revision, context }) => JSON.stringify([
  song?.key, revision, context.references.map(({ file, segment }) => [file, segment]),
]);

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
    studio.addEventListener("song", () => this.opened());
    this.told();
    requestAnimationFrame(() => this.frame());
  }

  async measure() {
    const { studio } = this, stamp = stampOf(studio.state);
    this.button.disabled = true;
    try {
      const look = await studio.run(studio.client.post("/studio/look", {}).then((answer) => studio.job(answer)));
      if (look) this.show(look, stamp);
    } finally {
      this.button.disabled = false;
      this.told();
    }
  }

  show(look, stamp) {
    const hidden = this.pictures?.hidden ?? new Set();
    this.look = look;
    this.measured = stamp;
    sessionStorage.setItem(SEEN, stamp);
    this.spectrum?.close();
    this.spectrum = null;
    this.pictures = new Pictures(look, (seconds) => this.studio.engine?.seek(seconds));
    for (const { key } of look.sides) if (hidden.has(key)) this.pictures.flip(key);
    this.legend.replaceChildren(this.pictures.legend);
    this.place.replaceChildren(this.pictures.element);
  }

  /** What was measured of another song goes; what the server still knows of this one, from before a reload, is back. */
  opened() {
    Object.assign(this, { look: null, pictures: null, spectrum: null, measured: null });
    this.legend.replaceChildren();
    this.place.replaceChildren();
    this.told();
    const { state } = this.studio;
    if (state.song && sessionStorage.getItem(SEEN) === stampOf(state)) this.measure();
  }

  told() {
    const { state } = this.studio, stale = this.look !== null && stampOf(state) !== this.measured;
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

// The song's name, and what can be done with all of it: another song, or forgetting everything.

import { icon, make, press } from "./controls.js";

export class Song {
  constructor(element, studio) {
    Object.assign(this, { element, studio });
    this.name = make("input", { class: "song-name", type: "text", "aria-label": "Name of the song", maxlength: 200 });
    this.about = make("span", { class: "about" });
    this.name.addEventListener("change", () => this.rename());
    element.append(this.name, this.about);
    const another = press("Open another song", "New song", () => this.another(), "toggle plain worded");
    studio.places.menu.append(another);
    this.another = () => studio.emit("another");
    studio.addEventListener("state", () => this.show());
    this.show();
  }

  show() {
    const { state } = this.studio, song = state?.song ?? null;
    if (song === null) return;
    if (document.activeElement !== this.name) this.name.value = song.name;
    this.about.textContent = `${state.session.tracks.length} tracks, ${song.sample_rate / 1000} kHz`;
  }

  rename() {
    const { studio } = this, name = this.name.value.trim();
    if (!name || name === studio.state.song.name) return void this.show();
    studio.run(studio.edit([["session.name", name]], `named ${name}`));
  }
}

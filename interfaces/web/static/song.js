// The song's name, and what can be done with all of it: another song, or forgetting everything.

import { icon, make, press } from "./controls.js";

const GONE = "Tracks, references, suggestions and exports go from this studio at once. Your own files stay.";

export class Song {
  constructor(element, studio) {
    Object.assign(this, { element, studio });
    this.name = make("input", { class: "song-name", type: "text", "aria-label": "Name of the song", maxlength: 200 });
    this.about = make("span", { class: "about" });
    this.name.addEventListener("change", () => this.rename());
    element.append(this.name, this.about);
    const another = press("Open another song", "New song", () => this.another(), "toggle plain worded");
    const forget = press("Delete the song and all files here", icon("bin"), () => this.ask(), "toggle plain");
    forget.dataset.do = "forget";
    studio.places.menu.append(another, forget);
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

  /** What is deleted cannot be brought back, so it is asked for twice. */
  ask() {
    const dialog = make("dialog", { class: "sheet", "aria-labelledby": "forget-title" });
    const choice = (label, className, action) => press(label, label, () => (dialog.close(), action()), className);
    const gone = choice("Delete everything", "primary", () => this.forget());
    gone.dataset.do = "really";
    dialog.append(
      make("h2", { id: "forget-title" }, "Delete the song and all files?"),
      make("p", { class: "soft" }, GONE),
      make("div", { class: "choices" }, gone, choice("Keep them", "toggle large", () => {})),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }

  forget() {
    const { studio } = this;
    studio.run(studio.client.post("/studio/forget").then((state) => studio.update(state)));
  }
}

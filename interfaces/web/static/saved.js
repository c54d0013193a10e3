// A saved session that is to be opened again: its file, and what of its audio is not there yet.

import { unpacked } from "./archive.js";
import { icon, make, press } from "./controls.js";
import { isAudio, isText } from "./uploads.js";

const ARCHIVE = /\.zip$/i;
const MARK = "faderwise-session/"; // stands at the beginning of every session's file
const BEGINNING = 4096;
const NAMED = 8; // missing files that are named

const isArchive = ({ name }) => ARCHIVE.test(name);

/** Whether a session could be in a file. */
export const maySave = (file) => isText(file) || isArchive(file);

/** Sessions and sounds among files, those in archives too; what is neither of them is taken for a sound by its giver. */
export async function parted(files) {
  const wanted = (name) => !name.startsWith(".") && (isText({ name }) || isAudio({ name, type: "" }));
  const inside = await Promise.all(files.filter(isArchive).map((file) => unpacked(file, wanted)));
  const all = [...files.filter((file) => !isArchive(file)), ...inside.flat()];
  const texts = all.filter(isText), sounds = all.filter((file) => !texts.includes(file));
  const beginnings = await Promise.all(texts.map((file) => file.slice(0, BEGINNING).text()));
  const sessions = texts.filter((_, index) => beginnings[index].includes(MARK));
  return { sessions: sessions.length || sounds.length ? sessions : texts.slice(0, 1), sounds };
}

const several = (names) => {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(", ")} and ${more} more` : names.join(", ");
};

/** The session's file that waits, told and left; `open` is what its button does. */
export class Saved {
  constructor(studio, open) {
    Object.assign(this, { studio, open, trouble: "" });
    this.name = make("b", {});
    this.about = make("span", { class: "soft" });
    this.lacks = make("p", { role: "status" });
    this.leave = press("Leave the session out", icon("close"), () => this.forget(), "toggle plain");
    this.button = press("Open the session", "Open the session", open, "primary");
    this.button.dataset.do = "open-session";
    const head = make("header", {}, make("span", {}, this.name, " ", this.about), this.leave);
    this.element = make("section", { class: "card saved", "aria-label": "Saved session" }, head, this.lacks, this.button);
  }

  get told() {
    return this.studio.state?.saved ?? null;
  }

  /** The session's files that have not come under their own names. */
  missing(uploads) {
    const names = uploads.rows.filter(({ state }) => state !== "failed").map(({ name }) => name);
    return (this.told?.tracks ?? []).filter((name) => !names.includes(name));
  }

  update(uploads) {
    const { told } = this;
    this.element.hidden = told === null;
    if (told === null) return;
    const missing = this.missing(uploads), count = told.tracks.length;
    this.name.textContent = told.song;
    this.about.textContent = `${told.name}, ${count} audio file${count > 1 ? "s" : ""}`;
    this.lacks.textContent = this.trouble || this.sentence(missing, told.references, uploads.moving);
    this.lacks.classList.toggle("failed", this.trouble !== "");
    this.button.hidden = uploads.moving || uploads.done.length === 0;
  }

  sentence(missing, references, moving) {
    if (missing.length) return `Drop its audio here too. Not here yet: ${several(missing)}.`;
    if (moving) return "All its audio is on its way.";
    return references.length ? `All its audio is here. Its references may be dropped too: ${several(references)}.` : "";
  }

  /** Resolves when the server has the file. */
  async send(file) {
    this.trouble = "";
    const { studio } = this, state = await studio.run(studio.client.session(file));
    if (state) studio.update(state);
  }

  async forget() {
    if (this.told === null) return;
    const { studio } = this, state = await studio.run(studio.client.post("/studio/session/leave"));
    if (state) studio.update(state);
  }
}

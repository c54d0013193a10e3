// Files that are dropped, anywhere on the page: they belong to the place that they are dropped on, or it is asked.

import { make, press } from "./controls.js";
import { maySave } from "./saved.js";
import { dropped } from "./uploads.js";

export class Drops {
  /** @param start takes what is to be opened. */
  constructor(studio, start) {
    Object.assign(this, { studio, start });
    for (const type of ["dragenter", "dragover"]) document.addEventListener(type, (event) => this.over(event));
    document.addEventListener("dragleave", (event) => event.relatedTarget || this.mark(false));
    document.addEventListener("drop", (event) => this.drop(event));
  }

  over(event) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    this.mark(true);
  }

  mark(on) {
    document.body.classList.toggle("dropping", on);
  }

  async drop(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    this.mark(false);
    const kind = event.target.closest("[data-takes]")?.dataset.takes;
    const { files, name } = await dropped(event.dataTransfer);
    if (files.length) this.sort(files, name, kind);
    else this.studio.fail(`no sound was found in ${name || "what was dropped"}`);
  }

  sort(files, name, kind) {
    const { start, studio } = this;
    if (start.working) return;
    if (!start.element.hidden) this.open(files, name);
    else if (kind && !files.some(maySave)) studio.emit("files", { files, kind });
    else this.ask(files, name);
  }

  open(files, folder) {
    this.studio.run(this.start.take(files, folder));
  }

  ask(files, folder) {
    const many = files.length > 1, dialog = make("dialog", { class: "sheet", "aria-labelledby": "ask-title" });
    const name = many ? `${files.length} files` : files[0].name, isSession = files.some(maySave);
    const choice = (label, action) => press(label, label, () => {
      dialog.close();
      action();
    }, "toggle large");
    const give = (kind) => () => this.studio.emit("files", { files, kind });
    const open = () => (this.start.enter(), this.open(files, folder));
    const sound = [
      choice(`${many ? "References" : "A reference"}: the mix should sound like that`, give("reference")),
      ...(many ? [] : [choice("A rough mix of this song", give("rough"))]),
      choice("A new song, in the place of this one", open),
    ];
    dialog.append(
      make("h2", { id: "ask-title" }, `What ${many ? "are" : "is"} ${name}?`),
      make(
        "div", { class: "choices column" },
        ...(isSession ? [choice("A saved session, in the place of this song", open)] : sound),
        choice("Nothing, a slip of the hand", () => {}),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}

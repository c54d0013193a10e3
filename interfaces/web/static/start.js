// The empty page: stems or one song, by drop or by dialog, or the demo; and what becomes of files dropped later.

import { icon, make, press } from "./controls.js";
import { stageOf, timeLeft } from "./jobs.js";
import { Uploads, about, chooser, dropped, size } from "./uploads.js";

const STEMS = [
  [4, "Four stems", "vocals, drums, bass, other"],
  [2, "Two stems", "vocals, everything else"],
];

const PRIVATE = "Nothing leaves this machine: sound and settings stay with the program that shows this page.";

export class Start {
  constructor(element, studio) {
    Object.assign(this, { element, studio, starting: false, working: false, name: "" });
    this.uploads = new Uploads(studio, () => this.settled());
    this.next = make("div", { class: "next" });
    this.work = this.workView();
    this.zone = this.dropZone();
    this.replaces = make("p", { class: "replaces" });
    this.back = press("Back to the song", "Back to the song", () => this.leave(), "toggle");
    element.append(
      make("h2", { id: "start-title" }, "Open a song"), this.replaces,
      this.zone, this.uploads.element, this.next, this.work, this.fine(), this.back,
    );
    this.listen();
    this.show();
  }

  listen() {
    const { studio } = this;
    for (const type of ["state", "song"]) studio.addEventListener(type, () => this.show());
    studio.addEventListener("song", () => this.opened());
    studio.addEventListener("another", () => this.enter());
    studio.addEventListener("job", ({ detail }) => detail.kind === "new" && this.progress(detail));
    for (const type of ["dragenter", "dragover"]) document.addEventListener(type, (event) => this.over(event));
    document.addEventListener("dragleave", (event) => event.relatedTarget || this.mark(false));
    document.addEventListener("drop", (event) => this.drop(event));
  }

  // --- what is there to see -----------------------------------------------------------------------------------------

  dropZone() {
    const files = chooser("Choose files", { className: "primary", id: "files" }, (chosen) => this.take(chosen));
    const demo = press("Open the demo song", "Open the demo song", () => this.make({ from: "demo" }), "toggle large");
    demo.dataset.do = "demo";
    return make(
      "div", { class: "zone" },
      icon("drop"),
      make("p", { class: "invite" }, "Drop the stems of a song here, or one finished song"),
      make("p", { class: "soft" }, "Files or whole folders, anywhere on this page"),
      make("div", { class: "choices" }, files, demo),
    );
  }

  fine() {
    const { limits } = this.studio.given;
    const text =
      `2 to ${limits.stems} stems, or one song that is separated into stems. WAV, AIFF, FLAC, OGG, MP3; ` +
      `up to ${size(limits.file_bytes)} and ${Math.round(limits.file_seconds / 60)} minutes a file.`;
    const first = make("p", { class: "private" }, icon("locked"), PRIVATE);
    return make("div", { class: "fine" }, first, make("p", {}, text));
  }

  show() {
    const song = this.studio.state?.song ?? null, shown = song === null || this.starting || this.working;
    document.body.classList.toggle("starting", shown);
    this.element.hidden = !shown;
    this.back.hidden = song === null || this.working;
    this.zone.hidden = this.uploads.element.hidden = this.next.hidden = this.working;
    this.work.hidden = !this.working;
    this.replaces.hidden = song === null;
    this.replaces.textContent = song && `It takes the place of ${song.name}; export the session first to keep it.`;
    if (song === null && this.studio.state) {
      for (const file of this.studio.state.files) if (["stem", "song"].includes(file.kind)) this.uploads.known(file);
      if (!this.uploads.moving) this.offer();
    }
  }

  enter() {
    this.starting = true;
    this.show();
    this.element.querySelector("input, button")?.focus();
  }

  leave() {
    this.starting = false;
    this.uploads.clear();
    this.offer();
    this.show();
  }

  /** A song that stands has its own copy of the files that it was made of. */
  opened() {
    const { client, state } = this.studio;
    if (state.song === null) return;
    const referred = state.context.references.map(({ file }) => file);
    const used = state.files.filter(({ id, kind }) => ["stem", "song"].includes(kind) && !referred.includes(id));
    for (const { id } of used) this.studio.run(client.remove(`/studio/files/${id}`));
    this.leave();
  }

  // --- files --------------------------------------------------------------------------------------------------------

  /** A whole song's worth of files that all arrive is opened at once; otherwise there is something to decide. */
  take(files, name = "") {
    this.name = name;
    const { stems } = this.studio.given.limits, room = stems - this.uploads.rows.length;
    this.atOnce = this.uploads.rows.length === 0 && files.length > 1 && files.length <= room;
    const over = files.length - room;
    if (over > 0) this.studio.fail(`${over} files were left out: a song has ${stems} stems at most`);
    const kind = files.length === 1 && this.uploads.rows.length === 0 ? "song" : "stem";
    this.uploads.add(files.slice(0, Math.max(0, room)), kind);
    this.offer();
  }

  settled() {
    if (this.atOnce && this.uploads.failed.length === 0 && this.uploads.done.length > 1) this.open();
    else this.offer();
    this.atOnce = false;
  }

  open() {
    return this.make({ from: "stems", files: this.uploads.done.map(({ answer }) => answer.id), name: this.name });
  }

  /** What can be done with the files that are there. */
  offer() {
    const { done, failed } = this.uploads;
    if (this.uploads.moving || done.length === 0) return void this.next.replaceChildren();
    if (done.length === 1) return void this.next.replaceChildren(...this.oneSong(done[0].answer));
    const which = failed.length ? `Open the ${done.length} that work` : `Open ${done.length} stems`;
    const button = press(which, which, () => this.open(), "primary");
    button.dataset.do = "open";
    this.next.replaceChildren(button);
  }

  oneSong(file) {
    const choice = ([stems, name, what]) => {
      const label = make("span", {}, make("b", {}, name), make("small", {}, what));
      const make_ = () => this.make({ from: "song", files: [file.id], stems });
      const button = press(`Separate into ${name.toLowerCase()}: ${what}`, label, make_, "choice");
      Object.assign(button.dataset, { do: "separate", stems });
      return button;
    };
    return [
      make("h3", {}, `Separate ${file.name} into`),
      make("div", { class: "choices" }, ...STEMS.map(choice)),
      make("p", { class: "soft" }, `${about(file)}. Is it one stem of many? Then add the others.`),
    ];
  }

  async make(body) {
    const { studio } = this;
    this.progress({ status: "queued", stage: "", fraction: 0 });
    await studio.run(studio.client.post("/studio/new", body).then((answer) => studio.job(answer)));
    this.working = false;
    this.show();
  }

  /** A job that opens a song, this page's own or one that a reload has found. */
  progress(job) {
    const ended = ["done", "failed", "cancelled"].includes(job.status);
    this.job = job;
    if (this.working !== !ended) {
      this.working = !ended;
      this.show();
    }
    if (job.status === "running") this.bar.value = job.fraction;
    else this.bar.removeAttribute("value");
    this.stage.textContent = [stageOf(job), timeLeft(job.seconds_left)].filter(Boolean).join(", ");
    this.cancel.disabled = !job.id;
  }

  workView() {
    this.bar = make("progress", { max: 1, "aria-label": "Opening the song" });
    this.stage = make("p", {});
    this.cancel = press("Call it off", "Cancel", () => this.studio.run(this.studio.client.cancel(this.job)), "toggle");
    this.cancel.dataset.do = "cancel";
    const parts = [this.bar, this.stage, this.cancel];
    return make("div", { class: "working", role: "group", "aria-label": "Opening the song" }, ...parts);
  }

  // --- drops, anywhere ----------------------------------------------------------------------------------------------

  over(event) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    this.mark(true);
  }

  mark(on) {
    document.body.classList.toggle("dropping", on);
  }

  /** Files belong to the place that they are dropped on; elsewhere on a song's page it is asked what they are. */
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
    if (this.working) return;
    if (!this.element.hidden) this.take(files, name);
    else if (kind) this.studio.emit("files", { files, kind });
    else this.ask(files, name);
  }

  ask(files, folder) {
    const many = files.length > 1, dialog = make("dialog", { class: "sheet", "aria-labelledby": "ask-title" });
    const name = many ? `${files.length} files` : files[0].name;
    const choice = (label, action) => press(label, label, () => {
      dialog.close();
      action();
    }, "toggle large");
    const give = (kind) => () => this.studio.emit("files", { files, kind });
    dialog.append(
      make("h2", { id: "ask-title" }, `What ${many ? "are" : "is"} ${name}?`),
      make(
        "div", { class: "choices column" },
        choice(`${many ? "References" : "A reference"}: the mix should sound like that`, give("reference")),
        ...(many ? [] : [choice("A rough mix of this song", give("rough"))]),
        choice("A new song, in the place of this one", () => (this.enter(), this.take(files, folder))),
        choice("Nothing, a slip of the hand", () => {}),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
}

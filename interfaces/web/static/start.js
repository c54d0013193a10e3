// The empty page: stems, one song or a saved session, by drop or by dialog, or the demo.

import { Cancelled } from "./client.js";
import { icon, make, press } from "./controls.js";
import { Drops } from "./drops.js";
import { stageOf, timeLeft } from "./jobs.js";
import { Saved, parted } from "./saved.js";
import { Uploads, about, chooser, size } from "./uploads.js";

const STEMS = [
  [4, "Four stems", "vocals, drums, bass, other"],
  [2, "Two stems", "vocals, everything else"],
];

const PRIVATE = "Nothing leaves this machine: sound and settings stay with the program that shows this page.";

export class Start {
  constructor(element, studio) {
    Object.assign(this, { element, studio, starting: false, working: false, name: "", tried: false });
    this.saved = new Saved(studio, () => this.make({ from: "session", files: this.arrived() }));
    this.uploads = new Uploads(studio, () => this.settled());
    this.next = make("div", { class: "next" });
    this.work = this.workView();
    this.zone = this.dropZone();
    this.replaces = make("p", { class: "replaces" });
    this.back = press("Back to the song", "Back to the song", () => this.leave(), "toggle");
    element.append(
      make("h2", { id: "start-title" }, "Open a song"), this.replaces,
      this.zone, this.saved.element, this.uploads.element, this.next, this.work, this.fine(), this.back,
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
    this.drops = new Drops(studio, this);
  }

  // --- what is there to see -----------------------------------------------------------------------------------------

  dropZone() {
    const { session } = this.studio.given, about = { className: "primary", id: "files", also: ",.json,.zip" };
    const files = chooser("Choose files", about, (chosen) => this.studio.run(this.take(chosen)));
    const given = press(`Open ${session}`, `Open ${session}`, () => this.make({ from: "given" }), "toggle large");
    given.dataset.do = "given";
    given.hidden = !session;
    const demo = press("Open the demo song", "Open the demo song", () => this.make({ from: "demo" }), "toggle large");
    demo.dataset.do = "demo";
    return make(
      "div", { class: "zone" },
      icon("drop"),
      make("p", { class: "invite" }, "Drop the stems of a song here, or one finished song"),
      make("p", { class: "soft" }, "Or a saved session with its audio. Files or whole folders, anywhere on this page"),
      make("div", { class: "choices" }, files, given, demo),
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
    this.saved.update(this.uploads);
    this.saved.element.hidden ||= this.working;
    this.work.hidden = !this.working;
    this.replaces.hidden = song === null;
    this.replaces.textContent = song && `It takes the place of ${song.name}; export the session first to keep it.`;
    this.tried ||= song !== null;
    if (song === null && this.studio.state) {
      for (const file of this.studio.state.files) if (["stem", "song"].includes(file.kind)) this.uploads.known(file);
      if (!this.uploads.moving) this.offer();
      this.openGiven();
    }
  }

  /** The session that the studio was started with opens by itself on a page that has had no song yet. */
  openGiven() {
    const { given, state } = this.studio;
    if (this.tried || !given.session) return;
    this.tried = true;
    if (!state.jobs.some(({ kind }) => kind === "new")) this.make({ from: "given" });
  }

  enter() {
    this.starting = true;
    this.show();
    this.element.querySelector("input, button")?.focus();
  }

  leave() {
    this.starting = false;
    this.saved.forget();
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
  async take(given, name = "") {
    const { sessions, sounds: files } = await parted(given);
    if (sessions.length > 1) throw new Error(`${sessions.map((file) => file.name).join(", ")}: drop one session alone`);
    if (sessions.length) await this.saved.send(sessions[0]);
    this.saved.trouble = "";
    this.name = name;
    const { stems } = this.studio.given.limits, room = stems - this.uploads.rows.length;
    this.atOnce = this.uploads.rows.length === 0 && files.length > 1 && files.length <= room;
    const over = files.length - room;
    if (over > 0) this.studio.fail(`${over} files were left out: a song has ${stems} stems at most`);
    const alone = files.length === 1 && this.uploads.rows.length === 0 && !this.saved.told;
    this.uploads.add(files.slice(0, Math.max(0, room)), alone ? "song" : "stem");
    if (this.uploads.moving) this.offer();
    else this.settled();
  }

  settled() {
    if (this.saved.told) this.complete();
    else if (this.atOnce && this.uploads.failed.length === 0 && this.uploads.done.length > 1) this.open();
    else this.offer();
    this.atOnce = false;
  }

  /** A session whose files are all there by their names is opened; what they hold is seen then. */
  complete() {
    this.offer();
    if (this.uploads.failed.length === 0 && this.saved.missing(this.uploads).length === 0) this.saved.open();
  }

  open() {
    return this.make({ from: "stems", files: this.arrived(), name: this.name });
  }

  arrived() {
    return this.uploads.done.map(({ answer }) => answer.id);
  }

  /** What can be done with the files that are there. */
  offer() {
    const { done, failed } = this.uploads;
    this.saved.update(this.uploads);
    if (this.saved.told || this.uploads.moving || done.length === 0) return void this.next.replaceChildren();
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
    const opening = studio.client.post("/studio/new", body).then((answer) => studio.job(answer));
    this.saved.trouble = await opening.then(() => "", (error) => (error instanceof Cancelled ? "" : error.message));
    await studio.run(opening);
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
}

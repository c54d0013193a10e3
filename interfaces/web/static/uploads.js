// Files on their way to the server: from a drop, a folder or a dialog into rows with progress, errors in their row.

import { icon, make, press } from "./controls.js";

const AT_ONCE = 3;
const AUDIO = /\.(wav|wave|flac|ogg|oga|opus|mp3|aif|aiff|aifc|w64|caf|m4a|au)$/i;
const SESSION = /\.json$/i;
const ACCEPTED = "audio/*,.flac,.wav,.aif,.aiff,.ogg,.opus";
const KILO = 1024;

/** Whether a file looks like sound. */
export const isAudio = ({ name, type }) => type.startsWith("audio/") || AUDIO.test(name);

/** Whether a file could hold a session. */
export const isText = ({ name }) => SESSION.test(name);

/**
 * The files of a drop, those of folders among them as far as they look like sound or a session; a lone folder names the
 * song.
 */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return { files: [...transfer.files], name: "" };
  const found = await Promise.all(entries.map((entry) => filesOf(entry, false)));
  return { files: found.flat(), name: entries.length === 1 && entries[0].isDirectory ? entries[0].name : "" };
}

async function filesOf(entry, inFolder) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    const isMeant = !file.name.startsWith(".") && (isAudio(file) || isText(file));
    return inFolder && !isMeant ? [] : [file];
  }
  const reader = entry.createReader(), found = [];
  for (let more = true; more; ) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    more = some.length > 0; // folders are read in pieces of a hundred
    for (const child of some) found.push(...(await filesOf(child, true)));
  }
  return found.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

export function size(bytes) {
  const power = bytes < KILO ? 0 : Math.min(3, Math.floor(Math.log(bytes) / Math.log(KILO)));
  const figure = (bytes / KILO ** power).toFixed(power > 1 ? 1 : 0).replace(/\.0$/, "");
  return `${figure} ${["bytes", "KB", "MB", "GB"][power]}`;
}

export function minutes(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")}`;
}

/** "3:12, stereo, 44.1 kHz" */
export function about({ seconds, channels, sample_rate }) {
  const sides = { 1: "mono", 2: "stereo" }[channels] ?? `${channels} channels`;
  return `${minutes(seconds)}, ${sides}, ${sample_rate / 1000} kHz`;
}

/** A button with a real file field behind it, for the mouse, the keyboard and screen readers alike. */
export function chooser(label, { multiple = true, className = "toggle", id = null, also = "" }, take) {
  const field = make("input", { type: "file", id, class: "file-field", accept: `${ACCEPTED}${also}` });
  field.multiple = multiple;
  field.addEventListener("change", () => {
    const files = [...field.files];
    field.value = ""; // the same file may be taken again
    if (files.length) take(files);
  });
  return make("label", { class: `${className} choose` }, field, make("span", {}, label));
}

/** A list of files that are sent, a few at a time. `settled` is called when nothing is under way any more. */
export class Uploads {
  constructor(studio, settled) {
    Object.assign(this, { studio, settled, rows: [], busy: 0 });
    this.element = make("ul", { class: "uploads", "aria-label": "Files" });
  }

  get done() {
    return this.rows.filter(({ state }) => state === "done");
  }

  get failed() {
    return this.rows.filter(({ state }) => state === "failed");
  }

  get moving() {
    return this.rows.some(({ state }) => state === "waiting" || state === "sent");
  }

  add(files, kind) {
    for (const file of files) this.rows.push(this.row({ file, kind, name: file.name, state: "waiting" }));
    this.next();
  }

  /** A file that the server already has. */
  known(given) {
    if (this.rows.some(({ answer }) => answer?.id === given.id)) return;
    const row = this.row({ kind: given.kind, name: given.name, state: "done", answer: given });
    this.rows.push(row);
    this.show(row, about(given), 1);
  }

  clear() {
    for (const row of this.rows) row.abort.abort();
    this.rows = [];
    this.element.replaceChildren();
  }

  row(row) {
    row.abort = new AbortController();
    row.bar = make("progress", { max: 1, value: 0, "aria-label": `${row.name}: sent` });
    row.text = make("span", { class: "told" }, row.file ? size(row.file.size) : "");
    const drop = press(`Leave ${row.name} out`, icon("close"), () => this.leaveOut(row), "toggle plain");
    row.element = make("li", { class: "upload" }, make("span", { class: "file" }, row.name), row.bar, row.text, drop);
    this.element.append(row.element);
    return row;
  }

  show(row, text, share) {
    row.text.textContent = text;
    row.bar.value = share;
    row.element.dataset.state = row.state;
  }

  async next() {
    const row = this.rows.find(({ state }) => state === "waiting");
    if (!row || this.busy >= AT_ONCE) return;
    this.busy += 1;
    row.state = "sent";
    this.next();
    const sending = (share) => this.show(row, share < 1 ? `${Math.floor(100 * share)} %` : "being checked", share);
    try {
      row.answer = await this.studio.client.upload(row.file, row.kind, sending, row.abort.signal);
      row.state = "done";
      this.show(row, about(row.answer), 1);
    } catch (error) {
      row.state = "failed";
      this.show(row, error.message, 0);
      row.text.setAttribute("role", "alert");
    }
    this.busy -= 1;
    this.next();
    if (!this.moving) this.settled();
  }

  leaveOut(row) {
    row.abort.abort();
    this.rows = this.rows.filter((other) => other !== row);
    row.element.remove();
    if (row.answer) this.studio.run(this.studio.client.remove(`/studio/files/${row.answer.id}`));
    if (!this.moving) this.settled();
  }
}

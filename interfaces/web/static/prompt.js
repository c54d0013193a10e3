// Words for what is wanted, and what was understood of them, as they are typed.

import { icon, make, press } from "./controls.js";

const PAUSE_MS = 220; // of typing, before it is read
const SHOWN = {
  understood: ["done", "Understood"],
  guessed: ["ask", "Is that meant?"],
  not_understood: ["none", "Not understood"],
  no_request: ["none", "Nothing asked for"],
};
const EXAMPLES = "vocals a bit louder and warmer, less boxy kick, guitars wider";
const WORDS = "Louder, warmer, wider, less boxy, +2 dB, pan left 30 ...";
const QUESTION = ": is that meant?";
const UNKNOWN = " is not in the lexicon: did you mean ";
const INSTEAD = /“([^”]+)” \(([^)]+)\)/g; // the phrases that such a question offers, each with what it asks for
const NEAREST = /the nearest is ([^;]+): do that\?/; // where the console has no such thing

/** The places of a text that count characters as people do, in the counting of JavaScript. */
const units = (text, at) => Array.from(text).slice(0, at).join("").length;

/** What a guess could mean: a place in the text, what would stand there, and how to call it. */
function readings(row) {
  const { note, span, intents } = row, phrases = note.split(UNKNOWN)[1];
  if (phrases) {
    const guess = intents.find(({ origin }) => origin === "guess");
    return [...phrases.matchAll(INSTEAD)].map(([, words, name]) => ({ span: guess.span, words, name }));
  }
  const nearest = note.match(NEAREST);
  if (nearest) return [{ span, words: `${intents[0].target.label} ${nearest[1]}`, name: nearest[1] }];
  const parts = note.split("; "), asked = parts.filter((part) => part.endsWith(QUESTION));
  const words = asked.map((part) => part.slice(0, -QUESTION.length)).join(", ");
  return asked.length === parts.length ? [{ span, words, name: words }] : [];
}

export class Prompt {
  /** @param changed called with the text, and whether guesses are meant too, when somebody pauses. */
  constructor(studio, changed) {
    Object.assign(this, { studio, changed, turn: 0, pause: null, meant: false });
    const told = { "aria-describedby": "prompt-hint", rows: 3, maxlength: studio.given.limits.prompt_characters };
    this.field = make("textarea", { id: "prompt", placeholder: EXAMPLES, spellcheck: "false", ...told });
    this.mirror = make("div", { class: "mirror", "aria-hidden": "true" });
    this.list = make("ul", { id: "understood", "aria-live": "polite", "aria-label": "What was understood" });
    const hint = make("p", { id: "prompt-hint", class: "soft hint" }, WORDS);
    this.element = make(
      "section", { class: "wish-part", "aria-labelledby": "prompt-title" },
      make("h3", {}, make("label", { for: "prompt", id: "prompt-title" }, "In words")),
      make("div", { class: "prompt-field" }, this.mirror, this.field), hint, this.list,
    );
    this.field.addEventListener("input", () => this.typed());
    this.field.addEventListener("scroll", () => (this.mirror.scrollTop = this.field.scrollTop));
  }

  get text() {
    return this.field.value;
  }

  /** The server's text, unless somebody is typing. */
  update(text, meant) {
    const same = text === this.text && meant === this.meant;
    if (same || this.pause !== null || document.activeElement === this.field) return;
    this.take(text, meant);
  }

  /** What a hand wants it to be. */
  say(text, meant = false) {
    this.take(text, meant);
    this.changed(text, meant);
  }

  take(text, meant) {
    this.field.value = text;
    this.meant = meant;
    this.read();
  }

  typed() {
    this.mark([]);
    this.meant = false;
    for (const button of this.list.querySelectorAll(".yes")) button.remove(); // it would bring the old text back
    clearTimeout(this.pause);
    this.pause = setTimeout(() => {
      this.pause = null;
      this.read();
      this.changed(this.text, false);
    }, PAUSE_MS);
  }

  async read() {
    const turn = (this.turn += 1), { text } = this;
    const told = text.trim() ? await this.understand(text, this.meant) : { rows: [], notes: [] };
    if (!told || turn !== this.turn) return;
    this.mark(told.rows);
    const rows = told.rows.map((row) => this.row(row, text));
    const notes = told.notes.map((note) => make("li", { class: "note" }, note));
    this.list.replaceChildren(...rows, ...notes);
  }

  understand(text, confirm = false) {
    return this.studio.run(this.studio.client.post("/studio/understand", { prompt: text, confirm }));
  }

  /** Underlines each clause as it was taken. */
  mark(rows) {
    const { text } = this, parts = [];
    let at = 0;
    for (const { span, status } of rows) {
      const [start, end] = span.map((place) => units(text, place));
      parts.push(text.slice(at, start), make("mark", { class: status }, text.slice(start, end)));
      at = end;
    }
    this.marks = parts.filter((part) => typeof part !== "string");
    this.mirror.replaceChildren(...parts, text.slice(at), "\n");
  }

  row(row, text) {
    const [sign, label] = SHOWN[row.status], words = make("span", { class: "said" }, row.text);
    const note = make("span", { class: "meant" }, row.note || (row.status === "understood" ? "" : label));
    const state = make("span", { class: "state", title: label, role: "img", "aria-label": label }, icon(sign));
    const element = make("li", { class: row.status }, state, make("span", { class: "read" }, words, note));
    const index = this.list.children.length;
    for (const [type, on] of [["pointerenter", true], ["pointerleave", false]]) {
      element.addEventListener(type, () => this.marks[index]?.classList.toggle("shown", on));
    }
    if (row.intents.some(({ origin }) => origin === "guess")) this.confirm(element, row, text);
    return element;
  }

  /** A button for each reading that is sure when it is said in the lexicon's words; else one for the guess itself. */
  async confirm(element, row, text) {
    let asked = false;
    for (const { span, words, name } of readings(row)) {
      const [start, end] = span.map((at) => units(text, at));
      const whole = text.slice(0, start) + words + text.slice(end), told = await this.understand(whole);
      const last = span[0] + Array.from(words).length;
      const there = told?.rows.filter((other) => other.span[0] < last && other.span[1] > span[0]) ?? [];
      const sure = there.length > 0 && there.every(({ status }) => status === "understood");
      if (!sure || text !== this.text) continue;
      element.append(press(`Yes, I mean ${name}`, `Yes: ${name}`, () => this.say(whole), "toggle yes"));
      asked = true;
    }
    if (asked || !row.note.endsWith(QUESTION)) return;
    element.append(press("Yes, all that is only guessed is meant", "Yes", () => this.say(text, true), "toggle yes"));
  }
}

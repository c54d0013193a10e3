// From the desk to the server: what a hand moves is gathered and sent, a step for each time that the hand pauses.
//
// What was moved and is not answered yet holds against every state that comes from the server meanwhile.

import { Refused } from "./client.js";
import { show } from "./controls.js";

const PAUSE_MS = 250;
const SAID = {
  mute: ["Unmuted", "Muted"],
  solo: ["Ended the solo of", "Soloed"],
  locked: ["Unlocked", "Locked"],
  bypass: ["Switched on", "Bypassed"],
};

export class Link {
  constructor(studio) {
    Object.assign(this, { studio, waiting: new Map(), sending: new Map(), turn: Promise.resolve() });
    this.timer = null;
    this.held = false; // a finger is down: what it moves is one step
    this.keeping = false;
    studio.addEventListener("song", () => this.follow(studio.engine));
    document.addEventListener("pointerdown", () => (this.held = true), true);
    for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, () => this.release(), true);
    window.addEventListener("pagehide", () => this.flush());
    document.addEventListener("pointermove", ({ buttons }) => this.held && !buttons && this.release(), true);
  }

  follow(engine) {
    this.waiting.clear();
    this.sending.clear();
    engine?.addEventListener("change", ({ detail }) => this.moved(engine, detail.address));
    engine?.addEventListener("replace", () => this.keep(engine));
  }

  // --- what a hand moves --------------------------------------------------------------------------------------------

  moved(engine, address) {
    if (this.keeping || engine !== this.studio.engine) return;
    this.waiting.set(address, engine.get(address));
    if (!this.held) this.later();
  }

  release() {
    this.held = false;
    if (this.waiting.size) this.later();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.studio.run(this.flush()), PAUSE_MS);
  }

  /** The server's session has come: what it does not know yet is put back on top. */
  keep(engine) {
    this.keeping = true;
    for (const [address, value] of [...this.sending, ...this.waiting]) {
      if (engine.get(address) !== value) engine.set(address, value);
    }
    this.keeping = false;
  }

  // --- to the server ------------------------------------------------------------------------------------------------

  /** Resolves when the server knows all that was moved. */
  flush() {
    clearTimeout(this.timer);
    return this.next(() => this.send());
  }

  /**
   * Another change of the session, behind all that was moved before; resolves with the new state, or undefined.
   * Who was hearing another mix hears this one from then on.
   */
  act(path, body = {}) {
    const { studio } = this;
    studio.run(this.flush());
    return this.next(async () => {
      const state = await studio.run(studio.client.post(path, { revision: studio.state.revision, ...body }));
      if (state) studio.update(state);
      if (state && studio.engine?.trial) studio.engine.listen("mix");
      return state;
    });
  }

  /** One after the other: each knows the revision that the one before has made. */
  next(work) {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {}); // what failed holds nobody up
    return done;
  }

  async send() {
    while (this.waiting.size && this.studio.desk) {
      [this.sending, this.waiting] = [this.waiting, new Map()];
      const set = [...this.sending], { studio } = this;
      const body = { revision: studio.state.revision, set, title: this.title(set) };
      try {
        const state = await studio.client.post("/studio/edit", body);
        this.sending = new Map();
        studio.update(state);
      } catch (error) {
        await this.failed(error);
      }
    }
  }

  /** Of a session that was changed meanwhile the new state comes along, and the moves are made again on top of it. */
  async failed(error) {
    const { studio } = this, again = error instanceof Refused && error.status === 409 && error.state;
    if (again) this.waiting = new Map([...this.sending, ...this.waiting]);
    this.sending = new Map();
    if (again) return studio.update(error.state);
    studio.fail(error.message);
    studio.update(await studio.client.get("/studio/state"));
    return studio.move();
  }

  /** What was done, as the history says it. */
  title(set) {
    const targets = new Set(set.map(([address]) => address.split(".")[0])), [[address, value]] = set;
    const name = this.studio.desk.name(targets.values().next().value);
    if (targets.size > 1) return `${set.length} knobs of ${targets.size} tracks`;
    if (set.length > 1) return `${name}: ${set.length} knobs`;
    const [, processor, knob, flag] = address.split("."), last = flag ?? knob ?? processor;
    const where = flag ? ` ${processor} ${this.label(processor, knob)}` : knob ? ` ${processor}` : "";
    if (last in SAID) return `${SAID[last][Number(value)]} ${name}${where}`;
    return `${name} ${processor} ${this.label(processor, knob)}: ${show(this.studio.engine.param(processor, knob), value)}`;
  }

  label(processor, knob) {
    return this.studio.engine.param(processor, knob).label.toLowerCase();
  }
}

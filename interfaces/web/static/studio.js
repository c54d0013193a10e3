// The studio: a page that shows what its server holds. Everything in it is made from the server's state, so that a
// reload brings back what was there. Areas are classes `X(element, studio)` that follow the studio's events:
//
//   state   the server's state has changed       song   another song was loaded: engine and desk are new
//   job     a job has moved; detail is the job   listen what is heard has changed

import { Cancelled, Client, Refused } from "./client.js";
import { Desk } from "./console.js";
import { Context } from "./context.js";
import { make } from "./controls.js";
import { Engine } from "./engine.js";
import { History } from "./history.js";
import { Jobs } from "./jobs.js";
import { Link } from "./link.js";
import { Look } from "./look.js";
import { Out } from "./out.js";
import { shell } from "./shell.js";
import { Song } from "./song.js";
import { referenceUrl, trackSources } from "./sources.js";
import { Start } from "./start.js";
import { Suggestions } from "./suggestions.js";
import { Tracks } from "./tracks.js";
import { Transport } from "./transport.js";

const copy = (data) => JSON.parse(JSON.stringify(data));

export class Studio extends EventTarget {
  /** @param given what the server put into the page: schema, colours, urls, roles, limits. */
  constructor(given, root) {
    super();
    Object.assign(this, { given, client: new Client(), state: null });
    Object.assign(this, { engine: null, desk: null, transport: null, opening: null });
    this.places = shell(root);
    this.tabs = this.places.tabs;
    this.jobs = new Jobs(this.places.jobs, this);
    this.client.addEventListener("lost", () => this.say("No answer from the studio; trying again"));
    this.client.addEventListener("found", () => this.run(this.found()));
    this.link = new Link(this);
    this.context = new Context(this.places.context, this);
    this.areas = [
      new Song(this.places.song, this),
      new Start(this.places.start, this),
      this.context,
      new Suggestions(this.places.suggest, this),
      new History(this.places.history, this),
      new Look(this.places.look, this),
      new Tracks(this.places.tracks, this),
      new Out(this.places.out, this),
    ];
    this.places.desk.addEventListener("click", ({ target }) => {
      if (target.closest(".name, .eq")) this.tabs.show("knobs");
    });
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("visibilitychange", () => document.hidden || this.run(this.refresh()));
  }

  // --- the server's state -------------------------------------------------------------------------------------------

  /** The state, as it is after all that was changed while it was on its way. */
  async refresh() {
    let state = null;
    for (let changes = null; changes !== this.client.changes; ) {
      changes = this.client.changes;
      state = await this.client.get("/studio/state");
    }
    this.update(state);
    for (const job of this.state.jobs) this.run(this.job({ job }));
  }

  async found() {
    this.say("The studio answers again");
    await this.refresh();
  }

  /** Sets addresses by hand, on top of whatever happened meanwhile: no revision is asked for. */
  async edit(set, title) {
    await this.link.flush();
    this.update(await this.client.post("/studio/edit", { set, title }));
  }

  /** Takes a new state and tells everybody; an answer that was overtaken by a newer one is left. */
  update(state) {
    const before = this.state, sameSong = before?.song?.key === state.song?.key;
    if (before && state.told_at < before.told_at) return;
    this.state = state;
    const isMissing = state.song !== null && !this.engine && this.opening !== state.song.key;
    if (before === null || !sameSong || isMissing) this.run(this.open());
    else if (this.engine && state.revision > before.revision) this.move();
    if (this.engine && sameSong) this.run(this.follow());
    if (before && state.notes.length && `${state.notes}` !== `${before.notes}`) this.say(state.notes.join(" "));
    this.emit("state");
  }

  /** The engine's session follows the server's. */
  move() {
    this.engine.replace(copy(this.state.session));
  }

  /** What is known of the song's loudness, and of the reference's. */
  loudness() {
    const { mix, raw, references = {} } = this.state.loudness ?? {}, [first] = this.state.context.references;
    return { mix, raw, reference: first && references[first.file] };
  }

  // --- the song -----------------------------------------------------------------------------------------------------

  async open() {
    const { song } = this.state, old = this.engine;
    this.engine = this.desk = this.transport = null;
    this.opening = song?.key ?? null;
    delete document.body.dataset.ready;
    await old?.close();
    document.body.classList.toggle("empty", song === null);
    document.title = song === null ? "Faderwise" : `${song.name} - Faderwise`;
    if (song === null) return this.emit("song");
    try {
      await this.load(song);
    } finally {
      if (this.opening === song.key) this.opening = null; // the next state that comes tries it again
    }
  }

  async load(song) {
    const { session } = this.state, referred = referenceUrl(this.state.context), loudness = this.loudness();
    const engine = new Engine({ schema: this.given.schema, ...this.given.urls });
    engine.addEventListener("fault", () => this.fail("the sound has stopped; load this page again"));
    engine.addEventListener("transport", () => this.emit("listen"));
    const { audio, head } = trackSources(this.client, session);
    const reference = referred && (() => this.client.bytes(referred));
    const onprogress = (share) => this.say(`Loading the song: ${Math.round(100 * share)} %`);
    await engine.load(copy(session), audio, { head, reference, loudness, onprogress });
    if (this.state.song?.key !== song.key) return engine.close();
    return this.stand(engine, { referred, loudness });
  }

  /** A desk and a transport for a song that has been loaded. */
  stand(engine, { referred, loudness }) {
    Object.assign(this, { engine, referred, matched: JSON.stringify(loudness) });
    this.transport = new Transport(this.places.transport, engine);
    this.desk = new Desk(this.places.desk, engine, { colours: this.given.colours });
    this.places.knobs.replaceChildren(this.desk.panel.element);
    this.say(this.state.notes?.join(" ") ?? "");
    this.run(engine.rest.catch((error) => {
      if (this.engine === engine) throw error; // else nobody waits for it any more
    }));
    this.emit("song");
    this.move();
    this.run(this.follow());
    this.learnLoudness().catch(() => {});
    document.body.dataset.ready = this.state.song.key;
  }

  /** Another reference is loaded, another loudness is matched. */
  async follow() {
    const url = referenceUrl(this.state.context), loudness = this.loudness(), levels = JSON.stringify(loudness);
    const isOther = url !== this.referred, { engine } = this;
    if (!isOther && levels === this.matched) return;
    [this.referred, this.matched] = [url, levels];
    if (isOther) await engine.refer(url && (() => this.client.bytes(url)), loudness);
    else engine.match(loudness);
  }

  /** How loud the raw song is, is measured when its sound is here; what cannot be measured is learnt while it plays. */
  async learnLoudness() {
    const { loudness, song } = this.state;
    if (loudness.raw !== null) return;
    const { job } = await this.client.post("/studio/measure"), state = await this.client.follow(job);
    if (this.state.song?.key === song.key) this.update(state);
  }

  /** Resolves when the server knows all that was moved and said. */
  async settled() {
    await this.context.settled();
    await this.link.flush();
  }

  // --- work and words -----------------------------------------------------------------------------------------------

  /** Shows what goes wrong in the status line; resolves with what the promise brings, or with undefined. */
  async run(promise) {
    try {
      return await promise;
    } catch (error) {
      if (error instanceof Refused && error.state) this.update(error.state);
      if (error instanceof Cancelled) this.say("Called off");
      else this.fail(error.message);
      return undefined;
    }
  }

  /** Follows the job of an answer to its end; resolves with its result when the state is the new one. */
  async job(answer) {
    const result = await this.jobs.follow(answer.job);
    await this.refresh();
    return result;
  }

  say(text) {
    this.tell(text, "status");
  }

  fail(text) {
    this.tell(text, "alert");
  }

  tell(text, role) {
    const { status } = this.places;
    status.setAttribute("role", role);
    status.classList.toggle("failed", role === "alert");
    status.textContent = text && `${text[0].toUpperCase()}${text.slice(1)}`;
    status.title = text;
  }

  key(event) {
    if (this.transport && !event.target.closest("dialog")) this.transport.shortcut(event);
  }

  emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

async function start() {
  const given = JSON.parse(document.getElementById("given").textContent);
  const root = make("div", { class: "studio" });
  document.body.append(root);
  const studio = new Studio(given, root);
  window.studio = studio;
  if (!window.AudioWorkletNode) throw new Error("this browser is too old; take a current Chrome, Firefox or Safari");
  await studio.refresh();
}

start().catch((error) => {
  if (window.studio) window.studio.fail(error.message);
  else document.body.textContent = error.message;
});

// From settings to sound: what the session says is what the nodes play, or what another session of its tracks says.

import { Settings } from "./settings.js";

/** Needs `tracks` and `master`, the nodes, and `room`, the reverb bus; `listening` is what is heard. */
export class Sounding extends Settings {
  constructor(schema) {
    super(schema);
    this.trial = null; // settings that sound in the place of the session's
    this.hearing = null; // what they are called
    this.addEventListener("change", ({ detail }) => this.moved(detail.address));
    this.addEventListener("replace", ({ detail }) => this.replaced(detail.addresses));
  }

  /** The settings that sound. */
  get sounding() {
    return this.trial ?? this;
  }

  /** A hand that moves a knob wants to hear its own mix. */
  moved(address) {
    if (this.trial) this.listen("mix");
    else this.sendAddress(address);
  }

  replaced(addresses) {
    if (this.trial) return;
    const parts = addresses.map((address) => address.split("."));
    const moved = parts.filter(([, , name]) => name !== undefined && name !== "locked");
    for (const place of new Set(moved.map(([target, processor]) => `${target}.${processor}`))) {
      this.send(...place.split("."), false);
    }
    if (parts.some(([, flag]) => flag === "mute" || flag === "solo")) this.sendAudible(false);
    this.sendRoom(false);
  }

  /**
   * Lets another session of the same tracks be heard, in sync and as loud as the mix; this one stays as it is.
   * Solos are those of this one. Listening to anything else, or moving a knob, ends it.
   * @param name what it is called while it is heard.
   * @param louderDb by how much it is louder than the raw sum; null: learnt while it plays.
   */
  audition(session, { name, louderDb = null }) {
    this.trial = new Settings(this.schema);
    const solo = (id) => Boolean(this.track(id)?.solo);
    this.trial.session = { ...session, tracks: session.tracks.map((track) => ({ ...track, solo: solo(track.id) })) };
    this.hearing = name;
    this.sendAll(false);
    this.hear("trial", louderDb);
  }

  /** What is heard: "mix", "raw" (the tracks' plain sum) or "reference", all as loud as the mix. */
  listen(to) {
    if (to === "reference" && !this.hasReference) return;
    if (this.trial) {
      this.trial = this.hearing = null;
      this.sendAll(false);
    }
    this.hear(to);
  }

  hear(to, louderDb = null) {
    this.listening = to;
    this.master.port.postMessage({ do: "listen", to, louderDb });
    this.emit("transport");
  }

  // --- to the nodes -------------------------------------------------------------------------------------------------

  sendAll(atOnce) {
    for (const target of this.targets()) {
      for (const processor of this.processors(target)) this.send(target, processor, atOnce);
    }
    this.sendAudible(atOnce);
    return this.sendRoom(atOnce);
  }

  sendAddress(address) {
    const [target, processor, name] = address.split(".");
    if (name === undefined) {
      if (processor === "mute" || processor === "solo") this.sendAudible(false);
      return;
    }
    if (name === "locked") return;
    this.send(target, processor, false);
    if (target === "reverb" || processor === "send") this.sendRoom(false);
  }

  send(target, processor, atOnce) {
    const values = this.sounding.values(target, processor), message = { do: "set", processor, values, atOnce };
    const track = this.session.tracks.findIndex(({ id }) => id === target);
    this.master.port.postMessage({ do: "moved" });
    if (target === "master") this.master.port.postMessage(message);
    else if (track >= 0) this.tracks.port.postMessage({ ...message, track });
  }

  sendAudible(atOnce) {
    this.master.port.postMessage({ do: "moved" });
    this.tracks.port.postMessage({ do: "audible", which: this.sounding.audible(), atOnce });
  }

  /** Resolves when the room is there. */
  sendRoom(atOnce) {
    const { sounding } = this;
    return this.room.change(sounding.sends() ? sounding.values("reverb", "reverb") : null, atOnce);
  }
}

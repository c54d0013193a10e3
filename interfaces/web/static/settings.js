// A session as a page holds it: knobs and flags by address, and an event for each change.
//
// Addresses are those of sessions: track.processor.knob, track.mute, track.processor.bypass, track.locked,
// track.processor.knob.locked ...

const PLACES = { reverb: ["bus"], master: ["master"] };
const TRACK_FLAGS = ["name", "role", "mute", "solo", "locked"];
const PROCESSOR_FLAGS = ["bypass", "locked"];

export const isTrack = (target) => !(target in PLACES);

/** The session that was handed over is what moves: `session` can be saved at any time. */
export class Settings extends EventTarget {
  /** @param schema the knobs of each processor and the processors of each place. */
  constructor(schema) {
    super();
    this.schema = schema;
    this.session = null;
  }

  targets() {
    return [...this.session.tracks.map((track) => track.id), ...Object.keys(PLACES)];
  }

  track(id) {
    return this.session.tracks.find((track) => track.id === id);
  }

  /** The processors of a target by name, in the order in which the sound passes them. */
  processors(target) {
    return (PLACES[target] ?? ["strip", "send"]).flatMap((place) => this.schema.chains[place]);
  }

  settings(target) {
    return isTrack(target) ? (this.track(target).settings ??= {}) : (this.session[target] ??= {});
  }

  param(processor, knob) {
    return this.schema.knobs[processor].find((param) => param.name === knob);
  }

  /** The value at an address: a number for a knob, true or false for a flag. */
  get(address) {
    const [target, processor, name, flag] = address.split(".");
    if (name === undefined) return this.track(target)[processor] ?? false;
    const given = this.settings(target)[processor];
    if (flag) return given?.knobs?.[name]?.[flag] ?? false;
    if (PROCESSOR_FLAGS.includes(name)) return given?.[name] ?? false;
    return given?.knobs?.[name]?.value ?? this.param(processor, name).default;
  }

  /** What a session file holds at an address: of a knob its source and reason too. */
  stored(address) {
    const [target, processor, name, flag] = address.split("."), isKnob = name && !flag && !PROCESSOR_FLAGS.includes(name);
    if (!isKnob) return this.get(address);
    const { source = "default", reason = "" } = this.settings(target)[processor]?.knobs?.[name] ?? {};
    return { value: this.get(address), source, reason };
  }

  /** Moves a knob, held inside its range, or a flag; what is no number moves nothing. */
  set(address, value) {
    if (Number.isNaN(value)) return;
    const [target, processor, name, flag] = address.split(".");
    if (name === undefined) this.track(target)[processor] = value;
    else if (flag) this.knob(target, processor, name)[flag] = value;
    else if (PROCESSOR_FLAGS.includes(name)) (this.settings(target)[processor] ??= {})[name] = value;
    else {
      const { low, high } = this.param(processor, name), knob = this.knob(target, processor, name);
      knob.value = Math.min(Math.max(value, low), high);
      knob.source = "user";
      delete knob.reason; // it was another value's
    }
    this.emit("change", { address });
  }

  /** A knob as sessions store it, made where it was never touched. */
  knob(target, processor, name) {
    const given = (this.settings(target)[processor] ??= {});
    return ((given.knobs ??= {})[name] ??= { value: this.param(processor, name).default });
  }

  /** Whether no suggestion moves a knob: it, its processor or its track is locked. */
  isLocked(address) {
    const [target, processor, name] = address.split(".");
    if (isTrack(target) && this.track(target).locked) return true;
    const given = this.settings(target)[processor];
    return Boolean(given?.locked || given?.knobs?.[name]?.locked);
  }

  lock(address, locked) {
    this.set(`${address}.locked`, locked);
  }

  /** Every address of a session of these tracks. */
  addresses() {
    const of = (target) => {
      const knobs = this.processors(target).flatMap((processor) => {
        const names = this.schema.knobs[processor].flatMap(({ name }) => [name, `${name}.locked`]);
        return [...names, ...PROCESSOR_FLAGS].map((name) => `${target}.${processor}.${name}`);
      });
      return isTrack(target) ? [...knobs, ...TRACK_FLAGS.map((flag) => `${target}.${flag}`)] : knobs;
    };
    return this.targets().flatMap(of);
  }

  /** The addresses at which another session of the same tracks says something else. */
  differences(session) {
    const other = new Settings(this.schema);
    other.session = session;
    return this.addresses().filter((address) => this.get(address) !== other.get(address));
  }

  /** Puts another session of the same tracks in this one's place, and tells at which addresses it differs. */
  replace(session) {
    const addresses = this.differences(session);
    this.session = session;
    this.emit("replace", { addresses });
    return addresses;
  }

  /** The tracks that sound: the soloed ones if any is, else all; never a muted one. */
  audible() {
    const soloing = this.session.tracks.some((track) => track.solo);
    return this.session.tracks.map((track) => !track.mute && (!soloing || Boolean(track.solo)));
  }

  /** Whether any track sends to the reverb, and the reverb sounds. */
  sends() {
    const { low } = this.param("send", "level_db");
    const sending = ({ id }) => this.get(`${id}.send.level_db`) > low && !this.get(`${id}.send.bypass`);
    return !this.get("reverb.reverb.bypass") && this.session.tracks.some(sending);
  }

  /** All knobs of a processor as they sound: at their defaults, where it does nothing, if it is bypassed. */
  values(target, processor) {
    const given = this.settings(target)[processor], knobs = given?.bypass ? {} : given?.knobs;
    const entry = ({ name, default: rest }) => [name, knobs?.[name]?.value ?? rest];
    return Object.fromEntries(this.schema.knobs[processor].map(entry));
  }

  emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

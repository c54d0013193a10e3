// The sound engine: a session and its audio in, the console's sound out, every knob live.
//
//   const engine = new Engine({ schema, worklet, response, context });
//   await engine.load(session, { kick: "kick.flac", ... }, { reference: "hit.flac", loudness });
//   engine.play();  engine.set("kick.fader.gain_db", -3);  engine.listen("raw");
//
// Addresses are those of sessions: track.processor.knob, track.mute, track.processor.bypass, track.locked ...
// The session that was handed over is what moves: `engine.session` can be saved at any time.

const PLACES = { reverb: ["bus"], master: ["master"] };
const SWAP_S = 0.06; // in which one room gives way to another
const SHORTEST_LOOP_S = 0.1;
const LOADERS = 3; // files that are decoded at once: more would only need more memory
const COMPACT_FROM_BYTES = 256 * 2 ** 20; // from here on audio is kept in 16 bits, each block with its own scale
const BLOCK = 128;
const OVERVIEW = 500;
const EVERY = 7; // of the samples are looked at for the overview

const shapers = new Map(); // one worker for each text: it keeps the noise that every room is cut from
const waiting = new Map(); // what has been asked of a node or a worker, by token

/** 16 bits with a scale for each block, a power of two: a 16 bit file stays what it is, others lose what lies 90 dB under the block. */
function inSixteenBits(audio) {
  const samples = new Int16Array(audio.length), scales = new Float32Array(Math.ceil(audio.length / BLOCK));
  for (let block = 0; block < scales.length; block++) {
    const first = block * BLOCK, last = Math.min(first + BLOCK, audio.length);
    let peak = 2 ** -40;
    for (let n = first; n < last; n++) peak = Math.max(peak, Math.abs(audio[n]));
    const scale = 2 ** (Math.ceil(Math.log2(peak * (32768 / 32767))) - 15);
    for (let n = first; n < last; n++) samples[n] = Math.round(audio[n] / scale);
    scales[block] = scale;
  }
  return { samples, scales };
}

export class Engine extends EventTarget {
  /**
   * @param schema the knobs of each processor and the processors of each place.
   * @param worklet, response URLs of the two DSP texts.
   * @param context a BaseAudioContext; by default one at the session's rate is made on load.
   */
  constructor({ schema, worklet, response, context = null }) {
    super();
    this.schema = schema;
    this.urls = { worklet, response };
    this.context = context;
    this.session = null;
    this.duration = 0; // seconds of the longest track
    this.overview = new Float64Array(OVERVIEW); // energy of all tracks along the song, for a picture
    this.playing = false;
    this.listening = "mix";
    this.loopRange = null;
    this.position = 0;
    this.meters = { strips: [], master: null };
    this.room = null; // the convolver that sounds; none is made before somebody sends
    this.roomWanted = 0;
  }

  // --- loading ------------------------------------------------------------------------------------------------------

  /**
   * @param session as a session file holds it.
   * @param audio for each track's id a URL, an ArrayBuffer of an audio file, or a function that gives either.
   * @param reference the same for a reference song, or null.
   * @param loudness { mix, raw, reference } in LUFS as they were measured; what is unknown is learnt while it plays.
   * @param onprogress called with the share that is done.
   */
  async load(session, audio, { reference = null, loudness = {}, onprogress = () => {} } = {}) {
    this.session = session;
    this.context ??= new AudioContext({ sampleRate: session.sample_rate, latencyHint: "interactive" });
    if (!this.tracks) await this.build();
    this.playing = false;
    this.hasReference = reference !== null;
    this.tracks.port.postMessage({ do: "load", count: session.tracks.length });
    for (const target of this.targets()) this.sendTarget(target, true);
    this.sendAudible(true);
    const room = this.sends() ? this.updateRoom(true) : null;
    const sources = [...session.tracks.map((track, index) => [index, audio[track.id]]), ...(reference ? [[null, reference]] : [])];
    this.duration = Math.max(...session.tracks.map((track) => track.frames / track.sample_rate));
    this.overview.fill(0);
    const frames = session.tracks.reduce((sum, track) => sum + track.channels * this.duration * session.sample_rate, 0);
    const compact = 4 * frames > COMPACT_FROM_BYTES;
    const queue = sources.values();
    let done = 0;
    const loader = async () => {
      for (const [track, source] of queue) {
        await this.loadAudio(track, source, compact);
        onprogress((done += 1) / sources.length);
      }
    };
    await Promise.all(Array.from({ length: LOADERS }, loader));
    const known = (name) => Number.isFinite(loudness[name]);
    this.master.port.postMessage({
      do: "match",
      matchDb: known("mix") && known("raw") ? loudness.mix - loudness.raw : 0,
      referenceDb: known("reference") && known("raw") ? loudness.raw - loudness.reference : 0,
    });
    this.listen("mix");
    await room;
    await Promise.all([this.sync(this.tracks), this.sync(this.master)]);
    this.emit("load");
  }

  async build() {
    const { context } = this;
    await context.audioWorklet.addModule(this.urls.worklet);
    this.tracks = new AudioWorkletNode(context, "faderwise-tracks", {
      numberOfInputs: 0, numberOfOutputs: 4, outputChannelCount: [2, 1, 2, 2],
    });
    this.master = new AudioWorkletNode(context, "faderwise-master", { numberOfInputs: 4, outputChannelCount: [2] });
    for (const [output, input] of [[0, 0], [2, 2], [3, 3]]) this.tracks.connect(this.master, output, input);
    this.master.connect(context.destination);
    this.tracks.port.onmessage = ({ data }) => this.heardFrom(data, (report) => this.onTracks(report));
    this.master.port.onmessage = ({ data }) => this.heardFrom(data, (report) => (this.meters.master = report));
    if (!shapers.has(this.urls.response)) shapers.set(this.urls.response, new Worker(this.urls.response));
    this.shaper = shapers.get(this.urls.response);
    this.shaper.onmessage = ({ data }) => this.heardFrom(data, () => {});
    for (const node of [this.tracks, this.master]) node.onprocessorerror = () => this.emit("fault");
  }

  async loadAudio(track, source, compact) {
    const given = typeof source === "function" ? await source() : source;
    const bytes = typeof given === "string" ? await (await fetch(given)).arrayBuffer() : given;
    const decoded = await this.context.decodeAudioData(bytes);
    const wanted = track === null ? decoded.numberOfChannels : this.session.tracks[track].channels;
    const channels = Array.from({ length: Math.min(wanted, decoded.numberOfChannels) }, (_, index) => decoded.getChannelData(index));
    if (track !== null) channels.forEach((channel) => this.look(channel));
    const kept = channels.map((channel) => (compact ? inSixteenBits(channel) : { samples: channel.slice(), scales: null }));
    const buffers = kept.flatMap(({ samples, scales }) => (scales ? [samples.buffer, scales.buffer] : [samples.buffer]));
    this.tracks.port.postMessage({ do: "audio", track, channels: kept }, buffers);
  }

  look(channel) {
    const share = OVERVIEW / (this.duration * this.context.sampleRate);
    for (let n = 0; n < channel.length; n += EVERY) {
      this.overview[Math.min(OVERVIEW - 1, Math.floor(n * share))] += channel[n] * channel[n];
    }
  }

  /** Resolves when a node has taken everything that was sent before. */
  sync(node) {
    return this.ask((token) => node.port.postMessage({ do: "sync", token }));
  }

  ask(send) {
    const token = `${Math.random()}`;
    return new Promise((resolve) => {
      waiting.set(token, resolve);
      send(token);
    });
  }

  heardFrom(data, otherwise) {
    if (!data.token) return otherwise(data);
    waiting.get(data.token)?.(data);
    waiting.delete(data.token);
    return undefined;
  }

  async close() {
    if (this.context?.state !== "closed") await this.context?.close?.();
  }

  // --- transport ----------------------------------------------------------------------------------------------------

  async play() {
    if (this.context instanceof AudioContext) await this.context.resume();
    if (this.position >= this.duration) this.seek(0);
    this.tracks.port.postMessage({ do: "play" });
    this.playing = true;
    this.emit("transport");
  }

  pause() {
    this.tracks.port.postMessage({ do: "pause" });
    this.playing = false;
    this.emit("transport");
  }

  seek(seconds) {
    this.position = Math.min(Math.max(0, seconds), this.duration);
    this.tracks.port.postMessage({ do: "seek", frame: Math.round(this.position * this.context.sampleRate) });
    this.emit("position");
  }

  /** Repeats from `start` to `end` in seconds; without arguments the song runs through. */
  loop(start = null, end = null) {
    const rate = this.context.sampleRate;
    const range = start === null ? null : [start, Math.max(end, start + SHORTEST_LOOP_S)];
    this.loopRange = range;
    this.tracks.port.postMessage({ do: "loopOver", range: range && range.map((time) => Math.round(time * rate)) });
    this.emit("transport");
  }

  /** What is heard: "mix", "raw" (the tracks' plain sum) or "reference", all as loud as the mix. */
  listen(to) {
    if (to === "reference" && !this.hasReference) return;
    this.listening = to;
    this.master.port.postMessage({ do: "listen", to });
    this.emit("transport");
  }

  /** Starts the integrated loudness and the true peak anew. */
  resetMeters() {
    this.master.port.postMessage({ do: "reset" });
  }

  onTracks({ frame, playing, strips }) {
    this.meters.strips = strips;
    if (this.playing && playing) this.position = Math.min(frame / this.context.sampleRate, this.duration);
    if (this.playing && playing && frame / this.context.sampleRate > this.duration) {
      this.pause();
      this.seek(0);
    }
    this.emit("meters");
  }

  // --- the session --------------------------------------------------------------------------------------------------

  targets() {
    return [...this.session.tracks.map((track) => track.id), "reverb", "master"];
  }

  track(id) {
    return this.session.tracks.find((track) => track.id === id);
  }

  /** The processors of a target by name, in the order in which the sound passes them. */
  processors(target) {
    return (PLACES[target] ?? ["strip", "send"]).flatMap((place) => this.schema.chains[place]);
  }

  settings(target) {
    return target in PLACES ? (this.session[target] ??= {}) : (this.track(target).settings ??= {});
  }

  param(processor, knob) {
    return this.schema.knobs[processor].find((param) => param.name === knob);
  }

  /** The value at an address: a number for a knob, true or false for a flag. */
  get(address) {
    const [target, processor, name] = address.split(".");
    if (name === undefined) return this.track(target)[processor] ?? false;
    const given = this.settings(target)[processor];
    if (name === "bypass" || name === "locked") return given?.[name] ?? false;
    return given?.knobs?.[name]?.value ?? this.param(processor, name).default;
  }

  /** Whether a knob itself is locked, beside its processor and its track. */
  isLocked(address) {
    const [target, processor, name] = address.split(".");
    if (!(target in PLACES) && this.track(target).locked) return true;
    const given = this.settings(target)[processor];
    return Boolean(given?.locked || given?.knobs?.[name]?.locked);
  }

  /** Moves a knob (held inside its range) or a flag, and lets it be heard. */
  set(address, value) {
    const [target, processor, name] = address.split(".");
    if (name === undefined) {
      this.track(target)[processor] = value;
      if (processor === "mute" || processor === "solo") this.sendAudible(false);
    } else {
      const given = (this.settings(target)[processor] ??= {});
      if (name === "bypass" || name === "locked") given[name] = value;
      else {
        const { low, high } = this.param(processor, name);
        const knob = ((given.knobs ??= {})[name] ??= {});
        Object.assign(knob, { value: Math.min(Math.max(value, low), high), source: "user" });
        delete knob.reason;
      }
      if (name !== "locked") this.send(target, processor, false);
    }
    this.emit("change", { address });
  }

  /** Locks or unlocks a knob: no suggestion moves it. */
  lock(address, locked) {
    const [target, processor, name] = address.split(".");
    const given = (this.settings(target)[processor] ??= {});
    const knob = ((given.knobs ??= {})[name] ??= { value: this.get(address) });
    knob.locked = locked;
    this.emit("change", { address });
  }

  /** The tracks that sound: the soloed ones if any is, else all; never a muted one. */
  audible() {
    const soloing = this.session.tracks.some((track) => track.solo);
    return this.session.tracks.map((track) => !track.mute && (!soloing || Boolean(track.solo)));
  }

  // --- to the sound -------------------------------------------------------------------------------------------------

  /** Whether any track sends to the reverb, and the reverb sounds. */
  sends() {
    const { low } = this.param("send", "level_db");
    const sending = (track) => this.get(`${track.id}.send.level_db`) > low && !this.get(`${track.id}.send.bypass`);
    return !this.get("reverb.reverb.bypass") && this.session.tracks.some(sending);
  }

  /** What a processor is told: its defaults, where it does nothing, if it is bypassed. */
  values(target, processor) {
    const given = this.settings(target)[processor];
    if (!given?.knobs || given.bypass) return {};
    return Object.fromEntries(Object.entries(given.knobs).map(([name, knob]) => [name, knob.value]));
  }

  sendTarget(target, atOnce) {
    for (const processor of this.processors(target)) this.send(target, processor, atOnce);
  }

  send(target, processor, atOnce) {
    this.master.port.postMessage({ do: "moved" });
    if (target === "reverb") return void (atOnce || this.updateRoom(false));
    if (processor === "send" && !atOnce && !this.room && this.sends()) this.updateRoom(false);
    const values = this.values(target, processor), message = { do: "set", processor, values, atOnce };
    if (target === "master") this.master.port.postMessage(message);
    else this.tracks.port.postMessage({ ...message, track: this.session.tracks.findIndex((track) => track.id === target) });
  }

  sendAudible(atOnce) {
    this.master.port.postMessage({ do: "moved" });
    this.tracks.port.postMessage({ do: "audible", which: this.audible(), atOnce });
  }

  /** Shapes the response that the knobs ask for, unless they have moved on meanwhile, and lets it take over. */
  async updateRoom(atOnce) {
    const wanted = (this.roomWanted += 1);
    await this.shaping;
    if (wanted !== this.roomWanted) return;
    if (!this.sends()) return void this.enter(null, atOnce);
    const defaults = Object.fromEntries(this.schema.knobs.reverb.map((param) => [param.name, param.default]));
    const values = { ...defaults, ...this.values("reverb", "reverb") };
    this.shaping = this.ask((token) => this.shaper.postMessage({ token, rate: this.context.sampleRate, values }));
    this.enter((await this.shaping).channels, atOnce);
  }

  /** One room gives way to another; without channels there is no return. */
  enter(channels, atOnce) {
    const now = this.context.currentTime, before = this.room;
    this.room = channels && this.furnish(channels, atOnce, now);
    if (!before) return;
    before.gain.gain.setValueAtTime(1, now).linearRampToValueAtTime(0, now + SWAP_S);
    setTimeout(() => {
      this.tracks.disconnect(before.convolver, 1);
      before.gain.disconnect();
    }, 1000 * SWAP_S + 100);
  }

  furnish(channels, atOnce, now) {
    const { context } = this, gain = new GainNode(context, { gain: atOnce ? 1 : 0 });
    const buffer = new AudioBuffer({ numberOfChannels: 2, length: channels[0].length, sampleRate: context.sampleRate });
    channels.forEach((channel, index) => buffer.copyToChannel(channel, index));
    const convolver = new ConvolverNode(context, { buffer, disableNormalization: true });
    this.tracks.connect(convolver, 1);
    convolver.connect(gain).connect(this.master, 0, 1);
    if (!atOnce) gain.gain.setValueAtTime(0, now).linearRampToValueAtTime(1, now + SWAP_S);
    return { convolver, gain };
  }

  emit(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

// The sound engine: a session and its audio in, the console's sound out, every knob live.
//
//   const engine = new Engine({ schema, worklet, response });
//   await engine.load(session, { kick: "kick.flac", ... }, { reference: "hit.flac", loudness });
//   engine.play();  engine.set("kick.fader.gain_db", -3);  engine.listen("raw");
//
// Events: load, complete, transport, position, meters (30 a second), change (with the address), fault;
// replace (with the addresses at which another session differs from the one before).

import { ask, heard } from "./ask.js";
import { buffersOf, decode, isLong, look, packed } from "./recording.js";
import { Room } from "./room.js";
import { Sounding } from "./sounding.js";

const SHORTEST_LOOP_S = 0.1;
const LOADERS = 3; // files that are decoded at once: more would only need more memory
const OVERVIEW = 500;
const ENDS = { dry: 0, send: 1, raw: 2, reference: 3 }; // of the tracks' node, and the master's inputs that they meet

export class Engine extends Sounding {
  /**
   * @param schema the knobs of each processor and the processors of each place.
   * @param worklet, response URLs of the two DSP texts.
   * @param context a BaseAudioContext; by default one at the session's rate is made on load.
   */
  constructor({ schema, worklet, response, context = null }) {
    super(schema);
    this.urls = { worklet, response };
    this.context = context;
    this.duration = 0; // seconds of the longest track
    this.loaded = 0; // seconds from the start that are there; playing waits at their end
    this.rest = Promise.resolve(); // of the audio of a long song, on its way while it plays
    this.overview = new Float64Array(OVERVIEW); // energy of what is loaded along the song, for a picture
    this.playing = false;
    this.listening = "mix";
    this.reference = null; // where the reference comes from
    this.hasReference = false; // whether it is there
    this.loopRange = null;
    this.position = 0;
    this.meters = { strips: [], master: null };
  }

  // --- loading ------------------------------------------------------------------------------------------------------

  /**
   * @param session as a session file holds it.
   * @param audio for each track's id a URL, an ArrayBuffer of an audio file, or a function that gives either.
   * @param reference the same for a reference song, or null.
   * @param head { seconds, audio } of a long song's beginning: with it the song plays, and the rest comes behind,
   *   the reference first.
   * @param loudness { mix, raw, reference } in LUFS as measured; what is unknown is learnt while it plays.
   * @param onprogress called with the share that is done.
   */
  async load(session, audio, { reference = null, loudness = {}, head = null, onprogress = () => {} } = {}) {
    this.session = session;
    this.context ??= new AudioContext({ sampleRate: session.sample_rate, latencyHint: "interactive" });
    if (!this.tracks) await this.build();
    this.reference = reference;
    this.hasReference = false;
    this.playing = this.waiting = false;
    this.duration = Math.max(...session.tracks.map((track) => track.frames / track.sample_rate));
    this.loaded = head?.seconds ?? this.duration;
    this.tracks.port.postMessage({ do: "load", count: session.tracks.length });
    this.trial = null;
    const room = this.sendAll(true);
    const sources = session.tracks.map((track, index) => [index, audio[track.id]]);
    const heads = head && session.tracks.map((track, index) => [index, head.audio[track.id]]);
    if (reference) sources.unshift([null, reference]);
    await this.loadAll(heads ?? sources, onprogress);
    this.match(loudness);
    this.resetMeters();
    this.listen("mix");
    await room;
    await this.settled();
    this.emit("load");
    this.rest = heads ? this.complete(sources) : Promise.resolve();
  }

  /** The whole tracks in the place of their heads. */
  async complete(sources) {
    await this.loadAll(sources, () => {});
    this.loaded = this.duration;
    this.emit("complete");
    if (this.waiting) this.resume();
  }

  /** Another reference in the place of the one that can be heard, or none. */
  async refer(reference, loudness) {
    this.reference = reference;
    if (reference) await this.loadAudio(null, reference, null);
    else this.keepReference([]);
    if (!reference && this.listening === "reference") this.listen("mix");
    this.match(loudness);
  }

  keepReference(channels) {
    this.tracks.port.postMessage({ do: "audio", track: null, channels }, channels.flatMap(buffersOf));
    this.hasReference = channels.length > 0;
    this.emit("transport");
  }

  async build() {
    const { context, urls } = this;
    await context.audioWorklet.addModule(urls.worklet);
    const from = new AudioWorkletNode(context, "faderwise-tracks", {
      numberOfInputs: 0,
      numberOfOutputs: 4,
      outputChannelCount: [2, 1, 2, 2],
    });
    const to = new AudioWorkletNode(context, "faderwise-master", { numberOfInputs: 4, outputChannelCount: [2] });
    for (const end of [ENDS.dry, ENDS.raw, ENDS.reference]) from.connect(to, end, end);
    to.connect(context.destination);
    this.room = new Room({ from, output: ENDS.send, to, input: ENDS.send, url: urls.response });
    from.port.onmessage = ({ data }) => heard(data) || this.onTracks(data);
    to.port.onmessage = ({ data }) => heard(data) || (this.meters.master = data);
    for (const node of [from, to]) node.onprocessorerror = () => this.emit("fault");
    [this.tracks, this.master] = [from, to];
  }

  async loadAll(sources, onprogress) {
    const queue = [...sources], overview = new Float64Array(OVERVIEW);
    let done = 0;
    const loader = async () => {
      while (queue.length) {
        const [track, source] = queue.shift();
        await this.loadAudio(track, source, overview);
        onprogress((done += 1) / sources.length);
      }
    };
    const loaders = await Promise.allSettled(Array.from({ length: LOADERS }, loader));
    const failed = loaders.find(({ status }) => status === "rejected");
    if (failed) throw failed.reason;
    this.overview = overview;
  }

  async loadAudio(track, source, overview) {
    const compact = isLong(this.session);
    const channels = await decode(this.context, source, track === null ? 2 : this.session.tracks[track].channels);
    const frames = this.duration * this.context.sampleRate;
    if (track !== null) channels.forEach((channel) => look(channel, overview, frames));
    const kept = channels.map((channel) => packed(channel, compact));
    if (track !== null) this.tracks.port.postMessage({ do: "audio", track, channels: kept }, kept.flatMap(buffersOf));
    else if (source === this.reference) this.keepReference(kept); // and not one that was changed meanwhile
  }

  /** Tells the master what makes the raw sum and the reference as loud as the mix; what is unknown stays as it is. */
  match({ mix, raw, reference }) {
    const apart = (a, b) => (Number.isFinite(a) && Number.isFinite(b) ? a - b : null);
    this.master.port.postMessage({ do: "match", matchDb: apart(mix, raw), referenceDb: apart(raw, reference) });
  }

  /** Resolves when both nodes have taken everything that was sent before. */
  settled() {
    const settled = ({ port }) => ask((token) => port.postMessage({ do: "sync", token }));
    return Promise.all([settled(this.tracks), settled(this.master)]);
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
    this.playing = this.waiting = false;
    this.emit("transport");
  }

  seek(seconds) {
    this.position = Math.min(Math.max(0, seconds), this.duration);
    this.tracks.port.postMessage({ do: "seek", frame: Math.round(this.position * this.context.sampleRate) });
    if (this.waiting && this.position < this.loaded) this.resume();
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

  /** Starts the integrated loudness and the true peak anew. */
  resetMeters() {
    this.master.port.postMessage({ do: "reset" });
  }

  onTracks({ frame, playing, strips }) {
    const seconds = frame / this.context.sampleRate;
    this.meters.strips = strips;
    if (this.playing && playing) {
      this.position = Math.min(seconds, this.duration);
      if (seconds >= this.loaded && this.loaded < this.duration) this.hold();
      else if (seconds > this.duration) {
        this.pause();
        this.seek(0);
      }
    }
    this.emit("meters");
  }

  /** Where the sound that is there ends, playing waits for more. */
  hold() {
    this.waiting = true;
    this.tracks.port.postMessage({ do: "pause" });
  }

  resume() {
    this.waiting = false;
    this.tracks.port.postMessage({ do: "play" });
  }
}

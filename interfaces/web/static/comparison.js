// The page of `faderwise compare --report`: two mixes to listen to, in step and equally loud, and their pictures.

import { clock } from "./axes.js";
import { icon, make, toggle } from "./controls.js";
import { Pictures } from "./pictures.js";
import { Spectrum } from "./spectrum.js";

const SWITCH_S = 0.012; // in which one gives way to the other

/** Plays both at once and lets one of them through. */
class Listening extends EventTarget {
  constructor(sounds) {
    super();
    Object.assign(this, { sounds, context: null, sources: [], from: 0, since: 0, playing: false });
    this.heard = sounds[0].key;
    this.duration = Math.max(...sounds.map(({ seconds }) => seconds));
  }

  get position() {
    if (!this.playing) return this.from;
    return Math.min(this.from + this.context.currentTime - this.since, this.duration);
  }

  /** Decodes what the page holds, the first time it is wanted. */
  async open() {
    if (this.context) return;
    this.context = new AudioContext();
    this.out = new GainNode(this.context, { channelCount: 2, channelCountMode: "explicit" });
    this.out.connect(this.context.destination);
    this.gains = this.sounds.map(() => new GainNode(this.context, { gain: 0 }));
    for (const gain of this.gains) gain.connect(this.out);
    const held = ({ key }) => document.getElementById(`sound-${key}`).textContent;
    const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
    this.buffers = await Promise.all(this.sounds.map((sound) => this.context.decodeAudioData(bytes(held(sound)))));
    this.listen(this.heard, 0);
  }

  async play() {
    await this.open();
    await this.context.resume();
    if (this.from >= this.duration) this.from = 0;
    this.begin();
  }

  begin() {
    this.stop();
    this.since = this.context.currentTime;
    this.playing = true;
    this.sources = this.buffers.map((buffer, n) => {
      const source = new AudioBufferSourceNode(this.context, { buffer });
      source.connect(this.gains[n]);
      if (this.from < buffer.duration) source.start(0, this.from);
      return source;
    });
    this.dispatchEvent(new Event("change"));
  }

  stop() {
    for (const source of this.sources) source.disconnect();
    this.sources = [];
  }

  pause() {
    this.from = this.position;
    this.playing = false;
    this.stop();
    this.dispatchEvent(new Event("change"));
  }

  seek(seconds) {
    this.from = Math.min(Math.max(0, seconds), this.duration);
    if (this.playing) this.begin();
    this.dispatchEvent(new Event("change"));
  }

  /** Lets one through, by its key. */
  listen(key, seconds = SWITCH_S) {
    this.heard = key;
    for (const [n, sound] of this.sounds.entries()) {
      const gain = sound.key === key ? 10 ** (sound.gain_db / 20) : 0;
      this.gains?.[n].gain.setTargetAtTime(gain, this.context.currentTime, seconds / 3);
    }
    this.dispatchEvent(new Event("change"));
  }
}

/** Play, place, A or B. */
function controls(listening, fail) {
  const play = toggle("Play", icon("play"), () => listening.playing, () => {
    if (listening.playing) listening.pause();
    else listening.play().catch(() => fail("this browser cannot play the sound of this page (Ogg Vorbis)"));
  });
  const side = ({ key }) => {
    const label = `Listen to ${key.toUpperCase()}`, text = make("b", {}, key.toUpperCase());
    return toggle(label, text, () => listening.heard === key, () => listening.listen(key));
  };
  const sides = listening.sounds.map(side);
  const range = { min: 0, max: listening.duration, step: 0.1, value: 0 };
  const place = make("input", { class: "place", type: "range", "aria-label": "Place in the sound", ...range });
  place.addEventListener("input", () => listening.seek(Number(place.value)));
  const time = make("output", {});
  const group = make("div", { class: "sides", role: "group", "aria-label": "What is heard" }, ...sides);
  const element = make("div", { class: "listen" }, play, group, place, time, make("p", {}, told(listening.sounds)));
  const update = () => {
    for (const button of [play, ...sides]) button.update();
    play.replaceChildren(icon(listening.playing ? "pause" : "play"));
  };
  listening.addEventListener("change", update);
  const move = () => {
    place.value = listening.position;
    place.setAttribute("aria-valuetext", clock(listening.position));
    time.textContent = `${clock(listening.position)} / ${clock(listening.duration)}`;
  };
  return { element, move };
}

function told(sounds) {
  const parts = sounds.map(({ key, start_s: start, seconds }) => [key, `${clock(start)} to ${clock(start + seconds)}`]);
  const same = parts.every(([, part]) => part === parts[0][1]);
  const what = same ? parts[0][1] : parts.map(([key, part]) => `${key.toUpperCase()} ${part}`).join(", ");
  return `Equally loud; ${what}. Space plays, A and B switch.`;
}

function start() {
  const { look, sounds } = JSON.parse(document.getElementById("given").textContent);
  const listening = sounds && new Listening(sounds), player = document.getElementById("player");
  const shift = sounds ? sounds[0].start_s : 0;
  const pictures = new Pictures(look, listening && ((seconds) => listening.seek(seconds - shift)));
  document.getElementById("pictures").append(pictures.legend, pictures.element);
  document.body.dataset.ready = "yes";
  if (!listening) return;
  window.listening = listening;
  const fail = (text) => player.replaceChildren(make("p", { class: "listen", role: "alert" }, text));
  const bar = controls(listening, fail);
  player.append(bar.element);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, summary")) return;
    const key = event.key.toLowerCase(), named = sounds.some((sound) => sound.key === key);
    if (key === " " && !event.target.closest("button")) bar.element.querySelector("button").click();
    else if (named) listening.listen(key);
    else return;
    event.preventDefault();
  });
  let spectrum = null;
  const frame = () => {
    requestAnimationFrame(frame);
    if (listening.playing && listening.position >= listening.duration) listening.pause();
    bar.move();
    if (listening.context) spectrum ??= new Spectrum(listening.out, look.bands);
    pictures.play(listening.context ? listening.position + shift : null, listening.playing ? spectrum.read() : null);
  };
  frame();
}

start();

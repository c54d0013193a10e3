// The strips of the desk: of a track, of the reverb bus, of the master.

import { make } from "./elements.js";
import { Meter, Readings, Reduction } from "./meters.js";

export function trackStrip(desk, track) {
  const { id, name } = track, meters = [new Meter()], reduction = new Reduction();
  const knob = (processor, which, label) => desk.control(id, processor, which, { label, terse: true }).element;
  const knobs = [knob("compressor", "threshold_db", "Thresh"), knob("compressor", "ratio", "Ratio")];
  knobs.push(knob("send", "level_db", "Reverb"));
  if (track.channels === 2) knobs.push(knob("panner", "width", "Width"));
  const mute = desk.flag(`${id}.mute`, `Mute ${name}`, "M", "mute");
  const solo = desk.flag(`${id}.solo`, `Solo ${name}`, "S", "solo");
  const strip = desk.strip(
    id, "track", { meters, reduction },
    desk.head(id, track.role.replaceAll("_", " ")),
    desk.curve(id),
    reduction.element,
    make("div", { class: "knobs" }, ...knobs),
    make("div", { class: "place" }, knob("panner", "pan", "Pan")),
    make("div", { class: "flags" }, mute, solo, desk.lock(track)),
    desk.level(id, meters),
  );
  const index = desk.engine.session.tracks.indexOf(track);
  desk.follow(() => strip.classList.toggle("silent", !desk.engine.audible()[index]));
  return strip;
}

export function reverbStrip(desk) {
  const knobs = desk.engine.schema.knobs.reverb.map(({ name, label }) =>
    desk.control("reverb", "reverb", name, { label: label.replace(" frequency", "") }).element,
  );
  return desk.strip("reverb", "bus", {}, desk.head("reverb", "bus"), make("div", { class: "knobs" }, ...knobs));
}

export function masterStrip(desk) {
  const meters = [new Meter(), new Meter()], compressor = new Reduction(), limiter = new Reduction();
  const readings = new Readings(() => desk.engine.resetMeters());
  const knob = (which, label) => desk.control("master", "compressor", which, { label }).element;
  const active = desk.flip("master.limiter.active", "Limiter", "limit");
  desk.follow(() => active.update());
  return desk.strip(
    "master", "master", { meters, compressor, limiter, readings },
    desk.head("master", "output"),
    desk.curve("master"),
    make("div", { class: "knobs" }, knob("threshold_db", "Thresh"), knob("ratio", "Ratio")),
    compressor.element,
    active,
    limiter.element,
    readings.element,
    desk.level("master", meters),
  );
}

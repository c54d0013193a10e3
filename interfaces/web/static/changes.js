// The changes of a suggestion as people read them: by track, by processor, the knobs of an equaliser's band as one.

import { show } from "./controls.js";
import { BANDS } from "./curves.js";

const PROCESSORS = {
  equalizer: "EQ",
  compressor: "Compressor",
  fader: "Fader",
  panner: "Panner",
  send: "Reverb send",
  reverb: "Reverb",
  limiter: "Limiter",
};
const SOURCES = { reference: "reference", prior: "good practice", rough_mix: "rough mix" };

export const processorName = (processor) => PROCESSORS[processor] ?? processor;
export const sourceName = (source) => SOURCES[source] ?? source;

/** [key of each, those that share it], in the order in which keys first come. */
function grouped(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups];
}

/**
 * [{ target, name, parts: [{ address, processor, rows }] }], with rows as `rowOf` makes them.
 * @param engine says what knobs are, and where those stand that did not change.
 */
export function byTrack(changes, engine) {
  return grouped(changes, ({ target }) => target).map(([target, there]) => {
    const parts = grouped(there, ({ processor }) => processor).map(([processor, moved]) => {
      const bands = grouped(moved, ({ knob }) => (processor === "equalizer" ? bandOf(knob) : knob));
      return { address: `${target}.${processor}`, processor, rows: bands.map(([, knobs]) => rowOf(knobs, engine)) };
    });
    return { target, name: there[0].name, parts };
  });
}

function bandOf(name) {
  return BANDS.find(({ gain, hz, q }) => [gain, hz, q].includes(name))?.name ?? name;
}

/** One knob, or those of one band: what it is called, from where to where, and what goes with it. */
function rowOf(knobs, engine) {
  const main = knobs.find(({ knob }) => knob.endsWith("gain_db")) ?? knobs[0];
  const { processor, knob } = main, band = processor === "equalizer" && BANDS.find(({ gain, hz }) => [gain, hz].includes(knob));
  const param = engine.param(processor, knob);
  return {
    addresses: knobs.map(({ address }) => address),
    address: main.address,
    label: band ? band.title : param.label,
    before: show(param, main.before),
    after: show(param, main.after),
    along: band && band.gain === knob ? along(main, knobs, band, engine) : "",
    because: main.because,
    source: main.source,
  };
}

/** Where a band lies: "at 250 Hz, Q 0.80". */
function along({ target }, knobs, { hz, q }, engine) {
  const value = (name) => knobs.find(({ knob }) => knob === name)?.after ?? engine.get(`${target}.equalizer.${name}`);
  const place = `at ${show(engine.param("equalizer", hz), value(hz))}`;
  return q ? `${place}, Q ${show(engine.param("equalizer", q), value(q))}` : place;
}

/** A track's changes in a few words: "Fader -13.0 dB, EQ 5 bands". */
export function inShort({ parts }) {
  const told = ({ processor, rows }) => {
    const name = processorName(processor);
    if (processor === "equalizer") return `${name} ${rows.length} band${rows.length > 1 ? "s" : ""}`;
    if (processor === "panner") return rows.map(({ label, after }) => `${label} ${after}`).join(", ");
    return rows.length === 1 && processor !== "compressor" ? `${name} ${rows[0].after}` : name;
  };
  return parts.map(told).join(", ");
}

/** What the user said to some changes: "open", "accepted", "refused", or "moved" by hand since. */
export function verdictOf(addresses, standing) {
  const verdicts = new Set(addresses.map((address) => standing[address]?.verdict ?? "moved"));
  if (verdicts.has("open")) return "open";
  return ["accepted", "refused"].find((verdict) => verdicts.has(verdict)) ?? "moved";
}

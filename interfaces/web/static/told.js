// A whole suggestion in figures and sentences: what the mix was, what was wanted, what came of it.

import { sourceName } from "./changes.js";
import { make } from "./controls.js";

const PARTS = [
  ["was", "The mix before"],
  ["wanted", "What it should become"],
  ["moved", "What moved most"],
  ["kept", "Left as you had it"],
  ["unmatched", "What still differs"],
  ["heard", "What was listened to"],
];

const decibels = (value) => `${value.toFixed(1)} dB`;
const lufs = (value) => (value === null ? "silent" : `${value.toFixed(1)} LUFS`);
const signed = (value, unit) => `${value > 0 ? "+" : ""}${value.toFixed(1)} ${unit}`;
const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}`;

/** "reference.ogg, “more air”": what a suggestion follows. */
export function after({ context: { references, rough_mix, prompt } }) {
  const names = [...references, rough_mix].filter(Boolean).map(({ name }) => name);
  return [...new Set(names), ...(prompt ? [`“${prompt}”`] : [])].join(", ");
}

export const distance = (report) =>
  report?.distance_after_db == null ? [] : [`${decibels(report.distance_after_db)} from the reference`];

/** Why a knob was moved, and by what; of the user's own words the reason speaks itself. */
export const reason = ({ because, source }) =>
  source === "prompt" ? sentence(because) : `${sentence(because)} (${sourceName(source)})`;

/** Tables: the mix before and after; what the words asked for against what came. */
export function figures({ report, achieved }) {
  const parts = [];
  if (report) {
    const rows = [
      ["Loudness", lufs(report.loudness_before_lufs), lufs(report.loudness_after_lufs)],
      ["True peak", "", `${report.true_peak_after_db.toFixed(1)} dBTP`],
    ];
    const { distance_before_db: before, distance_after_db: now } = report;
    if (now !== null) rows.unshift(["Distance to the reference", decibels(before), decibels(now)]);
    parts.push(table("In figures", ["before", "after"], rows));
  }
  if (achieved.length) parts.push(table("Asked and achieved", ["asked", "came"], achieved.map(cameOf)));
  return parts;
}

function cameOf({ words, aspect, asked, achieved, unit, met, reason: why }) {
  const came = achieved === null ? "not measured" : signed(achieved, unit);
  return [`${words} (${aspect})`, signed(asked, unit), met ? `${came}, met` : `${came}, short: ${why}`];
}

/** Lists of sentences; `name` gives what a target is called. */
export function summary(suggestion, name) {
  const unmet = (suggestion.understood?.rows ?? []).filter(({ status }) => ["guessed", "not_understood"].includes(status));
  const status = (row) => (row.status === "guessed" ? "guessed, not done" : "not understood");
  const parts = PARTS.map(([key, title]) => [title, suggestion.summary?.[key] ?? []]);
  parts.push(["Of your words", unmet.map((row) => `${row.text}: ${status(row)}${row.note && ` (${row.note})`}`)]);
  parts.push(["Left alone", suggestion.refused.map((no) => `${name(no.subject)}: ${no.reason}`)]);
  parts.push(["To know", suggestion.notes]);
  return parts.filter(([, lines]) => lines.length).map(([title, lines]) => list(title, lines));
}

function list(title, lines) {
  const items = lines.map((line) => make("li", {}, sentence(line)));
  return make("section", { class: "lines" }, make("h3", {}, title), make("ul", {}, ...items));
}

function table(title, columns, rows) {
  const heads = columns.map((column) => make("th", { scope: "col" }, column));
  const body = rows.map(([first, ...rest]) => {
    return make("tr", {}, make("th", { scope: "row" }, first), ...rest.map((cell) => make("td", {}, cell)));
  });
  const head = make("thead", {}, make("tr", {}, make("td"), ...heads));
  return make("table", { class: "figures" }, make("caption", {}, title), head, make("tbody", {}, ...body));
}

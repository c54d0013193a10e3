// The tracks as a table: names and roles, which may be put right, and what was guessed.

import { icon, make, toggle } from "./controls.js";
import { minutes } from "./uploads.js";

const GUESSES = { name: "by its name", audio: "by its sound", none: "not known", user: "set by you" };
const UNSURE = 0.5;
const COLUMNS = ["Track", "Role", "Guessed", "Sound", "Length", "Mute"];

const spoken = (role) => role.replaceAll("_", " ");

/** A menu of all roles under their stem groups. */
export function roleMenu(groups, label, chosen) {
  const menu = make("select", { "aria-label": label });
  for (const [group, roles] of Object.entries(groups)) {
    const options = roles.map((role) => make("option", { value: role }, spoken(role)));
    menu.append(make("optgroup", { label: group }, ...options));
  }
  menu.value = chosen;
  return menu;
}

export class Tracks {
  constructor(element, studio) {
    Object.assign(this, { element, studio, rows: new Map() });
    studio.addEventListener("song", () => this.build());
    studio.addEventListener("state", () => this.follow());
  }

  build() {
    const { session } = this.studio.state;
    this.rows.clear();
    if (session === null || !this.studio.engine) return void this.element.replaceChildren();
    const head = make("tr", {}, ...COLUMNS.map((title) => make("th", { scope: "col" }, title)));
    const rows = session.tracks.map((track) => this.row(track));
    const hint = "Roles steer what is suggested: put wrong ones right before you ask.";
    const table = make("table", { class: "track-table" }, make("caption", {}, hint), make("thead", {}, head));
    table.append(make("tbody", {}, ...rows));
    this.element.replaceChildren(table);
  }

  row(track) {
    const { id, channels, frames, sample_rate } = track, { engine } = this.studio;
    const name = make("input", { type: "text", "aria-label": `Name of ${track.name}`, maxlength: 200 });
    name.addEventListener("change", () => this.rename(track, name.value.trim()));
    const role = roleMenu(this.studio.given.roles, `Role of ${track.name}`, track.role);
    role.addEventListener("change", () => this.edit(`${id}.role`, role.value, `${track.name}: ${spoken(role.value)}`));
    const guess = make("td", { class: "guess" });
    const isOn = () => Boolean(engine.get(`${id}.mute`));
    const mute = toggle(`Mute ${track.name}`, "M", isOn, () => engine.set(`${id}.mute`, !isOn()), "mute");
    engine.addEventListener("change", () => mute.update());
    const cells = [role, null, channels === 2 ? "stereo" : "mono", minutes(frames / sample_rate), mute];
    const swatch = make("i", { class: "swatch", "aria-hidden": "true" });
    const named = make("span", { class: "named" }, swatch, name);
    const row = make("tr", { "data-track": id }, make("th", { scope: "row" }, named));
    row.append(...cells.map((cell) => (cell === null ? guess : make("td", {}, cell))));
    this.rows.set(id, { name, role, guess, swatch });
    this.fill(track);
    return row;
  }

  /** What the server says of a track; what is being typed stays. */
  fill(track) {
    const { name, role, guess, swatch } = this.rows.get(track.id), { role_origin: origin } = track;
    const unsure = origin !== "user" && track.role_confidence < UNSURE;
    if (document.activeElement !== name) name.value = track.name;
    role.value = track.role;
    swatch.style.background = this.studio.given.colours.roles[track.role];
    const sure = ["user", "none"].includes(origin) ? "" : `, ${Math.round(100 * track.role_confidence)} % sure`;
    guess.replaceChildren(`${GUESSES[origin]}${sure}`, ...(unsure ? [icon("ask")] : []));
    guess.classList.toggle("unsure", unsure);
    guess.title = track.role_reason;
  }

  follow() {
    for (const track of this.studio.state.session?.tracks ?? []) if (this.rows.has(track.id)) this.fill(track);
  }

  rename(track, name) {
    if (name) this.edit(`${track.id}.name`, name, `renamed ${track.name}`);
    else this.fill(track);
  }

  edit(address, value, title) {
    this.studio.run(this.studio.edit([[address, value]], title));
  }
}

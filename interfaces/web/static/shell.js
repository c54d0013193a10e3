// The frame of the studio: what stands where. Areas fill it.

import { icon, make, press } from "./controls.js";

const TABS = [
  ["knobs", "Knobs"],
  ["why", "Why"],
  ["look", "Look"],
  ["tracks", "Tracks"],
];
const FOLDED = "faderwise-folded";

/** Tabs by WAI-ARIA's pattern: arrow keys move, the panel follows. */
export class Tabs {
  constructor(names, extra) {
    this.buttons = new Map();
    this.panels = new Map();
    for (const [name, label] of names) {
      const ids = { id: `tab-${name}`, "aria-controls": name };
      const button = make("button", { type: "button", role: "tab", class: "tab", ...ids }, label);
      button.addEventListener("click", () => this.show(name));
      button.addEventListener("keydown", (event) => this.key(event, name));
      this.buttons.set(name, button);
      const panel = { id: name, role: "tabpanel", class: "pane", "aria-labelledby": ids.id, tabindex: -1 };
      this.panels.set(name, make("section", panel));
    }
    const about = { class: "tabs", role: "tablist", "aria-label": "About the mix" };
    const bar = make("div", { class: "tabbar" }, make("div", about, ...this.buttons.values()), extra);
    this.element = make("div", { class: "pages" }, bar, ...this.panels.values());
    this.show(names[0][0]);
  }

  show(name) {
    this.shown = name;
    for (const [other, button] of this.buttons) {
      button.setAttribute("aria-selected", other === name);
      button.tabIndex = other === name ? 0 : -1;
      this.panels.get(other).hidden = other !== name;
    }
    this.element.dispatchEvent(new CustomEvent("tab", { detail: name, bubbles: true }));
  }

  key(event, name) {
    const names = [...this.buttons.keys()], at = names.indexOf(name), last = names.length - 1;
    const beside = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1 };
    const to = { ...beside, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    this.show(names[to]);
    this.buttons.get(names[to]).focus();
    event.preventDefault();
  }
}

/** All places of the page by name, put into `root`. */
export function shell(root) {
  const place = (id, name = "div", attributes = {}) => make(name, { id, ...attributes });
  const places = {
    history: place("history"),
    status: place("status", "p", { role: "status" }),
    jobs: place("jobs", "div", { role: "group", "aria-label": "At work" }),
    out: place("out"),
    menu: place("menu"),
    start: place("start", "main", { "aria-labelledby": "start-title" }),
    transport: place("transport", "section", { "aria-label": "Transport" }),
    context: place("context"),
    suggest: place("suggest"),
    desk: place("desk"),
    song: place("song", "div"),
  };
  const enlarge = () => work.classList.toggle("large");
  const larger = press("Give this page more room", icon("larger"), enlarge, "toggle plain");
  const tabs = new Tabs(TABS, larger);
  const fold = press("Fold what you want away", icon("fold"), () => flip(), "toggle plain fold");
  const head = make("header", { class: "side-head" }, make("h2", { id: "wish-title" }, "What do you want?"), fold);
  const wish = make("div", { class: "wish" }, places.context, places.suggest);
  const side = make("aside", { class: "side", "aria-labelledby": "wish-title" }, head, wish);
  const middle = make("div", { class: "middle" }, tabs.element, places.desk);
  const work = make("main", { class: "work", id: "work" }, side, middle);
  const flip = (folded = !work.classList.contains("folded")) => {
    work.classList.toggle("folded", folded);
    fold.setAttribute("aria-expanded", !folded);
    localStorage.setItem(FOLDED, folded ? "yes" : "no");
  };
  flip(localStorage.getItem(FOLDED) === "yes");
  const bar = make("div", { class: "bar" }, places.history, places.out, places.menu);
  const brand = make("h1", { class: "brand" }, icon("brand"), "Faderwise");
  const title = make("div", { class: "title" }, brand, places.song);
  const top = make("header", { class: "top" }, title, places.status, places.jobs, bar);
  root.replaceChildren(top, places.start, places.transport, work);
  for (const [name, panel] of tabs.panels) places[name] = panel;
  return { ...places, work, tabs };
}

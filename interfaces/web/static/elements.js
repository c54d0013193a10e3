// What pages are made of: elements, icons, buttons.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes and children; a name that begins with "svg:" is drawn. */
export function make(name, attributes = {}, ...children) {
  const element = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children);
  return element;
}

const ICONS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M6 5h4v14H6zM14 5h4v14h-4z",
  start: "M5 5h2.5v14H5zM19 5v14L8.5 12z",
  loop:
    "M7 7h9.5l-2-2L16 3.5 20.5 8 16 12.5l-1.5-1.5 2-2H9v4H7zM17 17H7.5l2 2L8 20.5 3.5 16 8 11.5 9.5 13l-2 2H15v-4h2z",
  locked: "M7 10V8a5 5 0 0 1 10 0v2h1v10H6V10zm2 0h6V8a3 3 0 0 0-6 0z",
  open: "M7 10V8a5 5 0 0 1 9.6-2l-1.8.9A3 3 0 0 0 9 8v2h9v10H6V10z",
  power: "M11 3h2v9h-2zM7.8 5.6 9 7.2a6 6 0 1 0 6 0l1.2-1.6a8 8 0 1 1-8.4 0z",
  save: "M5 4h11l3 3v13H5zm3 2v4h7V6zm4 7.5a2.5 2.5 0 1 0 .01 0z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12 5 6.4z",
  out: "M11 4h2v8.2l2.6-2.6L17 11l-5 5-5-5 1.4-1.4 2.6 2.6zM5 18h14v2H5z",
  drop: "M11 4h2v9.2l3.6-3.6L18 11l-6 6-6-6 1.4-1.4 3.6 3.6zM4 15h2v4h12v-4h2v6H4z",
  larger: "M4 4h7v2H7.4l4 4L10 11.4l-4-4V11H4zM13 20v-2h3.6l-4-4 1.4-1.4 4 4V13h2v7z",
  fold: "M14.5 6 16 7.4 11.4 12l4.6 4.6-1.5 1.4-6-6z",
  done: "M9.5 16.2 5.3 12l-1.4 1.4 5.6 5.6L20.6 7.9 19.2 6.5z",
  ask: "M11 16h2v2h-2zM12 5a4 4 0 0 1 4 4c0 2.6-3 2.8-3 5h-2c0-3.2 3-3.4 3-5a2 2 0 0 0-4 0H8a4 4 0 0 1 4-4z",
  none: "M6 11h12v2H6z",
  undo: "M9 4 4 9l5 5v-4h4.5a3.5 3.5 0 0 1 0 7H9v2h4.5a5.5 5.5 0 0 0 0-11H9z",
  redo: "M15 4l5 5-5 5v-4h-4.5a3.5 3.5 0 0 0 0 7H15v2h-4.5a5.5 5.5 0 0 1 0-11H15z",
  list: "M4 5h3v3H4zM9 5.5h11v2H9zM4 10.5h3v3H4zM9 11h11v2H9zM4 16h3v3H4zM9 16.5h11v2H9z",
  ear: "M4 9.5v5h3.5L13 19V5L7.5 9.5zM15 8.5a4.5 4.5 0 0 1 0 7v-1.9a2.6 2.6 0 0 0 0-3.2zM15 4.9a7.6 7.6 0 0 1 0 14.2v-2a5.7 5.7 0 0 0 0-10.2z",
  bin: "M9 4h6v2h5v2h-1.5l-1 12h-11l-1-12H4V6h5zm-1.5 4 .8 10h7.4l.8-10zM10 10h1.6v6H10zm2.6 0H14v6h-1.4z",
  brand: "M6 3h2v6h2v4H8v8H6v-8H4V9h2zM16 3h2v10h2v4h-2v4h-2v-4h-2v-4h2z",
};

export function icon(name) {
  const path = make("svg:path", { d: ICONS[name], "fill-rule": "evenodd" });
  return make("svg:svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, path);
}

/** A button that does something; `label` is read out, and shown where the mouse rests. */
export function press(label, content, action, className = "toggle") {
  const button = make("button", { type: "button", class: className, "aria-label": label, title: label }, content);
  button.addEventListener("click", action);
  return button;
}

/** A button that is on or off. */
export function toggle(label, content, pressed, action, className = "") {
  const button = press(label, content, action, `toggle ${className}`);
  button.update = () => button.setAttribute("aria-pressed", pressed());
  button.update();
  return button;
}

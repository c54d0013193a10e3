// A mix that plays and mixes without a server: the page of `faderwise player`.

import { Desk } from "./console.js";
import { Engine } from "./engine.js";
import { Transport } from "./transport.js";
import { icon, make, press } from "./controls.js";

const given = JSON.parse(document.getElementById("given").textContent);
const element = (id) => document.getElementById(id);
const arrived = new Map();

/** What each file of audio/ calls: browsers let a page from disk load scripts, and nothing else. */
window.faderwiseAudio = (name, base64) => arrived.set(name, base64);

/** The bytes of one file of audio/. */
async function audio(name) {
  const script = make("script", { src: `audio/${name}` });
  await new Promise((resolve, reject) => {
    script.addEventListener("load", resolve);
    const missing = new Error(`audio/${name} is missing: keep this page and its folder together`);
    script.addEventListener("error", () => reject(missing));
    document.head.append(script);
  });
  script.remove();
  const base64 = arrived.get(name);
  arrived.delete(name);
  return decoded(base64);
}

function decoded(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64).buffer;
  const letters = atob(base64), bytes = new Uint8Array(letters.length);
  for (let n = 0; n < bytes.length; n++) bytes[n] = letters.charCodeAt(n);
  return bytes.buffer;
}

/** The session as it stands now, to be put in the place of the song's own faderwise.json. */
function save(engine) {
  const text = JSON.stringify(engine.session, null, 2);
  const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = make("a", { href, download: "faderwise.json" });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function start() {
  if (!window.AudioWorkletNode) throw new Error("this browser is too old; take a current Chrome, Firefox or Safari");
  const engine = new Engine({ schema: given.schema, ...given.urls });
  window.faderwise = engine;
  engine.addEventListener("fault", () => fail("the sound has stopped; load this page again"));
  const files = Object.fromEntries(Object.entries(given.audio).map(([id, name]) => [id, () => audio(name)]));
  await engine.load(given.session, files, {
    reference: given.reference && (() => audio(given.reference)),
    loudness: given.loudness,
    onprogress: (share) => (element("state").textContent = `loading ${Math.round(100 * share)} %`),
  });
  const transport = new Transport(element("transport"), engine);
  new Desk(element("desk"), engine, { colours: given.colours });
  document.addEventListener("keydown", (event) => transport.shortcut(event));
  element("tools").append(press("Download the settings as a session file", icon("save"), () => save(engine)));
  element("state").textContent = `${given.session.tracks.length} tracks, ${given.session.sample_rate / 1000} kHz`;
  document.body.dataset.ready = "yes";
}

function fail(message) {
  element("state").textContent = message;
  element("state").classList.add("failed");
}

start().catch((error) => fail(error.message));

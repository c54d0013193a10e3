// What the page says to its server, and what it does while that does not answer.
//
// Events: lost and found, when the server stops answering and when it does again.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;
const POLL_S = 15; // for which the server may hold an answer about a job
const OUTLIVES_CHARACTERS = 2 ** 14; // browsers hold 64 kB for all requests of a page that is left
const REPEATABLE = ["/studio/edit", "/studio/context", "/studio/understand", "/studio/accept", "/studio/refuse"];
const OURS = { "X-Faderwise": "1" }; // no form of another site can send this
const AWAY = "the studio does not answer; see whether faderwise serve still runs, then try again";

const rest = (ms) => new Promise((done) => setTimeout(done, ms));

/** A job that was called off. */
export class Cancelled extends Error {}

/** What the server refuses, with its line; `state` is what it says the session is now, where it says so. */
export class Refused extends Error {
  constructor(status, { error, state = null }) {
    super(error);
    Object.assign(this, { status, state });
  }
}

export class Client extends EventTarget {
  constructor() {
    super();
    this.away = false;
    this.changes = 0; // requests that change something, counted when they leave and when they are answered
  }

  get(path) {
    return this.ask(path, { method: "GET" }, true);
  }

  /** A file; what was had before and is still the same is not sent again. */
  bytes(path) {
    return this.ask(path, { method: "GET", cache: "no-cache" }, true, (response) => response.arrayBuffer());
  }

  /** What is small arrives although the page is left meanwhile. */
  post(path, content = {}) {
    const headers = { ...OURS, "Content-Type": "application/json" }, body = JSON.stringify(content);
    const keepalive = body.length < OUTLIVES_CHARACTERS;
    return this.ask(path, { method: "POST", headers, body, keepalive }, REPEATABLE.includes(path));
  }

  remove(path) {
    return this.ask(path, { method: "DELETE", headers: OURS }, true);
  }

  /** An answer's JSON, or what `read` makes of it; what may be asked twice is asked until the server is there again. */
  async ask(path, options, repeats, read = null) {
    const change = options.method === "GET" ? 0 : 1;
    this.changes += change;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const response = await fetch(path, { cache: "no-store", ...options }).catch(() => null);
      this.reached(response !== null);
      if (response) this.changes += change;
      if (response) return read && response.ok ? read(response) : answered(response.status, await response.text());
      if (!repeats) throw new Error(AWAY);
      await rest(wait);
    }
  }

  reached(here) {
    if (here !== this.away) return;
    this.away = !here;
    this.dispatchEvent(new Event(here ? "found" : "lost"));
  }

  /**
   * Sends a file; `onprogress` gets the share that has left, `signal` calls it off. Resolves with the server's
   * `{id, kind, name, seconds, ...}`.
   */
  upload(file, kind, onprogress = () => {}, signal = null) {
    const request = new XMLHttpRequest();
    request.open("POST", `/studio/upload?${new URLSearchParams({ kind, name: file.name })}`);
    for (const [name, value] of Object.entries(OURS)) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onprogress(loaded / Math.max(total, 1));
    signal?.addEventListener("abort", () => request.abort());
    return new Promise((resolve, reject) => {
      request.onload = () => settle(resolve, reject, () => answered(request.status, request.responseText).file);
      request.onerror = () => reject(new Error(`${file.name} did not arrive; try it again`));
      request.onabort = () => reject(new Cancelled("called off"));
      request.send(file);
    });
  }

  /** Sends a session's file; resolves with the state, in which it waits for its audio. */
  session(file) {
    const headers = { ...OURS, "Content-Type": "application/json" }, name = new URLSearchParams({ name: file.name });
    return this.ask(`/studio/session?${name}`, { method: "POST", headers, body: file }, false);
  }

  /** Waits for a job and tells how far it is; resolves with its result. */
  async follow(job, onprogress = () => {}) {
    for (let at = job, first = true; ; first = false) {
      onprogress(at);
      if (at.status === "done") return at.result;
      if (at.status === "failed") throw new Error(at.error);
      if (at.status === "cancelled") throw new Cancelled("called off");
      at = await this.get(`/studio/jobs/${job.id}${first ? "" : `?wait=${POLL_S}`}`);
    }
  }

  cancel(job) {
    return this.post(`/studio/jobs/${job.id}/cancel`);
  }
}

function settle(resolve, reject, value) {
  try {
    resolve(value());
  } catch (error) {
    reject(error);
  }
}

function answered(status, text) {
  const told = parsed(text);
  if (status < 400 && told !== null) return told;
  throw new Refused(status, { error: `the studio answered with an error (${status})`, ...told });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

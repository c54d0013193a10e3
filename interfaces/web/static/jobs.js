// Work of the server that takes time: what it is at, how long it will take, and a button that calls it off.

import { icon, make, press } from "./controls.js";

const NAMES = { new: "Opening", suggest: "Suggesting", out: "Exporting", look: "Measuring" };

/** "1:20 left", as well as that can be told. */
export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined) return "";
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s left` : `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, "0")} min left`;
}

/** What a job is at, in one line. */
export function stageOf(job) {
  if (job.status === "queued") return job.ahead ? `waits for ${job.ahead} other${job.ahead > 1 ? "s" : ""}` : "begins";
  return job.stage || "at work";
}

export class Jobs {
  constructor(element, studio) {
    Object.assign(this, { element, studio, followed: new Map() });
  }

  /** The result of a job; whoever follows the same one gets the same. */
  follow(job) {
    if (!this.followed.has(job.id)) {
      const row = this.row(job);
      this.element.append(row.element);
      const end = this.studio.client.follow(job, (at) => {
        row.update(at);
        this.studio.emit("job", at);
      });
      const ended = end.finally(() => {
        row.element.remove();
        this.followed.delete(job.id);
      });
      this.followed.set(job.id, ended);
    }
    return this.followed.get(job.id);
  }

  row(job) {
    const bar = make("progress", { max: 1, "aria-label": NAMES[job.kind] ?? job.kind });
    const text = make("span", {}, "");
    const stop = () => this.studio.run(this.studio.client.cancel(job));
    const cancel = press("Call it off", icon("close"), stop, "toggle plain");
    cancel.dataset.do = "cancel";
    const name = make("b", {}, NAMES[job.kind] ?? job.kind);
    const element = make("div", { class: "job", "data-kind": job.kind }, name, bar, text, cancel);
    const update = (at) => {
      if (at.status === "running") bar.value = at.fraction;
      text.textContent = [stageOf(at), timeLeft(at.seconds_left)].filter(Boolean).join(", ");
    };
    return { element, update };
  }
}

// Where knobs stood before the suggestion that moved them, until that is accepted or refused.
//
// Event: why (with the address), when somebody asks why a knob was moved.

import { Settings } from "./settings.js";

export class Ghosts extends EventTarget {
  constructor(desk) {
    super();
    Object.assign(this, { desk, engine: desk.engine, values: new Map(), moved: new Set(), heard: null, trial: null });
    this.engine.addEventListener("transport", () => this.returned());
  }

  /**
   * @param values for each address that is open the value before.
   * @param moved all addresses of which it can be said why they were moved.
   */
  take(values, moved) {
    const known = new Set([...this.values.keys(), ...values.keys()]), before = this.values;
    Object.assign(this, { values, moved });
    this.desk.changedAt([...known].filter((address) => before.get(address) !== values.get(address)));
  }

  /** The value before, where it differs from the one that stands; null elsewhere. */
  before(address) {
    const value = this.values.get(address);
    return value === undefined || value === this.engine.get(address) ? null : value;
  }

  isHeard(address) {
    return this.heard === address;
  }

  /** Lets the mix be heard with one knob where it was; the same again returns. */
  hear(address) {
    const { engine, desk } = this, before = this.before(address);
    if (this.isHeard(address)) return engine.listen("mix");
    if (before === null) return undefined;
    const trial = new Settings(engine.schema), [target, processor, knob] = address.split(".");
    trial.session = structuredClone(engine.session);
    trial.knob(target, processor, knob).value = before;
    const { label } = engine.param(processor, knob);
    engine.audition(trial.session, { name: `${desk.name(target)} ${processor} ${label.toLowerCase()} as it was` });
    Object.assign(this, { heard: address, trial: engine.trial });
    return desk.changed(address);
  }

  /** Something else is heard. */
  returned() {
    const { heard } = this;
    if (heard === null || this.engine.trial === this.trial) return;
    this.heard = this.trial = null;
    this.desk.changed(heard);
  }

  why(address) {
    if (this.moved.has(address)) this.dispatchEvent(new CustomEvent("why", { detail: address }));
  }
}

// From values to places on a picture: what its axes span, and where their grid lines stand.

const LEVEL_STEPS = [1, 2, 3, 6, 10, 20, 30, 60];
const TIME_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
const FREQUENCIES_HZ = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000];
const MOST_LEVELS = 7;
const MOST_TIMES = 9;

export const hertz = (hz) => (hz < 1000 ? `${Math.round(hz)} Hz` : `${Number((hz / 1000).toFixed(1))} kHz`);
export const signed = (value, digits = 1) => value.toFixed(digits).replace("-", "\u2212");

export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${(whole % 60).toString().padStart(2, "0")}`;
}

/** A linear or logarithmic axis: values from `low` to `high`, and [value, text] for each grid line. */
export class Axis {
  constructor(low, high, ticks, unit, log = false) {
    Object.assign(this, { low, high, ticks, unit, see: log ? Math.log : Number, unsee: log ? Math.exp : Number });
  }

  /** The share of the way from low to high at which a value lies, held inside. */
  share(value) {
    const { low, high, see } = this;
    return (see(Math.min(Math.max(value, low), high)) - see(low)) / (see(high) - see(low));
  }

  /** The value at a share of the way. */
  value(share) {
    const { low, high, see, unsee } = this;
    return unsee(see(low) + share * (see(high) - see(low)));
  }
}

export function frequencyAxis() {
  const ticks = FREQUENCIES_HZ.map((hz) => [hz, hz < 1000 ? `${hz}` : `${hz / 1000}k`]);
  return new Axis(20, 20000, ticks, "Hz", true);
}

/** Decibels around what is shown: up to `span` under the highest. */
export function levelAxis(values, span, unit) {
  const shown = values.filter(Number.isFinite);
  const top = shown.length ? Math.max(...shown) : 0, low = shown.length ? Math.max(Math.min(...shown), top - span) : -1;
  const step = LEVEL_STEPS.find((each) => (top - low) / each <= MOST_LEVELS) ?? 100;
  const first = Math.floor(low / step), last = Math.max(Math.ceil(top / step), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, n) => (first + n) * step);
  return new Axis(first * step, last * step, ticks.map((value) => [value, signed(value, 0)]), unit);
}

export function timeAxis(seconds) {
  const end = Math.max(seconds, 1), step = TIME_STEPS_S.find((each) => end / each <= MOST_TIMES) ?? 7200;
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, n) => [n * step, clock(n * step)]);
  return new Axis(0, end, ticks, "min:s");
}

export function correlationAxis() {
  return new Axis(-1, 1, [[-1, "\u22121"], [-0.5, "\u22120.5"], [0, "0"], [0.5, "0.5"], [1, "1"]], "");
}

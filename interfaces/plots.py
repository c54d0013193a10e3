"""Line plots as inline SVG: no scripts, no fonts, no requests; their colours come from the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH, HEIGHT = 860, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 12, 34
_STEPS = (1, 2, 3, 6, 10, 20, 30, 60)
_MOST_LINES = 8

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Axis:
    """From values to pixels: the value range, where the grid lines are, and what stands there."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    log: bool = False

    def place(self, value: float, start: float, stop: float) -> float:
        """The pixel between ``start`` and ``stop`` of a value, held inside the range."""
        see: Callable[[float], float] = math.log if self.log else float
        share = (see(min(max(value, self.low), self.high)) - see(self.low)) / (see(self.high) - see(self.low))
        return start + share * (stop - start)


def frequency_axis() -> Axis:
    """20 Hz to 20 kHz, logarithmic."""
    ticks = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000)
    return Axis(20, 20000, tuple((hz, f"{hz / 1000:g}k" if hz >= 1000 else f"{hz}") for hz in ticks), log=True)


def level_axis(values: Sequence[float], span: float) -> Axis:
    """Decibels around what is shown: up to ``span`` under the highest."""
    top = max(values)
    low = max(min(values), top - span)
    step = next((step for step in _STEPS if (top - low) / step <= _MOST_LINES), 100)
    first, last = math.floor(low / step) * step, math.ceil(top / step) * step
    last += step if first == last else 0
    return Axis(first, last, tuple((v, f"{v:g}".replace("-", "−")) for v in range(first, last + 1, step)))


def time_axis(seconds: float) -> Axis:
    """From nought on, in minutes and seconds."""
    seconds = max(seconds, 1.0)
    step = next((s for s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800) if seconds / s <= 10), 3600)
    ticks = [(float(s), f"{s // 60}:{s % 60:02d}") for s in range(0, int(seconds) + 1, step)]
    return Axis(0, seconds, tuple(ticks))


def plot(lines: Sequence[Points], x: Axis, y: Axis, *, label: str, x_unit: str, y_unit: str) -> str:
    """The figure: the first line is drawn as A, the second as B (dashed, so that colour is not all that differs)."""
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">']
    for value, text in x.ticks:
        at = x.place(value, _LEFT, right)
        parts.append(f'<path class="grid" d="M{at:.1f} {_TOP}V{bottom}"/>')
        parts.append(f'<text class="mark" x="{at:.1f}" y="{bottom + 16}" text-anchor="middle">{text}</text>')
    for value, text in y.ticks:
        at = y.place(value, bottom, _TOP)
        parts.append(f'<path class="grid" d="M{_LEFT} {at:.1f}H{right}"/>')
        parts.append(f'<text class="mark" x="{_LEFT - 7}" y="{at + 4:.1f}" text-anchor="end">{text}</text>')
    parts.append(f'<text class="unit" x="{right}" y="{HEIGHT - 2}" text-anchor="end">{x_unit}</text>')
    parts.append(f'<text class="unit" x="{_LEFT + 6}" y="{_TOP + 12}">{y_unit}</text>')
    for name, points in zip("ab", lines, strict=True):
        placed = [(x.place(u, _LEFT, right), y.place(v, bottom, _TOP)) for u, v in points]
        if placed:
            parts.append(f'<path class="line {name}" d="{_smooth(placed)}"/>')
    return "".join([*parts, "</svg>"])


def thinned(points: Points, most: int = 600) -> Points:
    """At most so many of the points, evenly picked."""
    step = max(1, math.ceil(len(points) / most))
    return [point for index, point in enumerate(points) if index % step == 0 or index == len(points) - 1]


def _smooth(points: Points) -> str:
    """A path through the points that never leaves the range of two neighbours: flat tangents at the peaks."""
    path = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    if len(points) > 100:
        return "".join([*path, *(f"L{u:.1f} {v:.1f}" for u, v in points[1:])])
    slopes = [0.0, *(_slope(*three) for three in zip(points, points[1:], points[2:], strict=False)), 0.0]
    for ((u, v), (p, q)), (out, into) in zip(pairwise(points), pairwise(slopes), strict=True):
        third = (p - u) / 3
        path.append(f"C{u + third:.1f} {v + out * third:.1f} {p - third:.1f} {q - into * third:.1f} {p:.1f} {q:.1f}")
    return "".join(path)


def _slope(before: tuple[float, float], here: tuple[float, float], after: tuple[float, float]) -> float:
    """Fritsch and Butland's tangent (SIAM J. Sci. Stat. Comput. 5, 1984): the harmonic mean, nought at a turn."""
    one = (here[1] - before[1]) / (here[0] - before[0])
    other = (after[1] - here[1]) / (after[0] - here[0])
    return 2 * one * other / (one + other) if one * other > 0 else 0.0

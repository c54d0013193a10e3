"""The schema of one knob: written once, read by the console, the command line, the session file and the docs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from mixer.errors import UsageError

if TYPE_CHECKING:
    from torch import Tensor

    Number = TypeVar("Number", float, Tensor)

Scale = Literal["linear", "log", "db", "switch"]


@dataclass(frozen=True, slots=True)
class Param:
    """One knob of a processor.

    ``scale`` says how the knob travels over the unit interval: ``linear`` evenly, ``log`` geometrically (times,
    frequencies, ratios, Q), ``db`` evenly in decibels, ``switch`` is 0 or 1 and is never searched. ``off_at_low``
    says that the lowest value means off: a fader at silence, a high-pass filter out of the circuit.

    >>> cutoff = Param("cutoff_hz", "Hz", 20.0, 20000.0, 200.0, "log", "Corner frequency.")
    >>> round(cutoff.from_unit(0.5), 1)
    632.5
    >>> cutoff.to_unit(20.0)
    0.0
    """

    name: str
    unit: str
    low: float
    high: float
    default: float
    scale: Scale
    doc: str
    off_at_low: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise ValueError(f"{self.name}: the range {self.low}..{self.high} is empty or not finite")
        if not self.low <= self.default <= self.high:
            raise ValueError(f"{self.name}: the default {self.default} is outside {self.low}..{self.high}")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"{self.name}: a log scale needs a positive range, got {self.low}..{self.high}")
        if self.scale == "switch" and (self.low, self.high) != (0.0, 1.0):
            raise ValueError(f"{self.name}: a switch is 0 or 1, got {self.low}..{self.high}")

    def from_unit(self, unit: Number) -> Number:
        """Engineering value of a position in [0, 1]; floats and tensors of any shape alike."""
        if self.scale == "log":
            return self.low * (self.high / self.low) ** unit  # type: ignore[no-any-return]  # float ** Tensor is untyped
        return self.low + (self.high - self.low) * unit

    def to_unit(self, value: Number) -> Number:
        """Position in [0, 1] of an engineering value; floats and tensors of any shape alike."""
        if self.scale == "log":
            ratio = value / self.low
            log_ratio = math.log(ratio) if isinstance(ratio, float) else ratio.log()
            return log_ratio / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def check(self, value: float) -> float:
        """The value itself, or a UsageError that names the knob, the value and the limits."""
        if not math.isfinite(value) or not self.low <= value <= self.high:
            limits = f"{self.low:g} to {self.high:g} {self.unit}".rstrip()
            raise UsageError(f"{self.name} = {value:g} is out of range: use {limits}")
        if self.scale == "switch" and value not in (0.0, 1.0):
            raise UsageError(f"{self.name} = {value:g} is no switch position: use 0 (off) or 1 (on)")
        return float(value)

    def clamp(self, value: float) -> float:
        """The nearest value inside the range."""
        return min(max(float(value), self.low), self.high)

    def is_off(self, value: float) -> bool:
        """Whether this value takes the knob out of the circuit."""
        return self.off_at_low and value <= self.low

    def show(self, value: float) -> str:
        """The value as a person reads it.

        >>> Param("gain_db", "dB", -60.0, 24.0, 0.0, "db", "Level.", off_at_low=True).show(-60.0)
        'off'
        """
        if self.scale == "switch":
            return "on" if value else "off"
        if self.is_off(value):
            return "off"
        if self.unit == "Hz":
            return f"{value / 1000:.2f} kHz" if value >= 1000 else f"{value:.0f} Hz"
        if self.unit == ":1":
            return f"{value:.1f}:1"
        digits = 0 if self.unit == "ms" and value >= 10 else 2 if self.unit == "" else 1
        sign = "+" if self.unit == "dB" and round(value, digits) != 0 else ""
        return f"{value:{sign}.{digits}f} {self.unit}".rstrip()

"""The knobs that the fit turns: as positions between 0 and 1 inside the part of each range that mixes use."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.console import ChainTensors
from mixer.param import Param
from mixer.processor import find
from style_transfer.desk import Desk
from style_transfer.start import is_free

Key = tuple[str, str]
"""Processor and knob."""
FADER_REACH_DB = 18.0
"""How far a fader may travel from where least squares put it."""
SEARCHED: dict[Key, tuple[float, float]] = {
    ("equalizer", "highpass_hz"): (20.0, 500.0),
    ("equalizer", "low_gain_db"): (-15.0, 15.0),
    ("equalizer", "low_hz"): (40.0, 500.0),
    ("equalizer", "peak1_gain_db"): (-15.0, 15.0),
    ("equalizer", "peak1_hz"): (80.0, 800.0),
    ("equalizer", "peak1_q"): (0.3, 4.0),
    ("equalizer", "peak2_gain_db"): (-15.0, 15.0),
    ("equalizer", "peak2_hz"): (250.0, 2500.0),
    ("equalizer", "peak2_q"): (0.3, 4.0),
    ("equalizer", "peak3_gain_db"): (-15.0, 15.0),
    ("equalizer", "peak3_hz"): (800.0, 6000.0),
    ("equalizer", "peak3_q"): (0.3, 4.0),
    ("equalizer", "peak4_gain_db"): (-15.0, 15.0),
    ("equalizer", "peak4_hz"): (2500.0, 14000.0),
    ("equalizer", "peak4_q"): (0.3, 4.0),
    ("equalizer", "high_gain_db"): (-15.0, 15.0),
    ("equalizer", "high_hz"): (2000.0, 14000.0),
    ("compressor", "threshold_db"): (-55.0, 0.0),
    ("compressor", "ratio"): (1.0, 12.0),
    ("compressor", "attack_ms"): (0.3, 150.0),
    ("compressor", "release_ms"): (15.0, 1500.0),
    ("fader", "gain_db"): (-60.0, 24.0),
    ("panner", "pan"): (-1.0, 1.0),
    ("panner", "width"): (0.0, 2.0),
}
"""Where the search goes, in engineering units; inside the knobs' own ranges."""
MASTERED: dict[Key, tuple[float, float]] = {
    ("compressor", "threshold_db"): (-45.0, 0.0),
    ("compressor", "ratio"): (1.0, 8.0),
    ("compressor", "attack_ms"): (0.3, 150.0),
    ("compressor", "release_ms"): (15.0, 1500.0),
    ("limiter", "release_ms"): (10.0, 1000.0),
    ("fader", "gain_db"): (-60.0, 24.0),
}
"""The same on the master, whose tone the strips can have themselves."""


@dataclass(slots=True)
class Dials:
    """Some knobs of all tracks or of the master: positions ``[rows]`` in [0, 1]; locked ones stay at their values."""

    params: dict[Key, Param]
    low: dict[Key, Tensor]
    high: dict[Key, Tensor]
    fixed: dict[Key, Tensor]
    free: dict[Key, Tensor]
    units: dict[Key, Tensor]

    @classmethod
    def of_tracks(cls, desk: Desk, keys: Iterable[Key]) -> Dials:
        """At the values of the desk's strips."""
        table = desk.tensors({})
        dials = cls({}, {}, {}, {}, {}, {})
        for key in keys:
            flags = [is_free(desk.session, e.track.id, *key) and _matters(key, e.track.channels) for e in desk.heard]
            dials._add(key, table[key[0]][key[1]], flags, SEARCHED[key])
        return dials

    @classmethod
    def of_master(cls, desk: Desk, processors: Collection[str]) -> Dials:
        """At the values of some processors of the desk's master; what is bypassed there is left out."""
        dials = cls({}, {}, {}, {}, {}, {})
        for key, span in MASTERED.items():
            if key[0] in desk.values["master"] and key[0] in processors:
                value = torch.tensor([desk.values["master"][key[0]][key[1]]], dtype=torch.float64)
                dials._add(key, value, [is_free(desk.session, "master", *key)], span)
        return dials

    def _add(self, key: Key, value: Tensor, free: list[bool], span: tuple[float, float]) -> None:
        low, high = (torch.full_like(value, edge) for edge in span)
        if key == ("fader", "gain_db"):
            low, high = (value - FADER_REACH_DB).clamp(min=low), (value + FADER_REACH_DB).clamp(max=high)
        self.params[key], self.low[key], self.high[key] = find(key[0]).param(key[1]), low, high
        self.fixed[key], self.free[key] = value, torch.tensor(free)
        self.units[key] = self.position(key, value).clamp(0, 1)

    def position(self, key: Key, value: Tensor) -> Tensor:
        """The inverse of ``value``."""
        low, high = self.low[key], self.high[key]
        if self.params[key].scale == "log":
            return (value / low).log() / (high / low).log()
        return (value - low) / (high - low)

    def value(self, key: Key) -> Tensor:
        """In engineering units, ``[rows]``."""
        low, high, unit = self.low[key], self.high[key], self.units[key]
        found = low * (high / low) ** unit if self.params[key].scale == "log" else low + (high - low) * unit
        return torch.where(self.free[key], found, self.fixed[key])

    def put(self, key: Key, value: Tensor) -> None:
        """Turn the knob to these values, as far as its range goes."""
        self.units[key] = self.position(key, value).clamp(0, 1)

    def onto(self, table: ChainTensors) -> dict[str, dict[str, Tensor]]:
        """The table with these knobs where the dials have them."""
        turned = {processor: dict(knobs) for processor, knobs in table.items()}
        for processor, knob in self.units:
            turned[processor][knob] = self.value((processor, knob))
        return turned


def _matters(key: Key, channels: int) -> bool:
    """Width is nothing on a mono track."""
    return key != ("panner", "width") or channels == 2

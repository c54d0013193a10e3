"""What words ask of peaks, found by listening: whether a compressor sharpens or rounds a sound depends on the sound.

Settings are tried, each at the loudness that the sound had, and the one is taken whose crest (true peak over loudness)
comes nearest to what was asked. Times first, then how deep it goes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from torch import Tensor

from mixer.loudness import measure
from mixer.processor import find
from style_transfer.desk import Desk, mixed
from style_transfer.listen import Segment
from style_transfer.prompt.rows import asked_for
from style_transfer.prompt.wishes import Wish
from style_transfer.start import Values, copied, is_free, put
from style_transfer.suggestion import Refusal

LEAST_CREST_DB = 0.3
"""Wishes for less are not worth a search."""
_SHARPER = (4.0, (10.0, 30.0, 80.0), (40.0, 120.0))
_ROUNDER = (12.0, (0.1, 1.0, 5.0), (50.0, 150.0, 400.0))
"""Ratio, attacks and releases that are tried, in ms: behind the blow, or on it."""
_DEPTHS_DB = (0.0, 1.5, 3.0, 5.0, 8.0, 12.0, 18.0)
"""Gain reduction at the loud peaks; 0 is no compression."""
_FIRST_DEPTH_DB = 5.0
_DEPTH_COST = 0.02
"""What a dB of reduction off the asked one costs, in dB of crest: it decides between settings that do the same."""
_KNOBS = ("threshold_db", "ratio", "attack_ms", "release_ms")


@dataclass(frozen=True, slots=True)
class _Try:
    """One setting of the compressors, at a depth below each track's loud peaks."""

    depth_db: float
    ratio: float
    attack_ms: float
    release_ms: float

    def knobs(self, loud_peak_db: float) -> dict[str, float]:
        """For a sound with these loud peaks."""
        if self.depth_db <= 0:
            return {"ratio": 1.0}
        threshold = loud_peak_db - self.depth_db / (1 - 1 / self.ratio)
        knobs = (round(threshold, 1), self.ratio, self.attack_ms, self.release_ms)
        return dict(zip(_KNOBS, knobs, strict=True))


def follow_crest(desk: Desk, segments: Sequence[Segment], wishes: Sequence[Wish], before: Values) -> list[Refusal]:
    """Set the compressors of the desk as far as wishes ask for more or less crest.

    Args:
        desk: with the first strokes on it; its values are changed.
        before: the values that the wishes are against.
    """
    refused = []
    for wish in wishes:
        if abs(wish.crest_db) < LEAST_CREST_DB:
            continue
        part = _Mix(desk, segments) if wish.place == "mix" else _Tracks(desk, segments, wish.tracks)
        free = [name for name in part.loud_peaks_db if _is_free(desk, name)]
        if not free:
            continue
        was, goal = part.crest_db(before), part.crest_db(before) + wish.crest_db
        best = _best(_Tries(part, desk, free), wish, goal)
        if (best.crest_db - was) * wish.crest_db <= 0:
            reason = f"{asked_for(wish.intent)}: compression does not do that to this sound"
            refused.append(Refusal(subject=free[0], reason=reason))
            continue
        for name, knobs in best.knobs.items():
            put(desk.session, desk.values, name, "compressor", knobs)
    return refused


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one setting came to, made up to the loudness of the sound without compression."""

    crest_db: float
    depth_db: float
    knobs: dict[str, dict[str, float]]

    def apart(self, goal_db: float, reduction_db: float) -> float:
        """From the wanted crest, in dB."""
        return abs(self.crest_db - goal_db) + _DEPTH_COST * abs(self.depth_db - abs(reduction_db))


def _best(tries: _Tries, wish: Wish, goal_db: float) -> _Heard:
    """Times first, at a middling depth, then the depth."""
    ratio, attacks, releases = _SHARPER if wish.crest_db > 0 else _ROUNDER
    times = [tries(_Try(_FIRST_DEPTH_DB, ratio, *pair)) for pair in product(attacks, releases)]
    farthest = max(times, key=lambda each: each.crest_db * wish.crest_db)
    attack, release = (next(iter(farthest.knobs.values()))[knob] for knob in ("attack_ms", "release_ms"))
    depths = [tries(_Try(depth, ratio, attack, release)) for depth in _DEPTHS_DB if depth != _FIRST_DEPTH_DB]
    return min((*times, *depths), key=lambda each: each.apart(goal_db, wish.reduction_db))


class _Tracks:
    """Some tracks through their strips, together."""

    def __init__(self, desk: Desk, segments: Sequence[Segment], tracks: Sequence[str]) -> None:
        rows = [row for row, entry in enumerate(desk.heard) if entry.track.id in tracks]
        heard = [desk.heard[row] for row in rows]
        self.names = [entry.track.id for entry in heard]
        self.loud_peaks_db = {entry.track.id: entry.loud_peak_db for entry in heard}
        self._desk = Desk(desk.session, heard, desk.values, desk.sample_rate)
        self._segments = [_only(segment, rows) for segment in segments]

    def signals(self, values: Values) -> Tensor:
        """What each adds to the mix, the segments one after another: ``[tracks, 2, time]``."""
        there = Desk(self._desk.session, self._desk.heard, values, self._desk.sample_rate)
        table = there.tensors({})
        with torch.no_grad():
            return torch.cat([there.posts(segment, table) for segment in self._segments], dim=-1)

    def crest_db(self, values: Values) -> float:
        """Of their sum."""
        return _crest_db(self.signals(values).sum(0), self._desk.sample_rate)


class _Mix:
    """The whole mix through the master's equaliser and compressor; what comes before them does not change."""

    def __init__(self, desk: Desk, segments: Sequence[Segment]) -> None:
        self.names = ["master"]
        self._desk = desk
        self._sum = torch.cat(mixed(desk, segments), dim=-1)[None]
        frame = desk.sample_rate // 20
        frames = self._sum[0].abs().amax(0).unfold(0, frame, frame).amax(1)
        self.loud_peaks_db = {"master": 20 * float(torch.log10(torch.quantile(frames, 0.9) + 1e-9))}

    def signals(self, values: Values) -> Tensor:
        """``[1, 2, time]``."""
        rows, out = values["master"], self._sum
        with torch.no_grad():
            for name in ("equalizer", "compressor"):
                out = find(name)(out, self._desk.sample_rate, **rows[name]) if name in rows else out
        return out

    def crest_db(self, values: Values) -> float:
        """Of the mix."""
        return _crest_db(self.signals(values)[0], self._desk.sample_rate)


class _Tries:
    """Hears settings on a part of the song, each as loud as the part is without compression."""

    def __init__(self, part: _Tracks | _Mix, desk: Desk, free: Sequence[str]) -> None:
        self._part, self._desk, self._free = part, desk, free
        off = {name: {"ratio": 1.0, "makeup_db": 0.0} for name in free}
        self._rms = _rms(part.signals(self._with(off)))

    def __call__(self, tried: _Try) -> _Heard:
        knobs = {name: {**tried.knobs(self._part.loud_peaks_db[name]), "makeup_db": 0.0} for name in self._free}
        signals = self._part.signals(self._with(knobs))
        gains = (self._rms / _rms(signals)).clamp(1.0, 10 ** (find("compressor").param("makeup_db").high / 20))
        for name, gain in zip(self._part.names, gains.tolist(), strict=True):
            if name in knobs:
                knobs[name]["makeup_db"] = round(20 * math.log10(gain), 1)
        crest = _crest_db((signals * gains[:, None, None]).sum(0), self._desk.sample_rate)
        return _Heard(crest, tried.depth_db, knobs)

    def _with(self, knobs: Mapping[str, dict[str, float]]) -> Values:
        values = copied(self._desk.values)
        for name, changed in knobs.items():
            put(self._desk.session, values, name, "compressor", changed)
        return values


def _is_free(desk: Desk, name: str) -> bool:
    return all(is_free(desk.session, name, "compressor", knob) for knob in _KNOBS)


def _only(segment: Segment, rows: Sequence[int]) -> Segment:
    """The segment with these rows of its tracks, mono before stereo as they lie in it."""
    monos = segment.mono.shape[0]
    mono = segment.mono[[row for row in rows if row < monos]]
    stereo = segment.stereo[[row - monos for row in rows if row >= monos]]
    return Segment(segment.start, segment.frames, segment.preroll, mono, stereo)


def _rms(signals: Tensor) -> Tensor:
    return signals.square().mean((1, 2)).sqrt().clamp_min(1e-9)


def _crest_db(stereo: Tensor, sample_rate: int) -> float:
    meter = measure(np.ascontiguousarray(stereo.numpy(), np.float32), sample_rate)
    return meter.true_peak_db - meter.integrated if math.isfinite(meter.integrated) else 0.0

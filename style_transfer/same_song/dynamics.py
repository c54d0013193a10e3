"""What the master did to the dynamics: looked for together with the strips, since each hides in the other.

A limited mix reads peaky tracks too low: what the limiter took from all of them looks as if they were turned down.
That a mix was limited shows in how many of its moments are nearly as loud as the loudest. While its strips are
sought, a limiter stands in the circuit, with its ceiling where the mix's own peaks end, before it a gentle
compressor and, since masters are often clipped, a soft clipper. The console has no clipper: its compressor and limiter
are fitted to stand in for it afterwards, and what turns out to do nothing is taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from mixer.console import ChainTensors, add, master
from mixer.truepeak import TruePeakMeter
from style_transfer.desk import Desk
from style_transfer.same_song.dials import Dials
from style_transfer.same_song.excerpts import Excerpt
from style_transfer.start import put

NEAR_DB, SOUNDING_DB, LIMITED_SHARE = 1.0, 20.0, 0.035
"""Of the 20 ms frames within 20 dB, the share within 1 dB of the highest: mixes have .01 to .02, masters .08 to .3."""
FIRST_RATIO = 1.3
FIRST_ATTACK_MS, FIRST_RELEASE_MS = 10.0, 150.0
LIMITING_RELEASE_MS = 60.0
FIRST_BEND = 0.1
"""How far the clipper is driven at first, as a share of ``MOST_BEND``."""
MOST_BEND = 4.0
"""At the peak of the mix: tanh of this much."""


def strips_sum(desk: Desk, excerpt: Excerpt, table: ChainTensors) -> Tensor:
    """What reaches the master without reverb, ``[2, time]``, the pre-roll included: its detectors hear that too."""
    whole = replace(excerpt.segment, preroll=0)
    return add(desk.posts(whole, {name: knobs for name, knobs in table.items() if name != "send"}))


def sounding(desk: Desk, excerpt: Excerpt) -> Tensor:
    """The excerpt through strips and master as the desk has them, without reverb and pre-roll: ``[2, time]``."""
    with torch.no_grad():
        mix = master(strips_sum(desk, excerpt, desk.tensors({})), desk.sample_rate, tensors(desk.values["master"]))
    return mix[:, excerpt.segment.preroll :]


def tensors(values: dict[str, dict[str, float]]) -> dict[str, dict[str, Tensor]]:
    return {
        name: {knob: torch.tensor([value], dtype=torch.float64) for knob, value in knobs.items()}
        for name, knobs in values.items()
    }


@dataclass(slots=True)
class Mastering:
    """The master while it is being sought: the desk's, with dials on its dynamics and a clipper before its limiter."""

    desk: Desk
    dials: Dials
    bend: Tensor | None
    """Position of the clipper, 0 to 1, ``[1]``; None where nothing was limited: then the master is the desk's own."""
    peak: float

    @classmethod
    def of(cls, desk: Desk, excerpts: Sequence[Excerpt]) -> Mastering:
        """At the desk's values; for a limited mix its master is switched on, where the search shall begin."""
        peak = max(float(excerpt.mix.abs().max()) for excerpt in excerpts) + 1e-9
        if not is_limited(excerpts, desk.sample_rate):
            return cls(desk, Dials.of_master(desk, ()), None, peak)
        put_in(desk, excerpts)
        bend = torch.full((1,), FIRST_BEND, dtype=torch.float64)
        return cls(desk, Dials.of_master(desk, ("compressor", "limiter")), bend, peak)

    def units(self) -> list[Tensor]:
        """All that is turned."""
        return [*self.dials.units.values(), *([] if self.bend is None else [self.bend])]

    def heard(self, mix: Tensor, excerpt: Excerpt) -> Tensor:
        """The sum of the strips after the master, without the pre-roll."""
        values = self.dials.onto(tensors(self.desk.values["master"]))
        if self.bend is None:
            return master(mix, self.desk.sample_rate, values)[:, excerpt.segment.preroll :]
        before = {name: knobs for name, knobs in values.items() if name != "limiter"}
        mix = master(mix, self.desk.sample_rate, before)
        slope = (MOST_BEND / self.peak * self.bend + 1e-3).to(mix.dtype)
        mix = torch.tanh(mix * slope) / slope
        after = {name: knobs for name, knobs in values.items() if name == "limiter"}
        return master(mix, self.desk.sample_rate, after)[:, excerpt.segment.preroll :]


def is_limited(excerpts: Sequence[Excerpt], sample_rate: int) -> bool:
    """Whether many of the sounding moments reach the highest peaks, as only a limiter or a clipper has it."""
    frame = sample_rate // 50
    peaks = torch.cat([excerpt.mix.abs().amax(0).unfold(0, frame, frame).amax(1) for excerpt in excerpts])
    highest = peaks.quantile(0.995)
    near = (peaks > highest * 10 ** (-NEAR_DB / 20)).sum()
    return bool(near > LIMITED_SHARE * (peaks > highest * 10 ** (-SOUNDING_DB / 20)).sum())


def put_in(desk: Desk, excerpts: Sequence[Excerpt]) -> None:
    """Switch limiter and compressor of the desk's free master on, where the search shall begin."""
    meter = TruePeakMeter(2)
    for excerpt in excerpts:
        meter.push(excerpt.mix.numpy())
    ceiling_db = 20 * float(torch.log10(torch.tensor(meter.peak + 1e-9)))
    frame = desk.sample_rate // 20
    peaks = torch.cat([sounding(desk, excerpt).abs().amax(0).unfold(0, frame, frame).amax(1) for excerpt in excerpts])
    fader_db = desk.values["master"].get("fader", {}).get("gain_db", 0.0)
    usual_db = 20 * float(torch.log10(peaks.quantile(0.5) + 1e-9)) - fader_db
    gentle = {"threshold_db": usual_db, "ratio": FIRST_RATIO, "attack_ms": FIRST_ATTACK_MS}
    gentle["release_ms"] = FIRST_RELEASE_MS
    limiting = {"active": 1.0, "ceiling_db": ceiling_db, "release_ms": LIMITING_RELEASE_MS}
    for name, knobs in (("compressor", gentle), ("limiter", limiting)):
        if name in desk.values["master"]:
            put(desk.session, desk.values, "master", name, knobs)

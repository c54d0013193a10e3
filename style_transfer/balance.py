"""How loud tracks and stem groups stand in the mix, as the console really makes it.

A group's loudness is that of BS.1770 over the whole song, gates included, so that it compares with a stem of a
reference however long its voice is silent. It is put together from each track's loudness over time as recorded, times
what the console did to the track on the telling segments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mixer.arrays import F64
from mixer.biquad import response
from mixer.console import add, reverb_bus
from mixer.kweighting import WeightedEnergy
from mixer.loudness import gated_loudness
from mixer.processor import Place, chain, find
from mixer.processors.equalizer import curve_sections
from mixer.roles import Group
from style_transfer.desk import Desk
from style_transfer.features import CENTRES_HZ, Power
from style_transfer.listen import Heard, Segment

Groups = frozenset[Group]


def groups_of(heard: Iterable[Heard]) -> Groups:
    """The stem groups that these tracks belong to."""
    return frozenset(entry.track.role.group for entry in heard)


def members(heard: Sequence[Heard], sums: Sequence[Groups]) -> Tensor:
    """1 where a track belongs to a sum of groups: ``[sums, tracks]`` float64."""
    rows = [[float(entry.track.role.group in groups) for entry in heard] for groups in sums]
    return torch.tensor(rows, dtype=torch.float64).reshape(len(sums), len(heard))


def master_curve_db(desk: Desk) -> Tensor:
    """What the master equaliser does to each band, ``[bands]``."""
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64)
    return response(curve_sections(desk.sample_rate, master_knobs(desk)), centres, desk.sample_rate)[0]


def master_knobs(desk: Desk) -> dict[str, Tensor]:
    """The master equaliser's knobs, ``[1]`` each; flat where it is bypassed."""
    values = desk.values["master"].get("equalizer", find("equalizer").defaults())
    return {name: torch.tensor([value], dtype=torch.float64) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class Balance:
    """One setting of the desk, measured."""

    tracks_db: F64
    """K-weighted level of each track through its strip and the master's equaliser, on the segments: ``[tracks]``."""
    sums: dict[Groups, float]
    """Loudness of each asked sum of groups, reverb returns included, in LUFS."""
    mix: Power
    """Of everything, behind the master's equaliser."""

    def ratio_lu(self, groups: Groups, among: Groups) -> float:
        """Loudness of some groups against those that they are compared with."""
        return self.sums[groups] - self.sums[among]


def measure_balance(desk: Desk, segments: Sequence[Segment], sums: Sequence[Groups]) -> Balance:
    """Measure the desk's values on the segments.

    Args:
        sums: of stem groups that the desk has, none of them empty.
    """
    with torch.no_grad():
        return _measured(desk, segments, sums)


def _measured(desk: Desk, segments: Sequence[Segment], sums: Sequence[Groups]) -> Balance:
    rate, own = desk.sample_rate, sorted(groups_of(desk.heard))
    table = desk.tensors({})
    sends = {processor.name: table[processor.name] for processor in chain(Place.SEND)}
    bus = {
        name: {knob: torch.tensor([value], dtype=torch.float64) for knob, value in knobs.items()}
        for name, knobs in desk.values["reverb"].items()
    }
    belongs = members(desk.heard, sums).numpy() > 0
    raw, alone = np.zeros(len(desk.heard)), np.zeros(len(desk.heard))
    together, dry = np.zeros(len(sums)), np.zeros(len(sums))
    mix = Power.nothing()
    for segment in segments:
        inputs = torch.cat([segment.mono.expand(-1, 2, -1), segment.stereo])[..., segment.preroll :]
        posts = desk.posts(segment, table)
        powers = weighted_energies(_mastered(desk, posts), rate)
        raw += weighted_energies(inputs, rate)
        alone += powers
        wet = []
        for group in own:
            row = members(desk.heard, [frozenset({group})])[0] > 0
            sent = {name: {knob: value[row] for knob, value in knobs.items()} for name, knobs in sends.items()}
            wet.append(add(posts[row]) + reverb_bus(posts[row], rate, sent, bus))
        groups = _mastered(desk, torch.stack(wet))
        for index, wanted in enumerate(sums):
            part = add(groups[[group in wanted for group in own]])
            together[index] += weighted_energies(part[None], rate)[0]
            dry[index] += powers[belongs[index]].sum()
        mix = mix + Power.of(add(groups), rate)
    through = alone / raw.clip(min=1e-20)  # what the console does to each track's power
    over_time = _timelines(desk.heard) * through[:, None]
    more = 10 * np.log10((together / dry.clip(min=1e-20)).clip(min=1e-20))
    loudness = {
        groups: gated_loudness(over_time[belongs[row]].sum(axis=0)) + float(more[row])
        for row, groups in enumerate(sums)
    }
    frames = sum(segment.frames for segment in segments)
    return Balance(10 * np.log10(alone / frames + 1e-20), loudness, mix)


def _mastered(desk: Desk, signals: Tensor) -> Tensor:
    """Through the master's equaliser: ``[signals, 2, time]``."""
    return find("equalizer")(signals, desk.sample_rate, **desk.values["master"].get("equalizer", {}))


def weighted_energies(signals: Tensor, sample_rate: int) -> F64:
    """K-weighted energy of each of ``[signals, 2, time]``."""
    levels = []
    for signal in signals:
        energy = WeightedEnergy(sample_rate, 2)
        energy.push(np.ascontiguousarray(signal.numpy()))
        levels.append(energy.total())
    return np.array(levels)


def _timelines(heard: Sequence[Heard]) -> F64:
    lines = np.zeros((len(heard), max(len(entry.loudness) for entry in heard)))
    for row, entry in enumerate(heard):
        lines[row, : len(entry.loudness)] = entry.loudness
    return lines

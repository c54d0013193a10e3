"""The strips of a session as tensors: where the search turns the knobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.console import ChainTensors, add, reverb_bus, strips
from mixer.processor import Place, chain
from mixer.processors.equalizer import PEAKS
from mixer.session import Session
from style_transfer.listen import Heard, Segment
from style_transfer.start import Values, copied, is_free

EQ_GAINS = ("low_gain_db", *(f"peak{index}_gain_db" for index in PEAKS), "high_gain_db")


@dataclass(slots=True)
class Desk:
    """The strips of the session as tensors: the tracks of the segments in their order, mono before stereo."""

    session: Session
    heard: list[Heard]
    values: Values
    sample_rate: int

    def copy(self) -> Desk:
        """The same desk with values of its own."""
        return Desk(self.session, self.heard, copied(self.values), self.sample_rate)

    def tensors(self, offsets: dict[tuple[str, str], Tensor]) -> dict[str, dict[str, Tensor]]:
        """Knob tensors ``[tracks]`` of all strip and send processors, with offsets added, held inside their ranges."""
        table: dict[str, dict[str, Tensor]] = {}
        for place in (Place.STRIP, Place.SEND):
            for processor in chain(place):
                knobs = {}
                for param in processor.params:
                    rows = [self._value(entry, processor.name, param.name, param.default) for entry in self.heard]
                    knob = torch.tensor(rows, dtype=torch.float64)
                    if (processor.name, param.name) in offsets:
                        knob = (knob + offsets[processor.name, param.name]).clamp(param.low, param.high)
                    knobs[param.name] = knob
                table[processor.name] = knobs
        return table

    def _value(self, heard: Heard, processor: str, knob: str, default: float) -> float:
        return self.values[heard.track.id].get(processor, {}).get(knob, default)

    def posts(self, segment: Segment, table: ChainTensors) -> Tensor:
        """All tracks after their strips, ``[tracks, 2, time]``, without the pre-roll."""
        parts, first = [], 0
        for batch in (segment.mono, segment.stereo):
            rows = slice(first, first + batch.shape[0])
            first = rows.stop
            if batch.shape[0]:
                part = {name: {k: v[rows] for k, v in knobs.items()} for name, knobs in table.items()}
                parts.append(strips(batch, self.sample_rate, part))
        return torch.cat(parts)[..., segment.preroll :]

    def free(self, processor: str, knob: str) -> Tensor:
        """1 where the knob may move, 0 where it may not: ``[tracks]``."""
        flags = [is_free(self.session, entry.track.id, processor, knob) for entry in self.heard]
        return torch.tensor(flags, dtype=torch.float64)


def mixed(desk: Desk, segments: Sequence[Segment]) -> list[Tensor]:
    """The segments as they reach the master, ``[2, time]`` each: strips and reverb."""
    table = desk.tensors({})
    sends = {processor.name: table[processor.name] for processor in chain(Place.SEND)}
    bus = {
        name: {knob: torch.tensor([value], dtype=torch.float64) for knob, value in knobs.items()}
        for name, knobs in desk.values["reverb"].items()
    }
    with torch.no_grad():
        mixes = []
        for segment in segments:
            posts = desk.posts(segment, table)
            mixes.append(add(posts) + reverb_bus(posts, desk.sample_rate, sends, bus))
        return mixes

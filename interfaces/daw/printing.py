"""Sound for programs that cannot make it themselves: every track as it leaves its strip, and the reverb's return."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mixer._parallel import parallel_map
from mixer.arrays import F32
from mixer.console import BLOCK, ChainValues, Settings, is_open, sum_blocks
from mixer.processor import Place, Renderer, chain
from mixer.render import settings, sources
from mixer.session import Session


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """Some frames of everything that reaches the master."""

    stems: dict[str, F32]
    """``[2, n]`` of each audible track, after its pan."""
    reverb: F32 | None
    """``[2, n]``; None where nothing sends."""


class Printing:
    """The audible tracks of a session on their way to the master, block by block.

    Attributes:
        frames: how long it all is, the reverb's end included.
        wet: whether there is a reverb.
    """

    def __init__(self, session: Session, folder: Path) -> None:
        self._rate = session.sample_rate
        self._settings = settings(session)
        self._sources = sources(session, folder)
        sending = [key for key, values in self._settings.tracks.items() if is_open(values, Place.SEND)]
        audible = {source.key for source in self._sources}
        self.wet = is_open(self._settings.reverb, Place.BUS) and bool(audible & set(sending))
        self._bus = _renderers(Place.BUS, self._settings.reverb, self._rate) if self.wet else []
        self._sends = {key: _renderers(Place.SEND, self._settings.tracks[key], self._rate) for key in sending}
        longest = max((source.frames for source in self._sources), default=0)
        self.frames = longest + sum(renderer.tail for renderer in self._bus)

    def __iter__(self) -> Iterator[PrintedBlock]:
        """One pass; the renderers' state makes it the only one."""
        lanes = [
            sum_blocks([replace(source, frames=self.frames)], self._dry(source.key), self._rate)
            for source in self._sources
        ]
        for start in range(0, self.frames, BLOCK):
            blocks = parallel_map(lambda index: next(lanes[index]), len(lanes))
            stems = {source.key: block for source, block in zip(self._sources, blocks, strict=True)}
            yield PrintedBlock(stems, self._returned(stems, min(BLOCK, self.frames - start)) if self.wet else None)

    def _dry(self, key: str) -> Settings:
        return Settings({key: self._settings.tracks[key]}, {}, {})  # without a bus nothing is sent

    def _returned(self, stems: dict[str, F32], size: int) -> F32:
        sent = np.zeros((2, size))
        for key, block in stems.items():
            for renderer in self._sends.get(key, ()):
                sent += renderer(block.copy())
        wet = sent.astype(np.float32)
        for renderer in self._bus:
            wet = renderer(wet)
        return wet


def _renderers(place: Place, values: ChainValues, sample_rate: int) -> list[Renderer]:
    return [entry.render(sample_rate, 2, values[entry.name]) for entry in chain(place) if entry.name in values]

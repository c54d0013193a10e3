"""What a separator is: what it says about itself, how it wants to be fed, and one function from a segment to stems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from mixer.errors import UsageError
from separation.chunks import Plan

F32 = npt.NDArray[np.float32]

REST = ("other", "accompaniment")
"""The stems that may take what no other stem has, so that all of them add up to the mixture."""


@dataclass(frozen=True, slots=True)
class About:
    """What a user should know before using a separator.

    Attributes:
        name: what it is called on the command line.
        title: one line on what it is.
        stems: what it gives; one of them is the rest ("other" or "accompaniment").
        sample_rate: what it works at, in Hz; other rates are converted there and back.
        code_license, weights_license: of the program and of what it learned.
        commercial: whether the weights may be used for commercial work.
        size_mb: of the weights.
        origin: where the weights come from.
        version: changes whenever its stems do; a cache tells by it what is stale.
        extra: what has to be installed besides Faderwise, as ``pip install 'faderwise[EXTRA]'``.
    """

    name: str
    title: str
    stems: tuple[str, ...]
    sample_rate: int
    code_license: str
    weights_license: str
    commercial: bool
    size_mb: float
    origin: str
    version: str
    extra: str | None = None

    @property
    def rest(self) -> str:
        """The stem that takes what the others leave."""
        return next(stem for stem in REST if stem in self.stems)


@dataclass(frozen=True, slots=True)
class Levels:
    """What a whole song measures, for separators that expect a certain level.

    Attributes:
        frames: length at the separator's rate.
        mean, deviation: of the mono sum.
        rms: over both channels.
    """

    frames: int
    mean: float
    deviation: float
    rms: float


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a separator; None leaves it to the separator.

    Attributes:
        device: where it computes, as torch names it: "cpu", "cuda", "cuda:1", "mps".
        segment_s: seconds that are looked at at once; more needs more memory.
        overlap: share of a segment that it has in common with its neighbours, 0 to 0.9.
        shifts: how many times each segment is separated, moved by up to half a second, and averaged; 1 is once.
        weights: a weights file, or the folder that holds the files of a model, instead of the cache directory.
    """

    device: str = "cpu"
    segment_s: float | None = None
    overlap: float | None = None
    shifts: int = 1
    weights: Path | None = None

    def __post_init__(self) -> None:
        if self.segment_s is not None and not 0.5 <= self.segment_s <= 600:
            raise UsageError(f"a segment is 0.5 to 600 s, not {self.segment_s:g} s")
        if self.overlap is not None and not 0 <= self.overlap <= 0.9:
            raise UsageError(f"an overlap is 0 to 0.9 of a segment, not {self.overlap:g}")
        if not 1 <= self.shifts <= 50:
            raise UsageError(f"shifts are 1 to 50, not {self.shifts}")


class Separator(Protocol):
    """One loaded model, ready for any number of songs."""

    @property
    def about(self) -> About:
        """What it is."""
        ...

    @property
    def plan(self) -> Plan:
        """How long songs are cut into segments."""
        ...

    def offset_and_gain(self, levels: Levels) -> tuple[float, float]:
        """What is subtracted from a song and what it is multiplied with, to stand where the model was trained."""
        ...

    def stems(self, segment: F32) -> F32:
        """The stems of one segment.

        Shape:
            segment: ``[2, time]``; returned: ``[len(about.stems), 2, time]``
        """
        ...


def checked_device(device: str) -> str:
    """The device, if torch knows it and this machine has it; else UsageError."""
    import torch

    try:
        kind = torch.device(device).type
    except RuntimeError:
        raise UsageError(f"device {device!r} is unknown; use cpu, cuda, cuda:1 or mps") from None
    if kind != "cpu":
        try:
            torch.empty(1, device=device)
        except (RuntimeError, AssertionError, NotImplementedError):
            raise UsageError(f"device {device!r} cannot be used on this machine; use cpu") from None
    return device

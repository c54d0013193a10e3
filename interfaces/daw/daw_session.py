"""What can be read from a project of another program, told in our words, whatever its format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of an audio file on a track's time line, in seconds."""

    file: str
    """As the project names it."""
    position_s: float = 0.0
    offset_s: float = 0.0
    length_s: float | None = None
    """All that is left of the file where it is not said."""


def _centred(channels: int) -> tuple[float, float]:
    del channels
    return 0.0, 0.0


@dataclass(slots=True)
class DawStrip:
    """One track, the reverb bus, or the master."""

    name: str
    mark: str = ""
    """What we wrote into the project to know the track again."""
    clips: list[Clip] = field(default_factory=list)
    place: Callable[[int], tuple[float, float]] = _centred
    """``(gain_db, pan)`` of our fader and panner, for a track of so many channels."""
    mute: bool = False
    solo: bool = False
    send: tuple[float, bool] | None = None
    """Linear level into our reverb, and whether it is on."""
    knobs: dict[str, dict[str, float]] = field(default_factory=dict)
    """Of our own processors, by processor and knob."""
    active: dict[str, bool] = field(default_factory=dict)
    """Whether each of them is in the circuit."""
    left: list[str] = field(default_factory=list)
    """What is there but cannot be taken, in a few words each."""


@dataclass(slots=True)
class DawSession:
    """A project: where it lies, and what is in it."""

    path: Path
    name: str
    tracks: list[DawStrip] = field(default_factory=list)
    reverb: DawStrip | None = None
    master: DawStrip | None = None
    sample_rate: int | None = None
    left: list[str] = field(default_factory=list)

    @property
    def all_left(self) -> list[str]:
        """Everything that is not taken, each with its track."""
        strips = [*self.tracks, *(strip for strip in (self.reverb, self.master) if strip)]
        return [*self.left, *(f"{strip.name}: {what}" for strip in strips for what in strip.left)]


def number_at(words: list[str], index: int, otherwise: float = 0.0) -> float:
    """The number at a place of a list of words; ``otherwise`` where there is none, or none that is finite."""
    try:
        value = float(words[index])
    except (IndexError, ValueError):
        return otherwise
    return value if abs(value) < float("inf") else otherwise

"""How far a suggestion goes: overall, in each aspect of the mix, and on each track."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from mixer.address import ALL, resolve_all, stands_for
from mixer.errors import UsageError
from mixer.naming import fold
from mixer.processor import Aspect, find
from mixer.session import Session

FULL = 100.0


@dataclass(frozen=True, slots=True)
class Intensity:
    """Per cent of the way from the session as it is, 0 to 100. The three multiply, like faders in a row.

    >>> half = Intensity(50, aspects={Aspect.LEVEL: 50}, tracks={"ldvox": 0})
    >>> half.share("kick", "fader"), half.share("kick", "equalizer"), half.share("ldvox", "equalizer")
    (0.25, 0.5, 0.0)

    Attributes:
        tracks: by target: a track's id, ``reverb`` or ``master``.

    Raises:
        UsageError: a number is out of range.
    """

    overall: float = FULL
    aspects: Mapping[Aspect, float] = field(default_factory=dict)
    tracks: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for per_cent in (self.overall, *self.aspects.values(), *self.tracks.values()):
            if not 0 <= per_cent <= FULL:
                raise UsageError(f"an intensity of {per_cent:g} is out of range: use 0 to 100")

    def share(self, target: str, processor: str) -> float:
        """How far the knobs of a target's processor go, 0 to 1."""
        aspect = self.aspects.get(find(processor).aspect, FULL)
        return self.overall * aspect * self.tracks.get(target, FULL) / FULL**3

    @classmethod
    def parse(cls, session: Session, texts: Iterable[str]) -> Self:
        """From what people type: ``60``, ``level=50``, ``vocals=80``, ``LdVox=0``.

        A track that is named itself goes before its group.

        Raises:
            UsageError: a name is neither an aspect, a group, a track, ``reverb`` nor ``master``, or a number is none.
        """
        overall: float | None = None
        aspects: dict[Aspect, float] = {}
        alone: dict[str, float] = {}
        grouped: dict[str, float] = {}
        for text in texts:
            name, sign, number = text.rpartition("=")
            per_cent = _number(text, number)
            word = fold(name)
            if not sign or word == ALL:
                if overall is not None:
                    raise UsageError(f"{text!r} gives the overall intensity a second time: give it once")
                overall = per_cent
                continue
            targets = resolve_all(session, name)
            if word in set(Aspect) and targets[0] not in session.targets:
                aspects[Aspect(word)] = per_cent
            elif not set(targets) <= set(session.targets):
                raise UsageError(f"{name} has no intensity of its own: name a track, a group or an aspect")
            elif stands_for(session, word) == targets:
                grouped |= dict.fromkeys(targets, per_cent)
            else:
                alone |= dict.fromkeys(targets, per_cent)
        return cls(FULL if overall is None else overall, aspects, grouped | alone)


def _number(text: str, number: str) -> float:
    try:
        return float(number.strip().removesuffix("%"))
    except ValueError:
        raise UsageError(f"{text!r} is no intensity: write a number, aspect=number or track=number, 0 to 100") from None

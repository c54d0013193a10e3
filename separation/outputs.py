"""What to write of a separated song: stems, the song without one of them, or the song with other levels.

Every file is a weighted sum of stems, so that all of these are one thing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mixer.errors import UsageError
from mixer.naming import near
from mixer.roles import Role

_ROLES = {
    "vocals": Role.LEAD_VOCAL,
    "drums": Role.DRUMS,
    "bass": Role.BASS,
    "guitar": Role.GUITAR,
    "piano": Role.KEYS,
}
_LEVEL = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*(?:db)?", re.IGNORECASE)
_LOWEST_DB, _HIGHEST_DB = -60.0, 24.0


@dataclass(frozen=True, slots=True)
class Output:
    """One file to write.

    Attributes:
        name: of the file, before a template is applied: a stem, ``no_vocals``, ``mix``.
        gains: of each stem in it, linear; stems that are not named are not in it.
        role: of the track that it becomes.
    """

    name: str
    gains: Mapping[str, float]
    role: Role


def each_stem(stems: Sequence[str], wanted: Sequence[str] | None = None) -> list[Output]:
    """A file for each stem, or for those wanted; UsageError where one is wanted that the separator does not give."""
    chosen = [_known(stem, stems) for stem in wanted] if wanted is not None else list(stems)
    if not chosen or len(set(chosen)) < len(chosen):
        raise UsageError(f"{','.join(chosen)!r} is no list of different stems; there are {', '.join(stems)}")
    return [Output(stem, {stem: 1.0}, _ROLES.get(stem, Role.OTHER)) for stem in chosen]


def without(stem: str, stems: Sequence[str]) -> Output:
    """The song minus one stem: for karaoke, or to play along.

    >>> sorted(without("drums", ("vocals", "drums", "bass", "other")).gains)
    ['bass', 'other', 'vocals']
    """
    stem = _known(stem, stems)
    rest = [other for other in stems if other != stem]
    role = _ROLES.get(rest[0], Role.OTHER) if len(rest) == 1 else Role.OTHER
    return Output(f"no_{stem}", dict.fromkeys(rest, 1.0), role)


def two_stems(stem: str, stems: Sequence[str]) -> list[Output]:
    """One stem, and the song without it."""
    return [*each_stem(stems, [stem]), without(stem, stems)]


def with_levels(text: str, stems: Sequence[str]) -> Output:
    """The song with some stems louder or softer.

    >>> gains = with_levels("vocals=-6dB, drums=off", ("vocals", "drums", "other")).gains
    >>> {stem: round(gain, 3) for stem, gain in gains.items()}
    {'vocals': 0.501, 'drums': 0.0, 'other': 1.0}

    Raises:
        UsageError: it is not a list of ``STEM=LEVELdB`` (or ``off``), or a level is outside -60 to +24 dB.
    """
    gains = dict.fromkeys(stems, 1.0)
    for part in text.split(","):
        stem, sign, level = part.partition("=")
        if not sign:
            raise UsageError(f"{part.strip()!r} is no level of a stem; write vocals=-6dB or vocals=off")
        gains[_known(stem, stems)] = _gain(level.strip())
    return Output("mix", gains, Role.OTHER)


def mixing_matrix(outputs: Sequence[Output], stems: Sequence[str]) -> npt.NDArray[np.float32]:
    """The gains as ``[outputs, stems]``."""
    return np.array([[output.gains.get(stem, 0.0) for stem in stems] for output in outputs], np.float32)


def _known(stem: str, stems: Sequence[str]) -> str:
    name = stem.strip().casefold()
    if name not in stems:
        hint = near(name, stems)
        raise UsageError(f"there is no stem {stem.strip()!r}{hint or ': there are ' + ', '.join(stems)}")
    return name


def _gain(level: str) -> float:
    if level.casefold() == "off":
        return 0.0
    match = _LEVEL.fullmatch(level)
    if match is None:
        raise UsageError(f"{level!r} is no level; write -6dB, +2dB or off")
    gain_db = float(match[1])
    if not _LOWEST_DB <= gain_db <= _HIGHEST_DB:
        raise UsageError(f"a level is {_LOWEST_DB:g} to +{_HIGHEST_DB:g} dB, not {gain_db:g} dB; `off` mutes")
    return math.pow(10, gain_db / 20)

"""The roles a track can have in a song, and a guess at one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Group(StrEnum):
    """The four stem groups that a separated reference can be compared with."""

    VOCALS = "vocals"
    DRUMS = "drums"
    BASS = "bass"
    OTHER = "other"


class Role(StrEnum):
    """What a track is in the song.

    >>> Role.TOMS.group
    <Group.DRUMS: 'drums'>
    """

    LEAD_VOCAL = "lead_vocal"
    BACKING_VOCAL = "backing_vocal"
    KICK = "kick"
    SNARE = "snare"
    HATS = "hats"
    TOMS = "toms"
    CYMBALS = "cymbals"
    DRUMS = "drums"
    PERCUSSION = "percussion"
    BASS = "bass"
    GUITAR = "guitar"
    KEYS = "keys"
    SYNTH = "synth"
    STRINGS = "strings"
    BRASS = "brass"
    WOODWIND = "woodwind"
    FX = "fx"
    OTHER = "other"

    @property
    def group(self) -> Group:
        """The stem group that the role belongs to."""
        return _GROUPS.get(self, Group.OTHER)


_GROUPS = {
    Role.LEAD_VOCAL: Group.VOCALS,
    Role.BACKING_VOCAL: Group.VOCALS,
    Role.KICK: Group.DRUMS,
    Role.SNARE: Group.DRUMS,
    Role.HATS: Group.DRUMS,
    Role.TOMS: Group.DRUMS,
    Role.CYMBALS: Group.DRUMS,
    Role.DRUMS: Group.DRUMS,
    Role.PERCUSSION: Group.DRUMS,
    Role.BASS: Group.BASS,
}

UNSURE = 0.5
"""A confidence below this means: ask."""


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """A role, how sure the guess is, and what it rests on, so that the user can judge it.

    Attributes:
        confidence: 0 to 1; below 0.5 the guess is unsure.
        origin: where it comes from: the track's name, its sound, or nothing at all.
        reason: one clause in a producer's words.
    """

    role: Role
    confidence: float
    origin: Literal["name", "audio", "none"]
    reason: str

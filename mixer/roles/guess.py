"""The role of a track, from all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixer.roles.names import role_from_name
from mixer.roles.role import UNSURE, RoleGuess
from mixer.roles.sound import role_from_audio

if TYPE_CHECKING:
    from collections.abc import Callable

    from mixer.arrays import F32


def guess_role(name: str, audio: F32 | Callable[[], F32], sample_rate: int) -> RoleGuess:
    """The name's word counts; the sound is heard where the name is silent or unsure, and decides if it is surer.

    Args:
        name: the track's name, best as `track_names` gives it: a song's title may hold misleading words.
        audio: ``[channels, time]``, or what gives it; asked only where the name does not say enough.
        sample_rate: in Hz.
    """
    named = role_from_name(name)
    if named is not None and named.confidence >= UNSURE:
        return named
    heard = role_from_audio(audio() if callable(audio) else audio, sample_rate)
    return named if named is not None and named.confidence >= heard.confidence else heard

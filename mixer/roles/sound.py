"""The role that a track's sound speaks for, as far as a sound can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixer.roles.hearing import Heard, listen
from mixer.roles.role import Role, RoleGuess

if TYPE_CHECKING:
    from mixer.arrays import F32

_NOISY = 0.08


def role_from_audio(audio: F32, sample_rate: int) -> RoleGuess:
    """Listen for what can be told apart safely: drums and their pieces, and bass; all else is `other`, and unsure.

    A voice, a guitar, a piano and a synth are not told apart here: a wrong role does more harm than none.

    Args:
        audio: ``[channels, time]``; the loudest 15 seconds of it are heard.
        sample_rate: in Hz.
    """
    heard = listen(audio, sample_rate)
    if heard is None:
        return RoleGuess(Role.OTHER, 0.0, "none", "silent, or too short to hear anything in")
    struck = heard.decay_db > 10 and heard.in_hits > 0.6
    return _bright(heard, struck) or (_drum(heard) if struck else None) or _pitched(heard)


def _bright(heard: Heard, struck: bool) -> RoleGuess | None:
    if heard.high < 0.85 or heard.harmonicity > 0.6:
        return None
    if struck and heard.air > 0.6:
        return _guess(Role.HATS, 0.55, "short bright hits, nearly all of it over 5 kHz: hats, or a shaker")
    if not struck:
        return _guess(Role.CYMBALS, 0.55, "bright noise that rings on, nearly all of it over 2 kHz")
    return _guess(Role.PERCUSSION, 0.45, "short bright hits")


def _drum(heard: Heard) -> RoleGuess | None:
    if heard.noisiness > _NOISY and heard.low_hits > 0.2 and heard.bright_hits > 0.2:
        return _guess(Role.DRUMS, 0.75, "hits with bass and hits without, from low to high: a kit or a loop")
    if heard.low > 0.75 and heard.body > 0.96:
        if heard.bright_hits > 0.2 and heard.high > 1e-3:
            return _guess(Role.DRUMS, 0.55, "low hits, and quiet bright ones between them: a kit with a loud kick")
        return _guess(Role.KICK, 0.65, "short hits, nearly all of it under 150 Hz")
    if heard.noisiness > _NOISY and heard.low > 0.4:
        return _guess(Role.DRUMS, 0.55, "noisy hits with much bass: most likely a kit")
    if heard.noisiness > _NOISY and heard.harmonicity < 0.75:
        if heard.body > 0.3 and heard.low < 0.4:
            return _guess(Role.SNARE, 0.55, "short noisy hits with a body between 150 and 400 Hz")
        return _guess(Role.PERCUSSION, 0.45, "short noisy hits")
    return None


def _pitched(heard: Heard) -> RoleGuess:
    if heard.low > 0.25 and heard.body > 0.9 and heard.harmonicity > 0.88 and heard.pitch_hz < 135:
        return _guess(Role.BASS, 0.7, f"low notes one at a time, around {heard.pitch_hz:.0f} Hz")
    if heard.noisiness > 0.25:
        return _guess(Role.OTHER, 0.2, "noise without a note")
    if heard.harmonicity > 0.88:
        return _guess(Role.OTHER, 0.3, "one note at a time: a voice or any instrument that leads")
    return _guess(Role.OTHER, 0.3, "several notes at once: anything that plays chords, or many voices")


def _guess(role: Role, confidence: float, heard: str) -> RoleGuess:
    reason = heard if role is Role.OTHER else f"it sounds like {role.value}: {heard}"
    return RoleGuess(role, confidence, "audio", reason)

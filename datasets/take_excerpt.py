"""Of a longer recording, the part in which most of it plays, as the tracks of a corpus song."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from corpus_manifest import RATE, NotThisSongError, Played

from mixer import audio
from mixer.arrays import F32
from mixer.roles import UNSURE, Role, guess_role

EXCERPT_S = 36.0
SOUNDS = 10 ** (-50 / 20)
"""RMS of a second in which a track counts as playing."""
FADE_S = 0.3


def read_all(files: Sequence[Path]) -> list[F32]:
    """The files at the corpus's rate, all padded to the longest. Raises NotThisSongError where there is none."""
    if not files:
        raise NotThisSongError("nothing was rendered")
    tracks = [audio.read(file, RATE)[0] for file in files]
    longest = max(track.shape[1] for track in tracks)
    return [np.pad(track, ((0, 0), (0, longest - track.shape[1]))) for track in tracks]


def fullest_part(tracks: Sequence[F32], seconds: float = EXCERPT_S) -> slice:
    """The stretch in which the most tracks play for the most time; all of it where it is no longer than that."""
    whole = tracks[0].shape[1] // RATE
    wanted = round(seconds)
    if whole <= wanted:
        return slice(0, tracks[0].shape[1])
    levels = np.stack([_level_each_second(track, whole) for track in tracks])  # [tracks, seconds]
    busy = np.convolve((levels > SOUNDS).sum(axis=0), np.ones(wanted), mode="valid")
    start = int(np.argmax(busy)) * RATE
    return slice(start, start + wanted * RATE)


def cut(track: F32, part: slice) -> F32:
    """A part of a track, faded at both ends."""
    piece = track[:, part].copy()
    ramp = np.linspace(0.0, 1.0, round(FADE_S * RATE), dtype=np.float32)[: piece.shape[1]]
    piece[:, : len(ramp)] *= ramp
    piece[:, piece.shape[1] - len(ramp) :] *= ramp[::-1]
    return piece


def plays(track: F32) -> bool:
    """Whether a track plays for a second or more."""
    return bool((_level_each_second(track, track.shape[1] // RATE) > SOUNDS).any())


def heard_role(name: str, track: F32) -> Role:
    """What the product takes the track for; other where it is not sure."""
    guess = guess_role(name, track, RATE)
    return guess.role if guess.confidence >= UNSURE else Role.OTHER


def whole_mix(sound: F32, licence: str, author: str, played_with: str) -> Played:
    """A mix as its author made it."""
    return Played("Mix", None, sound, licence, author, played_with)


def _level_each_second(track: F32, seconds: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    power = (track[:, : seconds * RATE].astype(np.float64) ** 2).mean(axis=0)
    return np.asarray(np.sqrt(power.reshape(seconds, RATE).mean(axis=1)), np.float64)

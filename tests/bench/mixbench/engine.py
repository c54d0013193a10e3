"""The other engine: what an engineer somewhere else might have made of the same tracks.

Everything is drawn first, from a seed, and applied second. A mix keeps what the benchmark must know: every track as it
sounds in the mix without its reverb, and every stem group with it; the groups add up to the mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from mixer.arrays import F32
from mixer.loudness import integrated_loudness, true_peak_db
from mixer.roles import Group, Role
from tests.bench.mixbench.effects import (
    Band,
    clipping_gain,
    compressed,
    equalised,
    hall,
    limiting_gain,
    placed,
    power_gain,
    room,
)
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.songs import Multitrack, Part

CLEAN_LUFS, LOUD_LUFS = -18.0, -10.5
CEILING_DB = -0.5


class Taste(StrEnum):
    """How far the engineer goes: what is usual for the roles, or anything."""

    PLAUSIBLE = "plausible"
    WILD = "wild"


class Finish(StrEnum):
    """What happens to the mix afterwards; the lossy ones begin with some silence."""

    CLEAN = "clean"
    LIMITED = "limited"
    OGG = "ogg"
    MP3 = "mp3"


@dataclass(frozen=True, slots=True)
class _Usual:
    """Level against the whole in LU, how far from the middle, high-pass corner, and reverb send in dB."""

    level_lu: float
    reach: float
    cut_hz: float | None
    send_db: float | None


_GROUP_USUAL = {
    Group.VOCALS: _Usual(-5.0, 0.0, 90.0, -17.0),
    Group.DRUMS: _Usual(-8.0, 0.0, None, -26.0),
    Group.BASS: _Usual(-6.0, 0.0, 30.0, None),
    Group.OTHER: _Usual(-8.0, 0.6, 70.0, -20.0),
}
_USUAL = {
    Role.BACKING_VOCAL: _Usual(-12.0, 0.7, 120.0, -14.0),
    Role.DRUMS: _Usual(-4.0, 0.0, None, -28.0),
    Role.SNARE: _Usual(-8.0, 0.1, 80.0, -19.0),
    Role.HATS: _Usual(-16.0, 0.5, 250.0, None),
    Role.CYMBALS: _Usual(-15.0, 0.2, 200.0, None),
    Role.TOMS: _Usual(-12.0, 0.4, 50.0, -23.0),
    Role.PERCUSSION: _Usual(-14.0, 0.7, 100.0, -20.0),
    Role.STRINGS: _Usual(-11.0, 0.5, 80.0, -14.0),
}


@dataclass(frozen=True, slots=True)
class Strip:
    """One track's settings."""

    bands: tuple[Band, ...]
    over_db: float
    """Threshold of the compressor under the level that a tenth of the samples exceed."""
    ratio: float
    attack_ms: float
    release_ms: float
    rms: bool
    level_lu: float
    pan: float
    width: float
    send_db: float | None


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole mix, drawn and not yet made."""

    seed: int
    strips: tuple[Strip, ...]
    tone: tuple[Band, ...]
    hall: bool
    size: float
    damping: float
    glue_db: float
    drive_db: float
    again: bool = False
    """The same reverb with other noise, which nobody could tell from the first."""


@dataclass(frozen=True, slots=True)
class Mix:
    """A reference whose truth is known, all ``[.., 2, time]`` and at one level."""

    audio: F32
    dry: F32
    """The sum of the tracks without reverb: how near one gets with every strip right."""
    tracks: F32
    groups: dict[Group, F32]


def drawn_recipe(song: Multitrack, taste: Taste, seed: int) -> Recipe:
    """Settings for every track and for the master."""
    rng = np.random.default_rng([seed, len(song.parts)])
    reach = 1.5 if taste is Taste.PLAUSIBLE else 4.0
    tone = (
        Band("low", float(rng.uniform(80, 200)), float(rng.uniform(-reach, reach))),
        Band("peak", float(rng.uniform(300, 4000)), float(rng.uniform(-reach, reach)), 0.6),
        Band("high", float(rng.uniform(4000, 9000)), float(rng.uniform(-reach, reach))),
    )
    return Recipe(
        seed,
        tuple(_drawn_strip(part, taste, rng) for part in song.parts),
        tone,
        bool(rng.integers(2)),
        float(rng.uniform(0.2, 0.8)),
        float(rng.uniform(0.2, 0.8)),
        float(rng.uniform(0.5, 3.0)),
        float(rng.uniform(-6.0, 0.0)),
    )


def _drawn_strip(part: Part, taste: Taste, rng: np.random.Generator) -> Strip:
    usual, wild = _USUAL.get(part.role, _GROUP_USUAL[part.role.group]), taste is Taste.WILD
    most_db = 10.0 if wild else 4.0

    def gain_db() -> float:
        return float(rng.uniform(-most_db, most_db))

    bands = [
        Band("low", float(rng.uniform(80, 300)), gain_db()),
        Band("peak", float(rng.uniform(200, 900)), gain_db(), float(rng.uniform(0.5, 2.5))),
        Band("peak", float(rng.uniform(900, 5000)), gain_db(), float(rng.uniform(0.5, 2.5))),
        Band("high", float(rng.uniform(4000, 10000)), gain_db()),
    ]
    if usual.cut_hz is not None:
        bands.insert(0, Band("cut", usual.cut_hz * float(rng.uniform(0.7, 1.5))))
    side = float(rng.choice([-1.0, 1.0]))
    pan = side * usual.reach * float(rng.uniform(0.3, 1.0)) if not wild else float(rng.uniform(-0.9, 0.9))
    level = usual.level_lu + float(rng.normal(0, 2.0)) if not wild else 0.5 * usual.level_lu + float(rng.uniform(-9, 6))
    send = float(rng.uniform(-30, -12)) if wild else None
    if not wild and usual.send_db is not None:
        send = usual.send_db + float(rng.uniform(-5, 3))
    return Strip(
        tuple(bands),
        float(rng.uniform(-2, 14 if wild else 8)),
        float(rng.uniform(1.5, 8 if wild else 4)),
        float(rng.uniform(3, 40)),
        float(rng.uniform(50, 300)),
        bool(rng.integers(2)),
        level,
        pan,
        float(rng.uniform(0.3, 1.3) if wild else rng.uniform(0.8, 1.1)),
        send,
    )


def _strip(part: Part, strip: Strip) -> F32:
    x = equalised(part.audio, strip.bands)
    frames = np.abs(x).max(axis=0)
    loud_db = 20 * np.log10(float(np.quantile(frames[frames > 1e-3 * frames.max()], 0.9)) + 1e-9)
    x = compressed(x, loud_db - strip.over_db, strip.ratio, strip.attack_ms, strip.release_ms, rms=strip.rms)
    x = placed(x, strip.pan, strip.width)
    return x * np.float32(10 ** ((strip.level_lu - 20.0 - integrated_loudness(x, RATE)) / 20))


def mixed(song: Multitrack, recipe: Recipe, finish: Finish) -> Mix:
    """The mix before any coding."""
    tracks = np.stack([_strip(part, strip) for part, strip in zip(song.parts, recipe.strips, strict=True)])
    groups, sends = {}, [None if s.send_db is None else np.float32(10 ** (s.send_db / 20)) for s in recipe.strips]
    for group in song.groups:
        rows = song.rows(group)
        groups[group] = tracks[rows].sum(axis=0)
        wet = [tracks[row] * send for row in rows if (send := sends[row]) is not None]
        if wet:
            groups[group] = groups[group] + _reverberated(np.sum(wet, axis=0), recipe)
    tracks = np.stack([equalised(track, recipe.tone) for track in tracks])
    groups = {group: equalised(part, recipe.tone) for group, part in groups.items()}
    gain = _master_gain(np.sum(list(groups.values()), axis=0), recipe, finish)
    groups = {group: part * gain for group, part in groups.items()}
    tracks = tracks * np.float32(np.sqrt(np.square(gain).mean()))
    return Mix(np.sum(list(groups.values()), axis=0), tracks.sum(axis=0), tracks, groups)


def _reverberated(sent: F32, recipe: Recipe) -> F32:
    if recipe.hall:  # its two sides are as unlike as two halls
        wet = hall(sent, recipe.size, recipe.damping)
        return wet[::-1] if recipe.again else wet
    return room(sent, recipe.seed + 1000 * recipe.again, 0.5 + 1.5 * recipe.size, 0.03 * recipe.damping)


def _master_gain(mix: F32, recipe: Recipe, finish: Finish) -> F32:
    """What the master multiplies the mix with: a level, and for loud ones glue, clipper and limiter; ``[.., time]``.

    As a gain it can be applied to the groups, which then still add up to the mix.
    """
    level_lufs = integrated_loudness(mix, RATE)
    if finish in (Finish.CLEAN, Finish.OGG):
        level_db = min(CLEAN_LUFS - level_lufs, CEILING_DB - true_peak_db(mix))
        return np.full((1, mix.shape[1]), 10 ** (level_db / 20), np.float32)
    loud_db = 20 * np.log10(float(np.quantile(np.abs(mix), 0.95)) + 1e-9)
    gain = power_gain(mix, loud_db - recipe.glue_db, 2.0, 200.0)
    make_up_db = LOUD_LUFS + 3.0
    pushed = gain
    for _ in range(3):
        pushed = gain * np.float32(10 ** ((make_up_db - level_lufs) / 20))
        pushed = pushed * clipping_gain(mix * pushed, recipe.drive_db)
        pushed = pushed * limiting_gain(mix * pushed, CEILING_DB)
        make_up_db += LOUD_LUFS - integrated_loudness(mix * pushed, RATE)
    return np.asarray(pushed, np.float32)

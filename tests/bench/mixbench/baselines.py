"""What a suggestion must beat, and what the score must not fall for. None of these knows our console.

A baseline gives every track a gain and a place, and the sum perhaps a master; the tracks of an outcome went through the
master's equaliser as well, which is linear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft, rfft, rfftfreq

from mixer.arrays import F32, F64
from mixer.loudness import integrated_loudness
from mixer.roles import Group, Role
from tests.bench.mixbench.effects import Band, equalised, placed
from tests.bench.mixbench.listening import (
    FINE,
    HIGH_HZ,
    LOW_HZ,
    Outcome,
    Spectra,
    at_loudness,
    band_errors_db,
    band_powers,
)
from tests.bench.mixbench.places import RATE
from tests.bench.mixbench.score import PLAIN
from tests.bench.mixbench.songs import Multitrack

Baseline = Callable[[Multitrack, F32], Outcome]
"""From a song and the reference's audio ``[2, time]`` to a mix."""
EACH_LUFS = -28.0
MATCH_PASSES = 3
MOST_MATCH_DB = 24.0
_REACH = {Group.VOCALS: 0.0, Group.DRUMS: 0.3, Group.BASS: 0.0, Group.OTHER: 0.6}
_CENTRED = frozenset({Role.KICK, Role.SNARE, Role.DRUMS, Role.LEAD_VOCAL, Role.BASS})


@dataclass(frozen=True, slots=True)
class Preset:
    """A mix that somebody sells for every song: levels by group, and a tone."""

    name: str
    levels_lu: dict[Group, float]
    tone: tuple[Band, ...]


def _preset(name: str, vocals: float, drums: float, bass: float, other: float, *tone: Band) -> Preset:
    return Preset(name, dict(zip(Group, (vocals, drums, bass, other), strict=True)), tone)


PRESETS = (
    _preset("flat", 0, 0, 0, 0),
    _preset("pop", 4, 2, 0, -3, Band("high", 7000, 3)),
    _preset("rock", 1, 3, 0, 1, Band("low", 120, 2), Band("high", 6000, 2)),
    _preset("club", -2, 5, 4, -2, Band("low", 90, 5), Band("high", 8000, 2)),
    _preset("acoustic", 4, -4, -2, 2, Band("low", 150, -2)),
    _preset("warm", 1, -1, 2, 1, Band("low", 200, 3), Band("high", 4000, -4)),
)


def summed(song: Multitrack, tracks: F32) -> Outcome:
    """The outcome of tracks ``[tracks, 2, time]`` that are simply added."""
    return Outcome(tracks.sum(axis=0), tracks, {group: tracks[song.rows(group)].sum(axis=0) for group in song.groups})


def plain_sum(song: Multitrack, _reference: F32) -> Outcome:
    """All faders up."""
    return summed(song, song.stereo())


def equally_loud(song: Multitrack) -> F32:
    """All tracks at one loudness, ``[tracks, 2, time]``."""
    return np.stack([at_loudness(track, EACH_LUFS) for track in song.stereo()])


def equal_loudness(song: Multitrack, _reference: F32) -> Outcome:
    """Every track as loud as every other."""
    return summed(song, equally_loud(song))


def panned(song: Multitrack, tracks: F32) -> F32:
    """Mono tracks by role: the usual ones in the middle, the others to the left and right in turn."""
    sides, moved = 1.0, []
    for part, track in zip(song.parts, tracks, strict=True):
        reach = 0.0 if part.role in _CENTRED or part.audio.shape[0] == 2 else _REACH[part.role.group]
        if part.role == Role.BACKING_VOCAL:
            reach = 0.5
        moved.append(placed(track[:1], sides * reach, 1.0) * np.float32(np.sqrt(2)) if reach else track)
        sides = -sides if reach else sides
    return np.stack(moved)


def panned_equal_loudness(song: Multitrack, _reference: F32) -> Outcome:
    """Equally loud and panned by role."""
    return summed(song, panned(song, equally_loud(song)))


def master_only(song: Multitrack, reference: F32) -> Outcome:
    """The plain sum, its mid and side equalised to the reference's: what automatic mastering by reference does."""
    return summed(song, matched(song.stereo(), reference))


def nearest_preset(song: Multitrack, reference: F32) -> Outcome:
    """Of some presets the one whose tone comes nearest to the reference's."""
    tracks, level = panned(song, equally_loud(song)), integrated_loudness(reference, RATE)
    wanted = Spectra.of(reference)
    levels_lu = np.array([[preset.levels_lu[part.role.group] for part in song.parts] for preset in PRESETS])
    faders = (10 ** (levels_lu / 20)).astype(np.float32)  # [presets, tracks]

    def apart_db(index: int) -> float:
        mix = equalised(np.tensordot(faders[index], tracks, 1), PRESETS[index].tone)
        return sum(band_errors_db(Spectra.of(at_loudness(mix, level)), wanted))

    best = min(range(len(PRESETS)), key=apart_db)
    moved = [equalised(track * fader, PRESETS[best].tone) for track, fader in zip(tracks, faders[best], strict=True)]
    return summed(song, np.stack(moved))


def drums_alone(song: Multitrack, reference: F32) -> Outcome:
    """Adversary: everything but the drums muted, the master matched."""
    return summed(song, matched(_kept(song, {Group.DRUMS}), reference))


def drums_alone_wide(song: Multitrack, reference: F32) -> Outcome:
    """The same with a width that no track has."""
    return summed(song, matched(pseudo_stereo(_kept(song, {Group.DRUMS})), reference))


def vocals_muted(song: Multitrack, reference: F32) -> Outcome:
    """Adversary: the voices muted (where nobody sings, the bass), the master matched."""
    return summed(song, matched(_kept(song, _without_voice(song)), reference))


def vocals_muted_wide(song: Multitrack, reference: F32) -> Outcome:
    """The same with a width that no track has."""
    return summed(song, matched(pseudo_stereo(_kept(song, _without_voice(song))), reference))


def _without_voice(song: Multitrack) -> set[Group]:
    return set(song.groups) - {Group.VOCALS if Group.VOCALS in song.groups else Group.BASS}


def _kept(song: Multitrack, groups: set[Group]) -> F32:
    on = np.array([part.role.group in groups for part in song.parts], np.float32)
    return song.stereo() * on[:, None, None]


def pseudo_stereo(tracks: F32, delay_s: float = 0.012, depth: float = 0.7) -> F32:
    """A delayed copy, added on the left and subtracted on the right: wide, the same in mono (H. Lauridsen, 1954)."""
    late = round(delay_s * RATE)
    mono = tracks.mean(axis=1)
    copy = np.float32(depth) * np.pad(mono, ((0, 0), (late, 0)))[:, : mono.shape[1]]
    return np.stack([tracks[:, 0] + copy, tracks[:, 1] - copy], axis=1)


def matched(tracks: F32, reference: F32) -> F32:
    """Tracks through an equaliser for mid and one for side that give their sum the reference's bands and loudness."""
    mix = tracks.sum(axis=0)
    level = integrated_loudness(reference, RATE)
    wanted = _mid_side_db(reference)
    curve = np.zeros_like(wanted)  # [2, bands]
    for _ in range(MATCH_PASSES):
        now = _mid_side_db(at_loudness(_through(mix[None], curve)[0], level))
        curve = np.clip(curve + wanted - now, -MOST_MATCH_DB, MOST_MATCH_DB)
    gain_db = level - integrated_loudness(_through(mix[None], curve)[0], RATE)
    return _through(tracks, curve) * np.float32(10 ** (gain_db / 20))


def _mid_side_db(stereo: F32) -> F64:
    mid, side = (stereo[0] + stereo[1]) / 2, (stereo[0] - stereo[1]) / 2
    powers = band_powers(np.stack([mid, side]), *FINE).mean(axis=1)
    return np.asarray(10 * np.log10(powers + 1e-7 * powers.max()))


def _through(tracks: F32, curve_db: F64) -> F32:
    """``[tracks, 2, time]`` through the curves of mid and side ``[2, bands]``, without phase."""
    hz = rfftfreq(tracks.shape[-1], 1 / RATE)
    edges = np.log(np.geomspace(LOW_HZ, HIGH_HZ, curve_db.shape[1] + 1))
    centres = (edges[1:] + edges[:-1]) / 2
    curves = [np.interp(np.log(np.maximum(hz, 1.0)), centres, row) for row in curve_db]
    gains = np.float32(10) ** (np.array(curves, np.float32) / 20)  # [2, bins]
    changed = np.empty_like(tracks)
    for row, track in enumerate(tracks):
        if track.any():
            mid, side = rfft(track[0] + track[1]) / 2, rfft(track[0] - track[1]) / 2
            mid, side = mid * gains[0], side * gains[1]
            changed[row] = irfft(np.stack([mid + side, mid - side]), tracks.shape[-1])
        else:
            changed[row] = track
    return changed


BASELINES: dict[str, Baseline] = {
    PLAIN: plain_sum,
    "equal loudness": equal_loudness,
    "equal loudness, panned by role": panned_equal_loudness,
    "master EQ and level alone": master_only,
    "nearest preset": nearest_preset,
}
ADVERSARIES: dict[str, Baseline] = {
    "adversary: drums alone": drums_alone,
    "adversary: drums alone, widened": drums_alone_wide,
    "adversary: vocals muted": vocals_muted,
    "adversary: vocals muted, widened": vocals_muted_wide,
}

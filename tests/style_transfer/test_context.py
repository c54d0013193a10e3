"""Rough mixes, recalls, references with stems: what of them reaches the suggestion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.arrays import F32
from mixer.console import Settings, mix_array
from mixer.edits import apply
from mixer.errors import UsageError
from mixer.loudness import integrated_loudness
from mixer.processor import Aspect
from mixer.render import settings, sources
from mixer.roles import Group
from mixer.session import Edit, Session
from style_transfer.brief import Brief
from style_transfer.match import MOST_FALL_LU
from style_transfer.reference_file import ReferenceFile
from style_transfer.rough import RoughMix
from style_transfer.stems import ReferenceStems
from style_transfer.suggest import suggest
from style_transfer.suggestion import apply_suggestion
from tests.songs import write_reference, write_song

RATE = 44100
FADERS = {"kick": -6.0, "sn": 3.0, "hh": -9.0, "bass_di": -2.0, "gtr": -8.0, "pad": 4.0, "ldvox": 8.0}


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Path]:
    folder = tmp_path_factory.mktemp("song")
    return write_song(folder, seconds=8.0), folder


@pytest.fixture(scope="module")
def bounce(song: tuple[Session, Path]) -> Path:
    """A mix of the song with other faders, the guitar on the left, and the voice brighter."""
    session, folder = song
    edits = [Edit(address=f"{name}.fader.gain_db", before=None, after=gain) for name, gain in FADERS.items()]
    edits += [
        Edit(address="gtr.panner.pan", before=None, after=-0.7),
        Edit(address="ldvox.equalizer.high_gain_db", before=None, after=5.0),
    ]
    path = folder.parent / "bounce.wav"
    mix = mixed(apply(session, edits, "set", "a mix"), folder)
    audio.write(path, mix * np.float32(0.3), RATE, depth="float")
    return path


def mixed(session: Session, folder: Path) -> F32:
    return mix_array(sources(session, folder), settings(session), RATE)


def levels(session: Session, folder: Path) -> dict[str, float]:
    """Loudness of each track in the mix, behind the master's equaliser, against their mean."""
    console = settings(session)
    master = {"equalizer": console.master["equalizer"]}
    each = {
        source.key: integrated_loudness(mix_array([source], Settings(console.tracks, {}, master), RATE), RATE)
        for source in sources(session, folder)
    }
    middle = float(np.mean(list(each.values())))
    return {name: level - middle for name, level in each.items()}


@pytest.mark.slow
def test_a_rough_mix_keeps_its_balance_and_its_places(song: tuple[Session, Path], bounce: Path) -> None:
    session, folder = song
    wanted = levels(
        apply(
            session, [Edit(address=f"{n}.fader.gain_db", before=None, after=g) for n, g in FADERS.items()], "set", "x"
        ),
        folder,
    )
    reference = ReferenceFile(write_reference(folder.parent / "r.wav"))
    found = suggest(session, folder, Brief((reference,), RoughMix(bounce)))
    after = apply_suggestion(session, found)
    assert not found.recalled
    for name, level in levels(after, folder).items():
        assert level == pytest.approx(wanted[name], abs=1.5), name
    assert after.values("gtr")["panner"]["pan"] == pytest.approx(-0.7, abs=0.06)
    assert after.context.rough_mix is not None
    assert after.context.rough_mix.name == "bounce.wav"


@pytest.mark.slow
def test_an_aspect_of_a_rough_mix_can_be_given_up(song: tuple[Session, Path], bounce: Path) -> None:
    session, folder = song
    found = suggest(session, folder, Brief(rough_mix=RoughMix(bounce, frozenset({Aspect.LEVEL}))))
    pans = {change.target: change.after for change in found.changes if change.knob == "pan"}
    assert pans.get("gtr", 0.0) != pytest.approx(-0.7, abs=0.06)  # where practice puts it


@pytest.mark.slow
@pytest.mark.parametrize("fast", [False, True])
def test_a_mix_of_these_tracks_is_recalled(song: tuple[Session, Path], bounce: Path, fast: bool) -> None:
    session, folder = song
    found = suggest(session, folder, Brief((ReferenceFile(bounce),), fast=fast))
    assert found.recalled
    assert any("fast" in note for note in found.notes) == fast
    assert any("these very tracks" in note for note in found.notes)
    after = apply_suggestion(session, found)
    faders = {name: after.values(name)["fader"]["gain_db"] for name in FADERS}
    shift = float(np.mean([faders[name] - FADERS[name] for name in FADERS]))
    for name, gain in FADERS.items():
        assert faders[name] - shift == pytest.approx(gain, abs=1.5), name


def test_what_is_no_mix_of_the_tracks_is_no_rough_mix(song: tuple[Session, Path], tmp_path: Path) -> None:
    session, folder = song
    noise = 0.1 * np.random.default_rng(0).standard_normal((2, 8 * RATE)).astype(np.float32)
    audio.write(tmp_path / "noise.wav", noise, RATE)
    with pytest.raises(UsageError, match="not a mix of these tracks"):
        suggest(session, folder, Brief(rough_mix=RoughMix(tmp_path / "noise.wav")))
    with pytest.raises(UsageError, match="level and pan can be kept, not eq"):
        suggest(session, folder, Brief(rough_mix=RoughMix(tmp_path / "noise.wav", frozenset({Aspect.EQ}))))


@pytest.mark.slow
def test_groups_come_to_where_the_reference_has_them(song: tuple[Session, Path], tmp_path: Path) -> None:
    """True stems of another balance: every group that both have comes within half a LU, and no group is buried."""
    session, folder = song
    rng = np.random.default_rng(4)
    time = np.arange(8 * RATE) / RATE
    hits = np.exp(-(time % 0.5) / 0.05)
    stems = {
        Group.VOCALS: 0.12 * np.sin(2 * np.pi * 300 * time) * (1 + np.sin(2 * np.pi * 700 * time)),
        Group.DRUMS: 0.2 * rng.standard_normal(len(time)) * hits,
        Group.BASS: 0.25 * np.sin(2 * np.pi * 65 * time),
        Group.OTHER: 0.05 * rng.standard_normal(len(time)),
    }
    tracks = {group: np.stack([stem, stem]).astype(np.float32) for group, stem in stems.items()}
    for group, stem in tracks.items():
        audio.write(tmp_path / f"{group}.wav", stem, RATE, depth="float")
    audio.write(tmp_path / "other song.wav", np.sum(list(tracks.values()), axis=0), RATE, depth="float")
    handed = ReferenceStems({group: tmp_path / f"{group}.wav" for group in Group}, None)
    found = suggest(session, folder, Brief((ReferenceFile(tmp_path / "other song.wav", stems=handed),)))
    after = apply_suggestion(session, found)
    mine = group_levels(after, folder)
    wanted = {group: integrated_loudness(stem, RATE) for group, stem in tracks.items()}
    shift = float(np.mean([mine[group] - wanted[group] for group in Group]))
    for group in Group:
        assert mine[group] - wanted[group] - shift == pytest.approx(0, abs=0.7), group
    before = group_levels(session, folder)
    fallen = max(before[a] - before[b] - (mine[a] - mine[b]) for a in Group for b in Group)
    assert fallen < 2 * MOST_FALL_LU


def group_levels(session: Session, folder: Path) -> dict[Group, float]:
    console = settings(session)
    master = {"equalizer": console.master["equalizer"]}
    by_group = {
        group: [s for s, t in zip(sources(session, folder), session.tracks, strict=True) if t.role.group == group]
        for group in Group
    }
    return {
        group: integrated_loudness(mix_array(part, Settings(console.tracks, console.reverb, master), RATE), RATE)
        for group, part in by_group.items()
    }

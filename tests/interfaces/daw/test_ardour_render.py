"""Exported sessions, rendered by Ardour itself and subtracted from our own render."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from interfaces.daw.ardour import export_ardour, export_ardour_stock
from interfaces.daw.exporter import Exported, Exporter
from mixer import audio
from mixer.arrays import F32
from mixer.edits import apply
from mixer.progress import silent
from mixer.scan import scan
from mixer.session import Edit, Session
from tests.interfaces.daw.ardour_tool import ardour_difference_db, ardour_render, needs_ardour
from tests.interfaces.daw.sessions import everything_on, song, write_tracks
from tests.signals import SONGS, music

GOAL_DB = -100.0
"""Float32 between Ardour's processors leaves about -120 dB."""
LIMITED_DB = -80.0
"""The limiter turns rounding differences of peaks into gain for its whole window."""


@pytest.fixture(autouse=True)
def _ardour() -> None:
    needs_ardour()


def exported(session: Session, folder: Path, place: Path, exporter: Exporter = export_ardour) -> Exported:
    place.mkdir()
    return exporter(session, folder, place, silent)


def difference(session: Session, folder: Path, scratch: Path, exporter: Exporter = export_ardour) -> float:
    made = exported(session, folder, scratch / "project", exporter)
    return ardour_difference_db(session, folder, made, scratch)


def changed(session: Session, **edits: object) -> Session:
    """``target__flag`` or ``target__processor__knob`` to a value."""
    listed = [
        Edit.model_validate({"address": k.replace("__", "."), "before": None, "after": v}) for k, v in edits.items()
    ]
    return apply(session, listed, "set", "for a test")


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "seed"), [(44100, 3), (48000, 4), (96000, 5)])
def test_everything_on_without_limiter(tmp_path: Path, rate: int, seed: int) -> None:
    session = everything_on(song(tmp_path / "song", 2.0, rate), seed, limiter=False)
    assert difference(session, tmp_path / "song", tmp_path) < GOAL_DB


@pytest.mark.slow
def test_everything_on_with_limiter(tmp_path: Path) -> None:
    session = everything_on(song(tmp_path / "song", 2.0), 6)
    assert difference(session, tmp_path / "song", tmp_path) < LIMITED_DB


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rock", "country"])
def test_a_real_song(tmp_path: Path, name: str) -> None:
    if not (SONGS / name).is_dir():
        pytest.skip(f"the song {name!r} is not beside this checkout")
    shutil.copytree(SONGS / name, tmp_path / "song")
    session = everything_on(scan(tmp_path / "song").session, 7)
    assert difference(session, tmp_path / "song", tmp_path) < LIMITED_DB


@pytest.mark.slow
def test_the_demo_song(tmp_path: Path) -> None:
    bundled = files("interfaces") / "demo" / "song"
    if not bundled.is_dir():
        pytest.skip("the demo song is not bundled yet")
    (tmp_path / "song").mkdir()
    for stem in sorted(Path(str(bundled)).glob("*.ogg")):
        rate = audio.probe(stem).sample_rate
        excerpt, _ = audio.read(stem, start=12 * rate, frames=6 * rate)
        audio.write(tmp_path / "song" / f"{stem.stem}.wav", excerpt, rate, depth="float")
    session = everything_on(scan(tmp_path / "song").session, 8)
    assert difference(session, tmp_path / "song", tmp_path) < LIMITED_DB


@pytest.mark.slow
def test_stock_processors_come_close(tmp_path: Path) -> None:
    session = everything_on(song(tmp_path / "song", 2.0), 4, limiter=False)
    assert difference(session, tmp_path / "song", tmp_path, export_ardour_stock) < -35


@pytest.mark.slow
def test_ardours_equaliser_is_within_a_tenth_of_a_decibel(tmp_path: Path) -> None:
    """The spectrum of what it leaves of a click late in the song, against that of our own."""
    click = np.zeros((1, 88200), np.float32)
    click[0, 66150] = 0.5
    (tmp_path / "song").mkdir()
    session = Session(name="Click", sample_rate=44100, tracks=write_tracks(tmp_path / "song", {"Click": click}, 44100))
    bands = {
        "low_gain_db": 6.0,
        "peak1_gain_db": -8.0,
        "peak2_gain_db": 4.0,
        "peak3_gain_db": -5.0,
        "high_gain_db": 5.0,
    }
    session = changed(session, **{f"t1__equalizer__{knob}": value for knob, value in bands.items()})
    session = changed(session, t1__equalizer__peak3_q=4.0, t1__equalizer__low_hz=150.0, master__limiter__bypass=True)

    def spectrum(exporter: Exporter, name: str) -> F32:
        made = exported(session, tmp_path / "song", tmp_path / name, exporter)
        tail = ardour_render(made, 44100, tmp_path, 88200)[0, 66150:]
        return np.asarray(20 * np.log10(np.abs(np.fft.rfft(tail))), np.float32)

    apart = np.abs(spectrum(export_ardour_stock, "stock") - spectrum(export_ardour, "lua"))
    assert 0.001 < apart.max() < 0.1


@pytest.mark.slow
def test_ardours_compressor_is_ours(tmp_path: Path) -> None:
    session = song(tmp_path / "song", 1.5)
    for target in ("t1", "t3", "master"):
        knobs = {"threshold_db": -30.0, "ratio": 4.0, "knee_db": 12.0, "makeup_db": 3.0}
        session = changed(session, **{f"{target}__compressor__{knob}": value for knob, value in knobs.items()})
    assert difference(session, tmp_path / "song", tmp_path, export_ardour_stock) < GOAL_DB


@pytest.mark.slow
def test_mute_solo_bypass_and_loud_faders(tmp_path: Path) -> None:
    session = song(tmp_path / "song", 1.5)
    session = changed(session, t2__mute=True, t2__send__level_db=0.0, t1__solo=True, t3__solo=True, t3__panner__pan=0.4)
    session = changed(session, t1__fader__gain_db=14.0, t3__fader__gain_db=-60.0, t1__send__level_db=-6.0)
    session = changed(session, t1__equalizer__low_gain_db=9.0, t1__equalizer__bypass=True, master__fader__gain_db=9.0)
    session = changed(session, master__limiter__active=1.0, master__limiter__bypass=True, t4__send__level_db=3.0)
    assert difference(session, tmp_path / "song", tmp_path) < GOAL_DB


@pytest.mark.slow
def test_a_bypassed_reverb_is_silent(tmp_path: Path) -> None:
    session = changed(song(tmp_path / "song", 1.0), t1__send__level_db=0.0, reverb__reverb__bypass=True)
    assert difference(session, tmp_path / "song", tmp_path) < GOAL_DB


@pytest.mark.slow
def test_names_that_programs_stumble_over(tmp_path: Path) -> None:
    names = [
        'Gtr "L/R" <&>',
        "гитара: 🎸",
        "קול ראשי",
        "x" * 200,
        "Snare",
        "snare",
        "Master",
        "Click",
        "a\tb'c",
        "%s\\n",
    ]
    sounds = {f"{index}": 0.1 * music(1.0, 1 + index % 2, index) for index in range(len(names))}
    (tmp_path / "song").mkdir()
    tracks = write_tracks(tmp_path / "song", sounds, 48000)  # resampled on the way
    tracks = [track.model_copy(update={"name": name}) for track, name in zip(tracks, names, strict=True)]
    session = Session(name='Tune: "50/50" 🎶', sample_rate=44100, tracks=tracks)
    session = changed(session, t1__send__level_db=-6.0, t4__panner__pan=-0.5)
    assert difference(session, tmp_path / "song", tmp_path) < GOAL_DB


@pytest.mark.slow
def test_a_project_can_be_moved_and_renamed(tmp_path: Path) -> None:
    session = changed(song(tmp_path / "song", 1.0), t1__send__level_db=0.0)
    made = exported(session, tmp_path / "song", tmp_path / "project")
    moved = made.folder.rename(tmp_path / "elsewhere, with spaces")
    shutil.move(tmp_path / "song", tmp_path / "song moved")
    made = replace(made, folder=moved, project=moved / made.project.name)
    assert ardour_difference_db(session, tmp_path / "song moved", made, tmp_path) < GOAL_DB


@pytest.mark.slow
def test_sixty_four_tracks(tmp_path: Path) -> None:
    (tmp_path / "song").mkdir()
    sounds = {f"Track {index}": 0.02 * music(0.5, 1 + index % 2, index) for index in range(64)}
    tracks = write_tracks(tmp_path / "song", sounds, 44100)
    session = Session(name="Big", sample_rate=44100, tracks=tracks)
    session = changed(session, **{f"t{n}__panner__pan": n / 32 - 1 for n in range(1, 65)})
    assert difference(session, tmp_path / "song", tmp_path) < GOAL_DB
    assert audio.probe(tmp_path / "check" / "ardour.wav").channels == 2

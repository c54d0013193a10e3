"""REAPER projects: read back by an independent parser, and played by a small stand-in for REAPER."""

from __future__ import annotations

import math
import re
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from interfaces.daw.exporter import Exported
from interfaces.daw.marks import guid
from interfaces.daw.reaper import export_reaper
from interfaces.daw.reaper_law import gain_and_pan, volume_and_pan
from interfaces.daw.registry import kinds
from interfaces.dsp.effects import effect_knobs
from mixer import audio
from mixer.arrays import F32
from mixer.console import mix_array
from mixer.edits import apply
from mixer.knobs import target_chain
from mixer.progress import silent
from mixer.render import settings, sources
from mixer.scan import scan
from mixer.session import Edit, Session
from tests.interfaces.daw.reaper_tool import effects, play, project, word
from tests.interfaces.daw.sessions import everything_on, song
from tests.sessions import make_track
from tests.signals import difference_db, music, real_music

NULL_DB = -100.0
"""Ours sums in float32; the stand-in for REAPER in float64, as REAPER does."""


def exported(session: Session, folder: Path, to: Path) -> Exported:
    to.mkdir()
    return export_reaper(session, folder, to, silent)


def ours(session: Session, folder: Path) -> F32:
    return mix_array(sources(session, folder), settings(session), session.sample_rate)


def moved(session: Session, **changes: float | bool | str) -> Session:
    edits = [Edit(address=address.replace("__", "."), before=None, after=value) for address, value in changes.items()]
    return apply(session, edits, "set", "by hand")


def null_db(result: Exported, wanted: F32, rate: int = 44100) -> float:
    return difference_db(play(result.project, wanted.shape[1] / rate), wanted)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Path, Exported]:
    """A short song with everything on, and its project."""
    folder = tmp_path_factory.mktemp("song")
    session = moved(everything_on(song(folder, 1.2), 5), reverb__reverb__decay_s=0.3)
    return session, folder, exported(session, folder, folder / "out")


def test_the_project_sounds_as_the_console_does(full: tuple[Session, Path, Exported]) -> None:
    session, folder, result = full
    wanted = ours(session, folder)
    assert null_db(result, wanted) < NULL_DB


@pytest.mark.slow
def test_real_music_sounds_as_the_console_does(tmp_path: Path) -> None:
    for index, sound in enumerate(real_music("country", 3.0)):
        audio.write(tmp_path / f"{index}.wav", sound, 44100, depth="float")
    session = everything_on(scan(tmp_path).session, 3)
    result = exported(session, tmp_path, tmp_path / "out")
    assert null_db(result, ours(session, tmp_path)) < NULL_DB


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["reaper", "dawproject"])
def test_sixteen_tracks_of_four_minutes_take_two_seconds_beyond_copying(kind: str, tmp_path: Path) -> None:
    """Without a reverb to print. Both are the best of three: what else the machine does is not measured."""
    audio.write(tmp_path / "a.wav", np.tile(music(10.0, 1, seed=1), 24), 44100)
    frames = 240 * 44100
    tracks = [make_track(f"t{index}", path="a.wav", frames=frames) for index in range(16)]
    session = Session(name="long", sample_rate=44100, tracks=tracks)
    copying, exporting = math.inf, math.inf
    for _ in range(3):
        start = time.perf_counter()
        for track in session.tracks:
            shutil.copyfile(tmp_path / track.path, tmp_path / f"{track.id}.copy")
        copying = min(copying, time.perf_counter() - start)
        (tmp_path / "out").mkdir()
        start = time.perf_counter()
        kinds()[kind].exporter(session, tmp_path, tmp_path / "out", silent)
        exporting = min(exporting, time.perf_counter() - start)
        shutil.rmtree(tmp_path / "out")
    assert exporting < copying + 2


@pytest.mark.parametrize(
    ("what", "pattern", "factor"),
    [
        ("a fader off by a tenth of a decibel", r"(VOLPAN )(\S+)", 10 ** (0.1 / 20)),
        ("left and right swapped", r"(VOLPAN \S+ )(\S+)", -1.0),
        ("a Q off by one hundredth", r"(equalizer.jsfx \"\"\n\s+(?:\S+ ){5})(\S+)", 1.01),
        ("a send off by a tenth of a decibel", r"(AUXRECV 0 0 )(\S+)", 10 ** (0.1 / 20)),
    ],
)
def test_the_comparison_notices(full: tuple[Session, Path, Exported], what: str, pattern: str, factor: float) -> None:
    """The null test bites: each small change of the file alone is heard."""
    session, folder, result = full
    text = result.project.read_text(encoding="utf-8")
    mutated, count = re.subn(pattern, lambda match: match[1] + str(float(match[2]) * factor), text, count=1)
    assert count == 1
    assert mutated != text
    other = result.folder / "mutated.rpp"
    other.write_text(mutated, encoding="utf-8")
    wanted = ours(session, folder)
    assert difference_db(play(other, wanted.shape[1] / 44100), wanted) > NULL_DB + 20, what


def test_every_value_is_in_the_file(full: tuple[Session, Path, Exported]) -> None:
    session, _, result = full
    tree = project(result.project)
    owners = {str(track.attrib[0]): track for track in tree.findall("TRACK")}
    for target in session.targets:
        owner, tag = (tree, "MASTERFXLIST") if target == "master" else (owners[guid(target)], "FXCHAIN")
        for file, values, _ in effects(owner, tag):
            processor = re.split(r"[/_.]", file)[1]
            for number, knob in enumerate(effect_knobs(processor), 1):
                assert values[number] == session.knob(f"{target}.{processor}.{knob.param.name}").value
    for track in session.tracks:
        volume, pan, *_ = (float(value) for value in word(owners[guid(track.id)], "VOLPAN"))
        gain_db, back = gain_and_pan(volume, pan, track.channels)
        assert gain_db == pytest.approx(session.knob(f"{track.id}.fader.gain_db").value, abs=1e-10)
        assert back == pytest.approx(session.knob(f"{track.id}.panner.pan").value, abs=1e-10)


def test_every_knob_has_its_row(full: tuple[Session, Path, Exported]) -> None:
    session, _, result = full
    rows = {(row.target, row.what): row for row in result.rows}
    for target in session.targets:
        for name, entry in target_chain(target).items():
            assert {(target, f"{name}.{param.name}") for param in entry.params} <= rows.keys()
    inexact = [row for row in result.rows if row.status != "exact"]
    assert {(row.what, row.note) for row in inexact} == {("panner.width", "a mono track has no width")}


@pytest.mark.parametrize("channels", [1, 2])
def test_the_pan_law_has_its_inverse(channels: int) -> None:
    for gain_db, pan in [(-60.0, 0.3), (-12.5, -1.0), (0.0, 0.0), (6.0, 0.7), (-3.0, 1.0)]:
        back = gain_and_pan(*volume_and_pan(gain_db, pan, channels), channels)
        assert back[0] == pytest.approx(gain_db, abs=1e-9)
        if gain_db > -60:
            assert back[1] == pytest.approx(pan, abs=1e-12)


def test_muted_soloed_and_bypassed(tmp_path: Path) -> None:
    session = moved(
        everything_on(song(tmp_path, 0.8), 7),
        **{"t1.mute": True, "t2.solo": True, "t3.solo": True, "t2.equalizer.bypass": True, "t3.fader.bypass": True},
        **{
            "t3.panner.bypass": True,
            "master.compressor.bypass": True,
            "t2.send.bypass": True,
            "reverb__reverb__decay_s": 0.2,
        },
    )
    result = exported(session, tmp_path, tmp_path / "out")
    assert null_db(result, ours(session, tmp_path)) < NULL_DB
    left = {(row.target, row.what) for row in result.rows if row.status != "exact" and "bypassed" in row.note}
    assert left == {("t3", "fader.gain_db"), ("t3", "panner.pan")}


def test_a_bypassed_reverb_is_silent(tmp_path: Path) -> None:
    session = moved(everything_on(song(tmp_path, 0.8), 8), **{"reverb.reverb.bypass": True})
    result = exported(session, tmp_path, tmp_path / "out")
    assert null_db(result, ours(session, tmp_path)) < NULL_DB


def test_without_sends_there_is_no_reverb(tmp_path: Path) -> None:
    session = song(tmp_path, 0.8)
    result = exported(session, tmp_path, tmp_path / "out")
    assert len(project(result.project).findall("TRACK")) == len(session.tracks)
    assert not list((tmp_path / "out" / "Effects").rglob("*reverb*"))
    assert null_db(result, ours(session, tmp_path)) < NULL_DB


@pytest.mark.parametrize("rate", [48000, 96000])
def test_other_sample_rates(tmp_path: Path, rate: int) -> None:
    session = moved(everything_on(song(tmp_path, 0.8, rate), 9), reverb__reverb__decay_s=0.2)
    result = exported(session, tmp_path, tmp_path / "out")
    assert null_db(result, ours(session, tmp_path), rate) < NULL_DB


def test_names_of_every_kind_come_through(tmp_path: Path) -> None:
    names = [
        'Kick "in"',
        "D'Arcy's `amp`",
        "both ' and \"",
        "AC/DC \\ <b>",
        "🎸 solo",
        "طبل כלי",
        "x" * 200,
        "Gtr",
        "Gtr",
        "<",
        "|",
    ]
    song(tmp_path, 0.8)
    tracks = [make_track(f"n{index}", name, path="1.wav", frames=100 + index) for index, name in enumerate(names)]
    result = exported(Session(name='a/b "c"', sample_rate=44100, tracks=tracks), tmp_path, tmp_path / "out")
    read = [word(track, "NAME")[0] for track in project(result.project).findall("TRACK")]
    assert read == names
    assert result.project.parent == tmp_path / "out"


def test_paths_are_relative_and_sixty_four_tracks_stand_side_by_side(tmp_path: Path) -> None:
    song(tmp_path, 0.8)
    tracks = [make_track(f"t{index}", path="1.wav", frames=100) for index in range(64)]
    session = Session(name="many", sample_rate=44100, tracks=tracks)
    for name in ("one", "two"):
        result = exported(session, tmp_path, tmp_path / name)
        files = [str(source.find("FILE")[1]) for source in project(result.project).findall(".//SOURCE")]
        assert len(set(files)) == 64
        assert all((result.folder / file).is_file() and not Path(file).is_absolute() for file in files)
        assert str(tmp_path) not in result.project.read_text(encoding="utf-8")
    same = [(tmp_path / name / "many.rpp").read_bytes() for name in ("one", "two")]
    assert same[0] == same[1]


def test_a_reverb_too_long_for_the_effect_is_said_to_be_cut(
    full: tuple[Session, Path, Exported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, folder, whole = full

    def decay(result: Exported) -> str:
        return next(row.status for row in result.rows if (row.target, row.what) == ("reverb", "reverb.decay_s"))

    monkeypatch.setattr("interfaces.daw.reaper._LONGEST_NOISE", 1000)
    assert decay(whole) == "exact"
    assert decay(exported(session, folder, tmp_path / "cut")) == "approximate"

"""What an exported Ardour session says, read without Ardour."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
from torch import Tensor

from interfaces.daw.ardour import export_ardour, export_ardour_stock
from interfaces.daw.ardour_law import bandwidth_octaves, placed, read_back
from interfaces.daw.ardour_strip import NAMES
from interfaces.daw.exporter import Carried, Exported, Exporter
from mixer import audio, processor
from mixer.edits import apply
from mixer.param import Param
from mixer.progress import silent
from mixer.session import Edit, Session
from tests.interfaces.daw.sessions import everything_on, song, write_tracks
from tests.signals import music


def exported(session: Session, folder: Path, exporter: Exporter = export_ardour) -> tuple[Exported, Element]:
    place = folder / "project"
    place.mkdir()
    made = exporter(session, folder / "song", place, silent)
    return made, ElementTree.parse(made.project).getroot()


def changed(session: Session, **edits: object) -> Session:
    listed = [
        Edit.model_validate({"address": k.replace("__", "."), "before": None, "after": v}) for k, v in edits.items()
    ]
    return apply(session, listed, "set", "for a test")


def route(root: Element, name: str) -> Element:
    return next(found for found in root.iter("Route") if found.get("name") == name)


def plugin(owner: Element, name: str) -> Element:
    return next(found for found in owner.findall("Processor") if found.get("name") == name)


def rows_of(made: Exported, what: str) -> list[Carried]:
    return [row for row in made.rows if row.what.startswith(what)]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("scripted", [True, False])
@pytest.mark.parametrize("pan", [-1.0, -0.35, 0.0, 0.8, 1.0])
@pytest.mark.parametrize("gain_db", [-59.0, -6.5, 0.0, 23.0])
def test_fader_and_pan_come_back(channels: int, scripted: bool, pan: float, gain_db: float) -> None:
    place = placed(gain_db, pan, channels, scripted=scripted)
    assert 0 <= place.fader <= 2
    back = read_back(place.fader, place.azimuth, place.trim_db, channels, scripted=scripted)
    assert back == pytest.approx((gain_db, pan), abs=1e-9)


def test_a_fader_at_its_end_is_silence() -> None:
    assert placed(-60.0, 0.3, 1).fader == 0
    assert read_back(0.0, 0.5, 0.0, 1)[0] == -60


def test_bandwidth_of_a_peak() -> None:
    """Audio EQ Cookbook: 1 / Q = 2 sinh(ln 2 / 2 bandwidth), leaving the warping out."""
    assert bandwidth_octaves(2**0.5) == pytest.approx(1.0, abs=1e-12)


def test_every_knob_and_track_has_its_row_and_nothing_is_lost(tmp_path: Path) -> None:
    session = everything_on(song(tmp_path / "song", 0.5), 1)
    made, _ = exported(session, tmp_path)
    for target in session.targets:
        for name, knobs in session.values(target).items():
            wanted = {f"{name}.{knob}" for knob in knobs}
            assert wanted <= {row.what for row in made.rows if row.target == target}
    assert {row.status for row in made.rows} == {"exact"}


def test_paths_are_relative_and_ids_unique(tmp_path: Path) -> None:
    made, root = exported(everything_on(song(tmp_path / "song", 0.5), 1), tmp_path)
    text = made.project.read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    sources = [source.get("name", "") for source in root.iter("Source")]
    assert all(
        "/" not in name and (made.folder / "interchange/faderwise/audiofiles" / name).is_file() for name in sources
    )
    ids = [owner.get("id") for owner in root.iter() if owner.get("id") and owner.tag != "Port"]
    assert len(ids) == len(set(ids))


def test_audio_arrives_at_the_sessions_rate_and_is_never_the_users_own_file(tmp_path: Path) -> None:
    (tmp_path / "song").mkdir()
    tracks = write_tracks(tmp_path / "song", {"Ours": music(0.5, 2)}, 44100)
    tracks += [track.model_copy(update={"id": "x", "name": "X"}) for track in tracks]
    session = Session(name="Rates", sample_rate=48000, tracks=tracks)
    made, _ = exported(session, tmp_path)
    for file in (made.folder / "interchange/faderwise/audiofiles").iterdir():
        info = audio.probe(file)
        assert (info.sample_rate, info.frames, info.channels) == (48000, 24000, 2)
        assert file.stat().st_nlink == 1


def test_no_send_no_bus(tmp_path: Path) -> None:
    made, root = exported(song(tmp_path / "song", 0.3), tmp_path)
    assert [found.get("name") for found in root.iter("Route")] == ["Master", "Kick", "Lead Vox", "Keys", "Gtr"]
    assert not (made.folder / "externals/reverb.wav").exists()
    assert {row.status for row in rows_of(made, "reverb.")} == {"not carried"}


def test_bypass_mute_solo_and_colour(tmp_path: Path) -> None:
    session = changed(song(tmp_path / "song", 0.3), t1__equalizer__low_gain_db=5.0, t1__equalizer__bypass=True)
    session = changed(session, t2__mute=True, t3__solo=True, t4__fader__bypass=True, t1__role="lead_vocal")
    made, root = exported(session, tmp_path)
    assert plugin(route(root, "Kick"), NAMES["equalizer"]).get("active") == "0"
    muted = route(root, "Lead Vox").find("MuteMaster")
    assert muted is not None
    assert muted.get("muted") == "1"
    solo = [found for found in route(root, "Keys").findall("Controllable") if found.get("name") == "solo"]
    assert [found.get("self-solo") for found in solo] == ["1"]
    shown = route(root, "Kick").find("PresentationInfo")
    assert shown is not None
    assert int(shown.get("color", "0")) == 0xE8543FFF
    assert [row.status for row in made.rows if row.target == "t4" and row.what == "fader.gain_db"] == ["not carried"]


def test_stock_falls_back_where_a_knob_is_beyond_ardours(tmp_path: Path) -> None:
    session = changed(song(tmp_path / "song", 0.3), t1__compressor__attack_ms=200.0, t1__compressor__ratio=2.0)
    session = changed(session, t2__equalizer__peak1_gain_db=3.0, t2__equalizer__peak1_q=0.1)
    made, root = exported(session, tmp_path, export_ardour_stock)
    assert plugin(route(root, "Kick"), NAMES["compressor"]).get("type") == "luaproc"
    assert plugin(route(root, "Kick"), "ACE EQ").get("type") == "lv2"
    assert plugin(route(root, "Lead Vox"), NAMES["equalizer"]).get("type") == "luaproc"
    notes = {(row.target, row.what): row.note for row in made.rows}
    assert "attack_ms" in notes["t1", "compressor.ratio"]
    assert "octaves" in notes["t2", "equalizer.peak1_q"]


@pytest.fixture
def exciter() -> Iterator[None]:
    """A processor that no exporter has heard of, for as long as a test runs."""

    @processor.processor(Param("drive_db", "dB", 0.0, 24.0, 0.0, "linear", "How hot."), aspect="eq", strip=25)
    def exciter(x: Tensor, sample_rate: int, *, drive_db: Tensor) -> Tensor:
        """Does nothing."""
        del sample_rate, drive_db
        return x

    assert exciter.name in processor.processors()
    yield
    del processor._REGISTRY["exciter"]


@pytest.mark.usefixtures("exciter")
def test_a_processor_without_mapping_is_reported(tmp_path: Path) -> None:
    made, _ = exported(song(tmp_path / "song", 0.3), tmp_path)
    found = rows_of(made, "exciter.")
    assert [(row.what, row.status) for row in found] == [("exciter.drive_db", "not carried")] * 4


def test_names(tmp_path: Path) -> None:
    session = song(tmp_path / "song", 0.3)
    session = changed(session, t1__name="Same", t2__name="same", t3__name="Master", t4__name="A/B" + "é" * 200)
    made, root = exported(session, tmp_path)
    names = [found.get("name", "") for found in root.iter("Route")]
    assert names[:4] == ["Master", "Same", "same 2", "Master 2"]
    assert names[4].startswith("A-Bé")
    assert len(names[4].encode()) <= 120
    assert [row.status for row in rows_of(made, "name")] == ["exact", "approximate", "approximate", "approximate"]


@pytest.mark.slow
def test_sixteen_tracks_of_four_minutes_are_quick(tmp_path: Path) -> None:
    """The goal is 2 s beyond copying; twice that here, for machines that do other things meanwhile."""
    (tmp_path / "song").mkdir()
    (track,) = write_tracks(tmp_path / "song", {"Long": music(240.0, 1)}, 44100)
    tracks = [track.model_copy(update={"id": f"t{n}", "name": f"Track {n}"}) for n in range(16)]
    session = everything_on(Session(name="Long", sample_rate=44100, tracks=tracks), 2)
    begun = time.perf_counter()
    content = (tmp_path / "song" / track.path).read_bytes()
    for n in range(16):
        (tmp_path / f"copy{n}").write_bytes(content)
    copying = time.perf_counter() - begun
    begun = time.perf_counter()
    exported(session, tmp_path)
    assert time.perf_counter() - begun - copying < 4

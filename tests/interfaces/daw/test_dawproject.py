"""DAWproject archives: valid, every number in its place, the printed reverb what the console returns."""

from __future__ import annotations

import copy
import io
import math
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from lxml import etree

from interfaces.daw.dawproject import PRINTED, export_dawproject, strip_id
from interfaces.daw.dawproject_xml import channel_id, hertz, percent_of_ratio, ratio_of_percent, semitones
from interfaces.daw.exporter import Exported
from mixer.console import Settings, mix_array
from mixer.edits import apply
from mixer.knobs import target_chain
from mixer.progress import silent
from mixer.render import settings, sources
from mixer.session import Edit, Session
from tests.interfaces.daw.sessions import everything_on, song
from tests.sessions import make_track
from tests.signals import difference_db

SCHEMAS = Path(__file__).resolve().parents[4] / "shared" / "schemas"
Element = Any


def schema(name: str) -> Path:
    if not (SCHEMAS / name).is_file():
        pytest.skip(f"the schema {name} is not beside this checkout")
    return SCHEMAS / name


def is_valid(text: bytes, name: str = "Project.xsd") -> bool:
    """By both validators: only the second notices a reference to nothing, and it takes its time."""
    import xmlschema

    first = etree.XMLSchema(etree.parse(schema(name))).validate(etree.fromstring(text))
    return bool(first and xmlschema.XMLSchema(schema(name)).is_valid(text.decode()))


def exported(session: Session, folder: Path, to: Path) -> Exported:
    to.mkdir()
    return export_dawproject(session, folder, to, silent)


def read(result: Exported, name: str = "project.xml") -> bytes:
    with zipfile.ZipFile(result.project) as archive:
        return archive.read(name)


def set_by_hand(session: Session, **changes: object) -> Session:
    edits = [Edit.model_validate({"address": a, "before": None, "after": v}) for a, v in changes.items()]
    return apply(session, edits, "set", "by hand")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Path, Exported]:
    folder = tmp_path_factory.mktemp("song")
    session = set_by_hand(
        everything_on(song(folder, 1.0), 5),
        **{"reverb.reverb.decay_s": 0.3, "t2.compressor.bypass": True, "t3.send.bypass": True, "t1.mute": True},
    )
    return session, folder, exported(session, folder, folder / "out")


def channels(tree: Element) -> dict[str, Element]:
    return {channel.get("id"): channel for channel in tree.iter("Channel")}


def value(owner: Element, path: str) -> float:
    found = owner.find(path)
    assert found is not None, path
    return float(found.get("value"))


def test_both_documents_are_valid(full: tuple[Session, Path, Exported]) -> None:
    assert is_valid(read(full[2]))
    assert is_valid(read(full[2], "metadata.xml"), "MetaData.xsd")


def rename_band(tree: Element) -> None:
    tree.find(".//Band").set("type", "peak")


def volume_first(tree: Element) -> None:
    channel = tree.find(".//Channel")
    channel.insert(0, channel.find("Volume"))


def send_nowhere(tree: Element) -> None:
    tree.find(".//Send").set("destination", "nothing-is-called-that")


def two_of_one_id(tree: Element) -> None:
    first, second, *_ = tree.iter("Track")
    second.set("id", first.get("id"))


@pytest.mark.parametrize("spoil", [rename_band, volume_first, send_nowhere, two_of_one_id])
def test_the_validators_notice(full: tuple[Session, Path, Exported], spoil: Callable[[Element], None]) -> None:
    tree = copy.deepcopy(etree.fromstring(read(full[2])))
    spoil(tree)
    assert not is_valid(etree.tostring(tree))


def test_levels_pans_sends_and_flags_are_in_the_file(full: tuple[Session, Path, Exported]) -> None:
    session, _, result = full
    found = channels(etree.fromstring(read(result)))
    for track in session.tracks:
        channel = found[channel_id(strip_id(track.id))]
        assert 20 * math.log10(value(channel, "Volume")) == pytest.approx(
            session.knob(f"{track.id}.fader.gain_db").value, abs=1e-9
        )
        assert 2 * value(channel, "Pan") - 1 == pytest.approx(session.knob(f"{track.id}.panner.pan").value, abs=1e-12)
        send = channel.find("Sends/Send")
        level_db = session.knob(f"{track.id}.send.level_db").value
        assert 20 * math.log10(value(send, "Volume")) == pytest.approx(level_db, abs=1e-9)
        assert (send.get("type"), send.get("destination")) == ("post", channel_id(strip_id("reverb")))
        assert send.find("Enable").get("value") == ("false" if track.id == "t3" else "true")
        assert channel.find("Mute").get("value") == ("true" if track.mute else "false")
        assert channel.get("destination") == channel_id(strip_id("master"))
        assert channel.get("audioChannels") == str(track.channels)


@pytest.mark.parametrize("target", ["t1", "t2", "t3", "master"])
def test_devices_hold_every_number(full: tuple[Session, Path, Exported], target: str) -> None:
    session, _, result = full
    devices = channels(etree.fromstring(read(result)))[channel_id(strip_id(target))].find("Devices")
    of = {name: session.values(target).get(name) for name in target_chain(target)}
    bands = list(devices.iter("Band"))
    equalizer = of["equalizer"]
    assert equalizer is not None
    kinds = ["highPass", "lowShelf", "bell", "bell", "bell", "bell", "highShelf"]
    assert [band.get("type") for band in bands] == kinds
    names = ["highpass", "low", "peak1", "peak2", "peak3", "peak4", "high"]
    for name, band in zip(names, bands, strict=True):
        assert hertz(value(band, "Freq")) == pytest.approx(equalizer[f"{name}_hz"], rel=1e-12)
        assert value(band, "Q") == pytest.approx(equalizer.get(f"{name}_q", math.sqrt(0.5)), rel=1e-12)
        if name != "highpass":
            assert value(band, "Gain") == equalizer[f"{name}_gain_db"]
    compressor = devices.find("Compressor")
    if target == "t2":
        assert compressor.find("Enabled").get("value") == "false"
    else:
        given = of["compressor"]
        assert given is not None
        assert ratio_of_percent(value(compressor, "Ratio")) == pytest.approx(given["ratio"], rel=1e-12)
        assert 1000 * value(compressor, "Attack") == pytest.approx(given["attack_ms"], rel=1e-12)
        assert 1000 * value(compressor, "Release") == pytest.approx(given["release_ms"], rel=1e-12)
        assert value(compressor, "Threshold") == given["threshold_db"]
        assert value(compressor, "OutputGain") == given["makeup_db"]


def test_the_master_s_fader_stands_before_the_limiter(full: tuple[Session, Path, Exported], tmp_path: Path) -> None:
    session, folder, result = full
    master = channels(etree.fromstring(read(result)))[channel_id(strip_id("master"))]
    gain_db = session.knob("master.fader.gain_db").value
    assert value(master, "Devices/Limiter/InputGain") == gain_db
    assert value(master, "Devices/Limiter/Threshold") == session.knob("master.limiter.ceiling_db").value
    assert value(master, "Volume") == 1
    without = exported(set_by_hand(session, **{"master.limiter.active": 0.0}), folder, tmp_path / "out")
    master = channels(etree.fromstring(read(without)))[channel_id(strip_id("master"))]
    assert value(master, "Volume") == pytest.approx(10 ** (gain_db / 20))
    assert value(master, "Devices/Limiter/InputGain") == 0
    assert master.find("Devices/Limiter/Enabled").get("value") == "false"


def test_the_printed_reverb_is_the_console_s(full: tuple[Session, Path, Exported]) -> None:
    """What the whole console gives, less what it gives with its sends off: the reverb's return."""
    session, folder, result = full
    with zipfile.ZipFile(result.project) as archive:
        printed, _ = soundfile.read(io.BytesIO(archive.read("audio/reverb.wav")), dtype="float64", always_2d=True)
    given = settings(session)
    wet = mix_array(sources(session, folder), Settings(given.tracks, given.reverb, {}), 44100).astype(np.float64)
    no_sends = {key: {n: k for n, k in values.items() if n != "send"} for key, values in given.tracks.items()}
    dry = mix_array(sources(session, folder), Settings(no_sends, given.reverb, {}), 44100).astype(np.float64)
    assert printed.shape == wet.T.shape
    returned = wet[:, : dry.shape[1]] - dry  # after that the strips ring out in the wet mix alone
    assert difference_db(printed.T[:, : dry.shape[1]], returned) < -110  # both mixes are rounded to float32


def test_the_audio_inside_is_the_tracks_own(full: tuple[Session, Path, Exported]) -> None:
    session, folder, result = full
    tree = etree.fromstring(read(result))
    files = [file.get("path") for file in tree.iter("File")]
    with zipfile.ZipFile(result.project) as archive:
        assert sorted(archive.namelist()) == sorted([*files, "project.xml", "metadata.xml"])
        for track, file in zip(session.tracks, files, strict=False):
            assert archive.read(file) == (folder / track.path).read_bytes()
    assert not [path for path in result.folder.iterdir() if path != result.project]


def test_what_the_format_lacks_is_said(full: tuple[Session, Path, Exported]) -> None:
    session, _, result = full
    rows = {(row.target, row.what): row.status for row in result.rows}
    expected = {(t, f"{n}.{p.name}") for t in session.targets for n, e in target_chain(t).items() for p in e.params}
    assert expected <= rows.keys()
    lost = {what for (target, what), status in rows.items() if status == "not carried"}
    assert lost == {
        "compressor.knee_db",
        "panner.width",
        *(f"reverb.{p.name}" for p in target_chain("reverb")["reverb"].params),
    }
    assert rows["t2", "fader.gain_db"] == "exact"
    assert rows["t2", "equalizer.peak1_q"] == "approximate"


def test_no_reverb_no_print(tmp_path: Path) -> None:
    result = exported(song(tmp_path, 0.8), tmp_path, tmp_path / "out")
    names = [track.get("name") for track in etree.fromstring(read(result)).iter("Track")]
    assert names == ["Kick", "Lead Vox", "Keys", "Gtr", "Master"]
    assert PRINTED not in names
    assert all(row.status == "exact" for row in result.rows if row.what.startswith(("send", "fader", "equalizer")))


def test_names_of_every_kind_and_many_tracks(tmp_path: Path) -> None:
    song(tmp_path, 0.8)
    names = ['Kick "in" & <b>', "\x00\x1f", "🎸👩‍🎤", "טרק\u200f", "x" * 200, "Gtr", "Gtr", "a\ud800b", "c\uffffd"]
    names += [f"T{index}" for index in range(64 - len(names))]
    tracks = [make_track(f"n{i}", name, path="1.wav", frames=10) for i, name in enumerate(names)]
    session = Session(name="/..\\", sample_rate=48000, tracks=tracks)
    result = exported(session, tmp_path, tmp_path / "out")
    assert is_valid(read(result))
    read_names = [track.get("name") for track in etree.fromstring(read(result)).iter("Track")]
    assert read_names[:9] == ['Kick "in" & <b>', "Track", "🎸👩‍🎤", "טרק\u200f", "x" * 200, "Gtr", "Gtr", "a b", "c d"]
    assert (tmp_path / "out" / result.project.name).is_file()
    assert {row.note for row in result.rows if row.what == "audio"} == {"converted to 48000 Hz in the archive/"}


def test_the_same_session_gives_the_same_bytes(full: tuple[Session, Path, Exported], tmp_path: Path) -> None:
    session, folder, result = full
    assert exported(session, folder, tmp_path / "again").project.read_bytes() == result.project.read_bytes()


def test_conventions() -> None:
    assert (semitones(440.0), semitones(220.0)) == (69, 57)
    assert (percent_of_ratio(1.0), percent_of_ratio(4.0)) == (0, 75)
    assert ratio_of_percent(100.0) == math.inf

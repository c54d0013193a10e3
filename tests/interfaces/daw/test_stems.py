"""Stems that add up, their time stamps, and the sheet."""

from __future__ import annotations

import json
import re
import struct
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

from interfaces.daw.broadcast_wav import WavFile, bext_chunk, wav_head
from interfaces.daw.exporter import Exported
from interfaces.daw.sheet import lines_of, octaves, sheet
from interfaces.daw.stems import export_stems
from mixer import audio
from mixer.arrays import F64
from mixer.biquad import design, response
from mixer.console import sum_blocks
from mixer.edits import apply
from mixer.errors import AudioError, UsageError
from mixer.processor import find
from mixer.progress import silent
from mixer.render import settings, sources
from mixer.session import Edit, Session
from tests.interfaces.daw.sessions import everything_on, song
from tests.signals import difference_db, real_music


def exported(session: Session, folder: Path, to: Path, **options: str) -> Exported:
    to.mkdir()
    return export_stems(session, folder, to, silent, **options)  # type: ignore[arg-type]


def added(folder: Path) -> F64:
    files = sorted((folder / "stems").iterdir())
    total: F64 = np.sum([soundfile.read(file, dtype="float64", always_2d=True)[0].T for file in files], axis=0)
    return total


def before_master(session: Session, folder: Path) -> F64:
    blocks = sum_blocks(sources(session, folder), settings(session), session.sample_rate)
    return np.concatenate(list(blocks), axis=1).astype(np.float64)


def by_hand(session: Session, **changes: object) -> Session:
    edits = [Edit.model_validate({"address": a, "before": None, "after": v}) for a, v in changes.items()]
    return apply(session, edits, "set", "by hand")


def test_stems_add_up_to_what_reaches_the_master(tmp_path: Path) -> None:
    session = by_hand(everything_on(song(tmp_path, 2.0), 3), **{"reverb.reverb.decay_s": 0.5})
    exported(session, tmp_path, tmp_path / "out")
    assert difference_db(added(tmp_path / "out"), before_master(session, tmp_path)) < -120


def test_muted_soloed_bypassed(tmp_path: Path) -> None:
    changes = {"t1.mute": True, "t2.solo": True, "t4.solo": True, "t2.send.bypass": True, "t4.fader.bypass": True}
    session = by_hand(everything_on(song(tmp_path, 1.0), 4), **changes)
    result = exported(session, tmp_path, tmp_path / "out")
    assert difference_db(added(tmp_path / "out"), before_master(session, tmp_path)) < -120
    names = [path.name for path in sorted((tmp_path / "out" / "stems").iterdir())]
    assert names == ["01 Lead Vox.wav", "02 Gtr.wav", "03 Reverb return.wav"]
    assert {row.target for row in result.rows if row.what == "audio" and row.status == "not carried"} == {"t1", "t3"}


def test_real_music_adds_up(tmp_path: Path) -> None:
    parts = real_music("country", 3.0)
    session = song(tmp_path, 1.0)
    tracks = []
    for index, (sound, track) in enumerate(zip(parts, session.tracks, strict=False)):
        audio.write(tmp_path / f"real{index}.wav", sound, 44100, depth="float")
        about = {"path": f"real{index}.wav", "channels": sound.shape[0], "frames": sound.shape[1]}
        tracks.append(track.model_copy(update=about))
    session = everything_on(session.model_copy(update={"tracks": tracks}), 9)
    exported(session, tmp_path, tmp_path / "out")
    assert difference_db(added(tmp_path / "out"), before_master(session, tmp_path)) < -120


def test_24_bits_round_each_stem_and_tell_what_they_cut_off(tmp_path: Path) -> None:
    session = song(tmp_path, 1.0)
    quiet = exported(session, tmp_path, tmp_path / "quiet", depth="24")
    error = added(tmp_path / "quiet") - before_master(session, tmp_path)
    assert np.abs(error).max() < 4 * 2.0**-24 * 1.01  # half a step for each of four stems
    assert not quiet.notes
    loud = exported(by_hand(session, **{"t1.fader.gain_db": 24.0}), tmp_path, tmp_path / "loud", depth="24")
    assert re.fullmatch(r"01 Kick: \d+ samples beyond full scale were cut off; use float", loud.notes[0])


def test_no_reverb_no_return_and_nothing_audible_is_an_error(tmp_path: Path) -> None:
    session = song(tmp_path, 1.0)
    exported(session, tmp_path, tmp_path / "out")
    assert len(list((tmp_path / "out" / "stems").iterdir())) == 4
    mute = by_hand(session, **{f"t{index}.mute": True for index in range(1, 5)})
    with pytest.raises(UsageError, match="no track is audible"):
        exported(mute, tmp_path, tmp_path / "none")


def chunks(path: Path) -> dict[bytes, bytes]:
    data, found, at = path.read_bytes(), {}, 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        found[name] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(data)
    return found


def test_time_stamps_are_the_song_s_start(tmp_path: Path) -> None:
    exported(song(tmp_path, 1.0, 48000), tmp_path, tmp_path / "out")
    bext = chunks(tmp_path / "out" / "stems" / "01 Kick.wav")[b"bext"]
    description, originator = bext[:256].rstrip(b"\0"), bext[256:288].rstrip(b"\0")
    time_reference, version = struct.unpack_from("<QH", bext, 338)
    assert (description, originator, time_reference, version) == (b"01 Kick", b"Faderwise", 0, 1)
    assert bext[602:].rstrip(b"\0") == b"A=FLOAT,F=48000,W=32,M=stereo,T=Faderwise\r\n"
    assert struct.unpack_from("<QH", bext_chunk("x", 48000, "24", 1, time_reference=172800000), 8 + 338)[0] == 172800000


@pytest.mark.parametrize(("channels", "frames", "depth"), [(1, 3, "24"), (2, 5, "float"), (24, 2, "float")])
def test_files_read_as_they_were_written(tmp_path: Path, channels: int, frames: int, depth: str) -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, (channels, frames)).astype(np.float32)
    bext = bext_chunk("odd", 44100, depth, channels)  # type: ignore[arg-type]
    with WavFile(tmp_path / "a.wav", 44100, channels, frames, depth, bext) as file:  # type: ignore[arg-type]
        file.write(sound[:, :1])
        file.write(sound[:, 1:])
    back, rate = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    assert rate == 44100
    assert np.abs(back.T - sound).max() <= (2.0**-24 if depth == "24" else 0)
    chunks(tmp_path / "a.wav")


def test_a_long_file_is_rf64() -> None:
    head = wav_head(192000, 2, "float", 2**31)
    assert (head[:4], head[8:16]) == (b"RF64", b"WAVEds64")
    of_riff, of_data, frames = struct.unpack_from("<QQQ", head, 20)
    assert (of_data, frames) == (2**34, 2**31)
    assert of_riff == of_data + len(head) - 8


def test_what_is_no_number_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="NaN"), WavFile(tmp_path / "a.wav", 44100, 1, 1, "float") as file:
        file.write(np.array([[np.nan]], np.float32))


# --- the sheet ---------------------------------------------------------------------------------------------------


def test_octaves_are_between_the_points_of_half_the_gain() -> None:
    """Measured on the console's own filter at a low frequency, where nothing is warped."""
    import torch

    gain_db, hz, q = 12.0, 100.0, 1.4
    gain, centre, narrow = (torch.tensor([value], dtype=torch.float64) for value in (gain_db, hz, q))
    sections = design("peaking", gain, centre, narrow, 44100)
    grid = torch.linspace(20, 500, 200_001, dtype=torch.float64)
    above = grid[response(sections, grid, 44100) >= gain_db / 2]
    assert float(torch.log2(above[-1] / above[0])) == pytest.approx(octaves(q), abs=0.001)


def test_times_to_ninety_per_cent() -> None:
    lines = {line.label: line for line in lines_of("compressor", {**find("compressor").defaults(), "ratio": 4.0})}
    assert lines["Attack"].also == "23 ms to 90 %"  # 10 ms x ln 10
    assert lines["Ratio"].also == "75 %"


def test_the_sheet_names_all_that_is_set_and_nothing_else(tmp_path: Path) -> None:
    session = by_hand(
        song(tmp_path, 1.0),
        **{"t1.equalizer.peak2_gain_db": -3.5, "t1.equalizer.peak2_q": 2.0, "t3.panner.pan": -0.25},
        **{"t2.equalizer.bypass": True, "t2.equalizer.low_gain_db": 9.0},
    )
    strips = {strip["id"]: strip for strip in sheet(session)["strips"]}
    shown = {p["name"]: p["set"] for p in strips["t1"]["processors"]}
    assert shown["equalizer"] == [{"label": "Peak 2", "value": "-3.5 dB at 600 Hz, Q 2.00", "also": "0.71 octaves"}]
    assert shown["compressor"] == []
    assert strips["t2"]["processors"][0]["set"] == []
    assert strips["t2"]["processors"][0]["knobs"]["low_gain_db"] == 9.0
    assert [line["value"] for p in strips["t3"]["processors"] if p["name"] == "panner" for line in p["set"]] == [
        "25 % left"
    ]


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.open += [] if tag == "meta" else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_pages_hold_the_sheet_whatever_tracks_are_called(tmp_path: Path) -> None:
    name = "<script>alert('🎸')</script> | *x*"
    session = by_hand(song(tmp_path, 1.0), **{"t1.name": name, "t1.equalizer.high_gain_db": 2.5})
    exported(session, tmp_path, tmp_path / "out")
    page = (tmp_path / "out" / "settings.html").read_text(encoding="utf-8")
    parser = _Cells()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    assert "<script>" not in page
    assert name in "".join(parser.text)
    assert "+2.5 dB at 8.00 kHz" in parser.text
    text = (tmp_path / "out" / "settings.md").read_text(encoding="utf-8")
    assert "| equalizer | High shelf | +2.5 dB at 8.00 kHz |" in text
    assert "\n## \\<script\\>" in text
    assert json.loads((tmp_path / "out" / "settings.json").read_text(encoding="utf-8")) == sheet(session)

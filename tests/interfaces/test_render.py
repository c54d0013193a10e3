"""``render``: the mix in a file, what it measures, and what it will not overwrite."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.loudness import integrated_loudness
from tests.interfaces.conftest import Faderwise


def test_the_mix_of_an_untouched_session_is_the_plain_sum(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    assert faderwise("render", session, "-o", mix, "--bits", "float").code == 0
    tracks = [audio.read(session.parent / name)[0] for name in ("Bass DI.wav", "Kick.wav", "LdVox.wav")]
    wanted = sum(np.broadcast_to(track, (2, track.shape[1])).astype(np.float64) for track in tracks)
    assert np.array_equal(audio.read(mix)[0], np.asarray(wanted, np.float32))


def test_json_says_what_is_in_the_file(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    mix = tmp_path / "mix.flac"
    made = faderwise(
        "render", session, "-o", mix, "--loudness", "-20", "--bits", "16", "--threads", 1, "--json"
    ).document
    info = audio.probe(mix)
    assert (made["output"], made["bits"], made["frames"], made["clipped"]) == (str(mix), "16", info.frames, 0)
    assert info.subtype == "PCM_16"
    # 0.02 LU is how close the search comes; 16 bit and its dither move this material by less than 0.01
    assert integrated_loudness(*audio.read(mix)) == pytest.approx(-20, abs=0.03)
    assert made["loudness_lufs"] == pytest.approx(-20, abs=0.02)


def test_clipping_is_said_with_the_way_out(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    faderwise("set", session, "master.fader.gain_db=20")
    ran = faderwise("render", session, "-o", tmp_path / "hot.wav")
    assert ran.code == 0
    assert "samples were clipped" in ran.out
    faderwise("set", session, "master.limiter.active=on")
    ran = faderwise("render", session, "-o", tmp_path / "held.wav")
    assert "warning" not in ran.out


def test_a_file_is_replaced_only_by_force(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    mix.write_bytes(b"precious")
    ran = faderwise("render", session, "-o", mix)
    assert (ran.code, mix.read_bytes()) == (2, b"precious")
    assert ran.error == f"faderwise: {mix}: is there already; --force replaces it"
    assert faderwise("render", session, "-o", mix, "--force").code == 0
    assert audio.probe(mix).channels == 2


def test_a_track_is_never_replaced(faderwise: Faderwise, session: Path) -> None:
    kick = session.parent / "Kick.wav"
    before = kick.read_bytes()
    ran = faderwise("render", session, "-o", kick, "--force")
    assert (ran.code, kick.read_bytes()) == (2, before)
    assert "is the track 'Kick' of this session" in ran.error


def test_a_mix_among_the_stems_is_remarked_on(faderwise: Faderwise, session: Path) -> None:
    assert "lies among the stems" in faderwise("render", session, "-o", session.parent / "mix.wav").out


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("-o", "mix.wav", "--bits", "32"), 2, "--bits 32: there is no such depth; use one of 16, 24, float"),
        (("-o", "mix.wav", "--loudness", "3"), 2, "loudness_lufs = 3 is out of range: use -40 to -5 LUFS"),
        (("-o", "mix.mp3"), 3, "mix.mp3: cannot write .mp3; end it in .wav, .flac or .ogg"),
        (("-o", "mix.flac", "--bits", "float"), 3, "FLAC holds 16 or 24 bit, not float"),
        (("-o", "nowhere/mix.wav"), 3, "there is no folder nowhere; create it or choose another"),
    ],
)
def test_what_cannot_be_written(
    faderwise: Faderwise,
    session: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    ran = faderwise("render", session, *options)
    assert (ran.code, sorted(tmp_path.rglob("*"))) == (code, before)
    assert said in ran.error


def test_a_mix_of_nothing(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    faderwise("set", session, "kick.mute=on", "bass.mute=on", "ldvox.mute=on")
    ran = faderwise("render", session, "-o", tmp_path / "mix.wav")
    assert ran.code == 3
    assert "no samples to write" in ran.error
    assert faderwise("analyze", session, "--json").document["mix"] is None
    assert "all tracks are muted" in faderwise("compare", session, session).error

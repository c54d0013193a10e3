"""Folders that make no session, and odd ones that do, through the real commands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixer import audio
from tests.interfaces.conftest import Faderwise, contents
from tests.signals import RATE, music


def no_folder(folder: Path) -> str:
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    return f"{folder}: there is no such folder"


def empty(folder: Path) -> str:
    for path in folder.iterdir():
        path.unlink()
    return str(folder)


def no_audio(folder: Path) -> str:
    empty(folder)
    (folder / "lyrics.txt").write_text("la la la")
    return str(folder)


def text_as_wav(folder: Path) -> str:
    (folder / "kick.wav").write_text("boom")
    return "kick.wav: is not audio that can be read"


def truncated_flac(folder: Path) -> str:
    audio.write(folder / "snare.flac", music(2, 1, seed=3), RATE)
    whole = (folder / "snare.flac").read_bytes()
    (folder / "snare.flac").write_bytes(whole[: len(whole) // 2])
    return "snare.flac: is damaged or cut short after"


def not_finite(value: float) -> Callable[[Path], str]:
    def spoil(folder: Path) -> str:
        samples = music(1, 1, seed=3)[0]
        samples[RATE // 2] = value
        soundfile.write(folder / "snare.wav", samples, RATE, subtype="FLOAT")
        return f"snare.wav: the sample at 0.5000 s is {'NaN' if np.isnan(value) else 'infinite'}"

    return spoil


def no_samples(folder: Path) -> str:
    soundfile.write(folder / "snare.wav", np.zeros(0), RATE)
    return "snare.wav: holds no samples"


def eight_channels(folder: Path) -> str:
    soundfile.write(folder / "snare.wav", np.zeros((100, 8)), RATE)
    return "snare.wav: has 8 channels"


def link_outside(folder: Path) -> str:
    (folder.parent / "other.wav").write_bytes((folder / "Kick.wav").read_bytes())
    (folder / "snare.wav").symlink_to(folder.parent / "other.wav")
    return "'snare.wav' is a link that leads outside"


BAD_FOLDERS = (
    no_folder,
    empty,
    no_audio,
    text_as_wav,
    truncated_flac,
    not_finite(np.nan),
    not_finite(-np.inf),
    no_samples,
    eight_channels,
    link_outside,
)


@pytest.mark.parametrize("spoil", BAD_FOLDERS)
def test_a_folder_that_makes_no_session(faderwise: Faderwise, stems: Path, spoil: Callable[[Path], str]) -> None:
    said = spoil(stems)
    before = contents(stems.parent)
    ran = faderwise("new", stems)
    assert (ran.code, ran.out, contents(stems.parent)) == (3, "", before)
    assert said in ran.error


def odd_lengths_and_rates(folder: Path) -> None:
    audio.write(folder / "one sample.wav", np.full((1, 1), 0.5, np.float32), RATE)
    audio.write(folder / "silence.wav", np.zeros((2, RATE), np.float32), RATE)
    audio.write(folder / "Gtr low.wav", music(1, 1, seed=4, rate=8000), 8000)
    audio.write(folder / "Gtr high.wav", music(1, 1, seed=5, rate=192000), 192000)
    audio.write(folder / "Keys long.flac", np.zeros((1, 200 * RATE), np.float32) + np.float32(1e-3), RATE)


def test_odd_tracks_are_kept_and_mixed(faderwise: Faderwise, stems: Path, tmp_path: Path) -> None:
    odd_lengths_and_rates(stems)
    made = faderwise("new", stems, "--json").document
    assert len(made["tracks"]) == 8
    notes = "\n".join(made["notes"])
    assert "silence (silence.wav) is silent: it is kept and left alone" in notes
    assert "one sample (one sample.wav) is only 0.000 s long: it is kept and left alone" in notes
    assert "converted from 8000, 192000 Hz" in notes
    analysis = faderwise("analyze", stems, "--json").document
    loudness = {track["name"]: track["features"]["loudness_lufs"] for track in analysis["tracks"]}
    assert loudness["silence"] is None
    mix = tmp_path / "mix.wav"
    assert faderwise("render", stems, "-o", mix).code == 0
    assert audio.probe(mix).seconds == pytest.approx(200)


@pytest.mark.slow
def test_three_hundred_tracks(faderwise: Faderwise, stems: Path, tmp_path: Path) -> None:
    for index in range(297):
        audio.write(stems / f"FX {index:03d}.wav", music(0.3, 1, seed=index), RATE)
    assert len(faderwise("new", stems, "--json").document["tracks"]) == 300
    assert faderwise("set", stems, *(f"fx_{index:03d}.fader.gain_db=-20" for index in range(297))).code == 0
    assert faderwise("render", stems, "-o", tmp_path / "mix.wav").code == 0

"""Files that cannot be used: each gets one line with its name, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from mixer import audio
from mixer.arrays import F32
from mixer.errors import AudioError
from tests.signals import noise


def encode(path: Path, signal: F32, subtype: str | None = None, rate: int = 44_100) -> Path:
    sf.write(path, signal.T, rate, subtype=subtype, format="RF64" if path.suffix == ".rf64" else None)
    return path


def text_file(folder: Path) -> Path:
    path = folder / "kick.wav"
    path.write_text("this is no sound\n" * 100)
    return path


def empty_file(folder: Path) -> Path:
    (folder / "kick.wav").touch()
    return folder / "kick.wav"


def cut(folder: Path, name: str, kept: float) -> Path:
    path = encode(folder / name, noise(2, 50_000), "PCM_24")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    return path


def short_flac(folder: Path) -> Path:
    """A FLAC whose header promises a thousand frames more than follow."""
    path = encode(folder / "kick.flac", noise(2, 50_000), "PCM_24")
    data = bytearray(path.read_bytes())
    data[22:26] = (51_000).to_bytes(4, "big")
    path.write_bytes(data)
    return path


def scrambled_flac(folder: Path) -> Path:
    path = encode(folder / "kick.flac", noise(2, 200_000), "PCM_24")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 2000] = bytes(2000)
    path.write_bytes(data)
    return path


def with_sample(value: float) -> Callable[[Path], Path]:
    def build(folder: Path) -> Path:
        signal = noise(2, 100_000)
        signal[1, 88_200] = value
        return encode(folder / "kick.wav", signal, "FLOAT")

    return build


def device(folder: Path) -> Path:
    (folder / "kick.wav").symlink_to("/dev/null")
    return folder / "kick.wav"


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "missing": (lambda folder: folder / "kick.wav", "there is no such file"),
    "folder": (lambda folder: folder, "is a folder"),
    "device": (device, "is a device"),
    "text": (text_file, "is not audio that can be read"),
    "raw": (lambda folder: text_file(folder).rename(folder / "kick.raw"), "is not audio that can be read"),
    "empty": (empty_file, "is empty"),
    "no samples": (lambda folder: encode(folder / "kick.wav", noise(1, 0)), "holds no samples"),
    "cut WAV": (lambda folder: cut(folder, "kick.wav", 0.5), "is cut short"),
    "cut RF64": (lambda folder: cut(folder, "kick.rf64", 0.5), "is cut short"),
    "cut AIFF": (lambda folder: cut(folder, "kick.aiff", 0.9), "is cut short"),
    "cut FLAC": (lambda folder: cut(folder, "kick.flac", 0.5), "cut short after"),
    "short FLAC": (short_flac, "50000 frames of 51000 are there"),
    "scrambled FLAC": (scrambled_flac, "is damaged or cut short after"),
    "NaN": (with_sample(np.nan), "the sample at 2.0000 s is NaN"),
    "Inf": (with_sample(-np.inf), "the sample at 2.0000 s is infinite"),
    "8 channels": (
        lambda folder: encode(folder / "kick.wav", noise(8, 10)),
        "has 8 channels; Faderwise mixes mono and stereo tracks: split it into mono or stereo files",
    ),
    "4 kHz": (lambda folder: encode(folder / "kick.wav", noise(1, 10), rate=4000), "a sample rate of 4000 Hz"),
    "768 kHz": (lambda folder: encode(folder / "kick.wav", noise(1, 10), rate=768_000), "rate of 768000 Hz"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_cannot_be_used_gets_one_line(tmp_path: Path, case: str) -> None:
    build, wanted = BAD[case]
    path = build(tmp_path)
    for use in (
        lambda: audio.read(path),
        lambda: audio.read(path, 48_000),
        lambda: list(audio.blocks(path)),
        lambda: list(audio.blocks(path, 48_000)),
    ):
        with pytest.raises(AudioError) as caught:
            use()
        line = str(caught.value)
        assert line.startswith(f"{path}: ")
        assert wanted in line
        assert "\n" not in line


@pytest.mark.parametrize(("removed", "whole"), [(0, True), (2, False)])
def test_a_chunk_of_odd_length_before_the_samples_is_stepped_over(tmp_path: Path, removed: int, whole: bool) -> None:
    data = encode(tmp_path / "kick.wav", noise(1, 1000), "PCM_16").read_bytes()
    at = data.find(b"data")
    note = b"note" + (3).to_bytes(4, "little") + b"abc\0"  # padded to an even length, which the size does not count
    (tmp_path / "kick.wav").write_bytes((data[:at] + note + data[at:])[: len(data) + len(note) - removed])
    if whole:
        assert audio.read(tmp_path / "kick.wav")[0].shape == (1, 1000)
    else:
        with pytest.raises(AudioError, match="2 bytes of sound are missing"):
            audio.read(tmp_path / "kick.wav")


@pytest.mark.parametrize("case", ["missing", "text", "cut WAV", "8 channels", "no samples", "4 kHz"])
def test_what_the_header_shows_is_found_without_decoding(tmp_path: Path, case: str) -> None:
    build, wanted = BAD[case]
    path = build(tmp_path)
    with pytest.raises(AudioError, match=wanted):
        audio.probe(path)


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = encode(tmp_path / "a.wav", noise(1, 10))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # permissions do not hold for a superuser
    for use in (audio.read, audio.sha256, audio.probe):
        with pytest.raises(AudioError, match="may not be read; change its permissions"):
            use(path)

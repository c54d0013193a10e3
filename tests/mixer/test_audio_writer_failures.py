"""Writing that fails: one clear line, and the folder as it was before."""

from __future__ import annotations

import errno
import os
import resource
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.audio import Depth
from mixer.errors import AudioError
from tests.signals import FORMATS, noise

RATE = 48_000


@pytest.mark.parametrize(("name", "depth"), FORMATS)
@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_what_goes_wrong_midway_leaves_the_old_file(
    tmp_path: Path, name: str, depth: Depth, failure: type[BaseException]
) -> None:
    (tmp_path / name).write_bytes(b"the old mix")
    with pytest.raises(failure), audio.Writer(tmp_path / name, RATE, 2, depth) as writer:  # noqa: PT012
        writer.write(noise(2, 10_000))
        raise failure
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"the old mix"


@pytest.mark.parametrize(("name", "depth"), FORMATS)
def test_a_full_disk_is_said_and_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, depth: Depth
) -> None:
    (tmp_path / name).write_bytes(b"the old mix")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AudioError, match="the disk is full; free some space or choose another folder"):
        audio.write(tmp_path / name, noise(2, 10_000), RATE, depth=depth)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == b"the old mix"


@pytest.mark.parametrize(("name", "depth"), FORMATS)
@pytest.mark.parametrize("limit", [0, 30_000])
def test_a_file_that_may_not_grow_further_is_no_file(tmp_path: Path, name: str, depth: Depth, limit: int) -> None:
    """The system itself refuses the bytes, wherever it is that the encoder hands them over."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(AudioError, match=r"cannot be written \(File too large\)"):
            audio.write(tmp_path / name, noise(2, 400_000), RATE, depth=depth)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"there is no folder .*absent; create it or choose another"):
        audio.write(tmp_path / "absent" / "mix.wav", noise(1, 10), RATE)


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)  # permissions do not hold for a superuser
    with pytest.raises(AudioError, match="may not be written to; choose another"):
        audio.write(tmp_path / "mix.wav", noise(1, 10), RATE)


@pytest.mark.parametrize(
    ("name", "depth", "wanted"),
    [
        ("mix.mp3", "24", "cannot write .mp3; end it in .wav, .flac or .ogg"),
        ("mix", "24", "cannot write a name without suffix"),
        ("mix.flac", "float", "FLAC holds 16 or 24 bit"),
        ("folder.wav", "24", "is a folder"),
    ],
)
def test_a_target_that_cannot_be(tmp_path: Path, name: str, depth: Depth, wanted: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(AudioError, match=wanted):
        audio.write(tmp_path / name, noise(1, 10), RATE, depth=depth)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.wav"]


@pytest.mark.parametrize(("name", "depth"), FORMATS)
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_no_file_with_samples_that_are_no_numbers(tmp_path: Path, name: str, depth: Depth, value: float) -> None:
    signal = noise(1, 100_000)
    signal[0, 72_000] = value
    with pytest.raises(AudioError, match=r"the sample at 1\.5000 s is NaN or infinite"):
        audio.write(tmp_path / name, signal, RATE, depth=depth)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "depth"), FORMATS)
def test_no_file_without_samples_and_one_with_one(tmp_path: Path, name: str, depth: Depth) -> None:
    with pytest.raises(AudioError, match="there are no samples to write"):
        audio.write(tmp_path / name, noise(1, 0), RATE, depth=depth)
    assert list(tmp_path.iterdir()) == []
    audio.write(tmp_path / name, noise(1, 1), RATE, depth=depth)
    assert audio.read(tmp_path / name)[0].shape == (1, 1)


def test_a_rate_that_a_format_does_not_hold(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="FLAC does not hold 2 channels at 1000000 Hz"):
        audio.write(tmp_path / "mix.flac", noise(2, 10), 1_000_000)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_call_is_a_value_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="8 channels"):
        audio.Writer(tmp_path / "mix.wav", RATE, 8)
    with pytest.raises(ValueError, match="`with` block"):
        audio.Writer(tmp_path / "mix.wav", RATE, 2).write(noise(2, 10))
    with (
        pytest.raises(ValueError, match=r"a block is \[2, time\]"),
        audio.Writer(tmp_path / "m.wav", RATE, 2) as writer,
    ):
        writer.write(noise(1, 10))
    assert list(tmp_path.iterdir()) == []

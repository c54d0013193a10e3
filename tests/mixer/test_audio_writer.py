"""Writing: what each depth and format keeps, to the bit where it promises so."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from mixer import audio
from mixer._encoders import wav_header
from mixer._ogg import page_checksum
from mixer.audio import Depth
from mixer.errors import AudioError
from tests.signals import FORMATS, noise

RATE = 48_000


def db(ratio: float) -> float:
    return float(20 * np.log10(max(ratio, 1e-12)))


@pytest.mark.parametrize("name", ["mix.wav", "mix.flac"])
@pytest.mark.parametrize("channels", [1, 2])
def test_24_bit_rounds_to_the_nearest_step(tmp_path: Path, name: str, channels: int) -> None:
    signal = noise(channels, 70_001)
    audio.write(tmp_path / name, signal, RATE)
    found, rate = audio.read(tmp_path / name)
    assert rate == RATE
    assert audio.probe(tmp_path / name).subtype == "PCM_24"
    assert db(float(np.abs(found - signal).max())) < -144  # half a step of 2**-23


def test_float_is_exact_beyond_full_scale_too(tmp_path: Path) -> None:
    signal = noise(2, 1_001) * 100
    with audio.Writer(tmp_path / "mix.wav", RATE, 2, "float") as writer:
        writer.write(signal)
    assert np.array_equal(audio.read(tmp_path / "mix.wav")[0], signal)
    assert writer.clipped == 0


def test_ogg_keeps_length_and_place_in_time(tmp_path: Path) -> None:
    signal = (0.5 * np.sin(2 * np.pi * 440 / RATE * np.arange(100_003))).astype(np.float32)[None]
    audio.write(tmp_path / "mix.ogg", signal, RATE)
    found, _ = audio.read(tmp_path / "mix.ogg")
    assert found.shape == signal.shape
    error = np.sqrt(np.mean((found - signal)[0, 5_000:-5_000] ** 2))
    assert db(float(error) / 0.5 * 2**0.5) < -30  # one sample of delay would leave -25 dB


@pytest.mark.parametrize("name", ["mix.wav", "mix.flac"])
def test_16_bit_dither_leaves_noise_and_no_distortion(tmp_path: Path, name: str) -> None:
    """Triangular dither: error power LSB**2 / 4 whatever the signal, and no harmonics of a tone of one step."""
    frames = 2**18
    bin_of_tone = 5_461  # about 1 kHz
    peak = 10 ** (-90 / 20)
    wanted = peak * np.sin(2 * np.pi * bin_of_tone / frames * np.arange(frames))
    audio.write(tmp_path / name, wanted.astype(np.float32)[None], RATE, depth="16")
    found = audio.read(tmp_path / name)[0][0].astype(np.float64)
    error_db = db(float(np.sqrt(np.mean((found - wanted) ** 2))))
    assert abs(error_db - -96.33) < 0.1
    spectrum = np.abs(np.fft.rfft(found)) * 2 / frames
    assert abs(db(float(spectrum[bin_of_tone])) - -90) < 0.2
    # noise of -96.3 dBFS over 2**17 bins is -144.5 dBFS a bin, 12 dB at most above that in a handful of bins;
    # rounded without dither, the third harmonic alone is near -105 dBFS
    harmonics = [db(float(spectrum[bin_of_tone * order])) for order in range(2, 12)]
    assert max(harmonics) < -130


def test_16_bit_silence_stays_silent(tmp_path: Path) -> None:
    signal = noise(2, 3_000)
    signal[:, 1_000:2_000] = 0
    signal[1] = 0
    audio.write(tmp_path / "mix.wav", signal, RATE, depth="16")
    found, _ = audio.read(tmp_path / "mix.wav")
    assert not found[:, 1_000:2_000].any()
    assert not found[1].any()


@pytest.mark.parametrize(("depth", "step"), [("16", 2.0**-15), ("24", 2.0**-23)])
def test_beyond_full_scale_is_cut_and_counted(tmp_path: Path, depth: Depth, step: float) -> None:
    signal = np.array([[0.5, 1.5, 1.0, -1.0, -1.001, -9.0]], np.float32)
    with audio.Writer(tmp_path / "mix.wav", RATE, 1, depth) as writer:
        writer.write(signal)
    found, _ = audio.read(tmp_path / "mix.wav")
    assert np.allclose(found, [[0.5, 1.0, 1.0, -1.0, -1.0, -1.0]], rtol=0, atol=2 * step)
    assert found[0, 1] == 1 - step
    assert found[0, -1] == -1
    assert writer.clipped == 3


@pytest.mark.parametrize(("name", "depth"), FORMATS)
def test_the_same_samples_give_the_same_bytes(tmp_path: Path, name: str, depth: Depth) -> None:
    signal = noise(2, 2 * 65_536 + 77)
    audio.write(tmp_path / name, signal, RATE, depth=depth)
    once = (tmp_path / name).read_bytes()
    with audio.Writer(tmp_path / name, RATE, 2, depth) as writer:
        for at in range(0, signal.shape[1], 1_009):
            writer.write(signal[:, at : at + 1_009])
    assert (tmp_path / name).read_bytes() == once


def test_ogg_pages_carry_valid_checksums(tmp_path: Path) -> None:
    audio.write(tmp_path / "mix.ogg", noise(2, 100_000), RATE)
    data = (tmp_path / "mix.ogg").read_bytes()
    at, serials, pages = 0, set(), 0
    while at < len(data):
        assert data[at : at + 4] == b"OggS"
        segments = data[at + 26]
        end = at + 27 + segments + sum(data[at + 27 : at + 27 + segments])
        page = bytearray(data[at:end])
        serials.add(bytes(page[14:18]))
        checksum = struct.unpack_from("<I", page, 22)[0]
        page[22:26] = bytes(4)
        assert page_checksum(bytes(page)) == checksum
        at, pages = end, pages + 1
    assert len(serials) == 1
    assert pages > 2


def test_ogg_checksum_of_a_page_that_others_wrote(tmp_path: Path) -> None:
    sf.write(tmp_path / "a.ogg", np.zeros(100), RATE)
    page = bytearray((tmp_path / "a.ogg").read_bytes()[: 27 + 1 + 30])  # the first page: Vorbis' own header
    checksum = struct.unpack_from("<I", page, 22)[0]
    page[22:26] = bytes(4)
    assert page_checksum(bytes(page)) == checksum


@pytest.mark.parametrize("depth", ["16", "24", "float"])
@pytest.mark.parametrize("gigabytes", [1, 5])
def test_a_wav_of_any_length_has_a_header_that_others_read(tmp_path: Path, depth: Depth, gigabytes: int) -> None:
    """From 4 GB on RF64, in the same room; the file is sparse, so that no disk space is needed."""
    size = {"16": 2, "24": 3, "float": 4}[depth]
    frames = gigabytes * 2**30 // (2 * size)
    header = wav_header(RATE, 2, depth, frames)
    assert len(header) == len(wav_header(RATE, 2, depth, 0))
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(header)
        file.truncate(len(header) + frames * 2 * size)
    info = sf.info(path)
    assert info.format == ("RF64" if gigabytes > 4 else "WAV")
    assert (info.frames, info.channels, info.samplerate) == (frames, 2, RATE)
    assert audio.probe(path).frames == frames
    assert audio.read(path, start=frames - 10)[0].shape == (2, 10)
    with path.open("r+b") as file:
        file.truncate(len(header) + frames * 2 * size - 600)
    with pytest.raises(AudioError, match="600 bytes of sound are missing"):
        audio.probe(path)


def test_an_odd_number_of_bytes_is_padded(tmp_path: Path) -> None:
    audio.write(tmp_path / "mix.wav", noise(1, 3), RATE)
    data = (tmp_path / "mix.wav").read_bytes()
    assert len(data) % 2 == 0
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    assert audio.read(tmp_path / "mix.wav")[0].shape == (1, 3)


@pytest.mark.parametrize(("name", "depth"), [("mix.wav", "16"), ("mix.flac", "24")])
def test_memory_does_not_grow_with_the_mix(tmp_path: Path, name: str, depth: Depth) -> None:
    second = noise(2, RATE)
    tracemalloc.start()
    with audio.Writer(tmp_path / name, RATE, 2, depth) as writer:
        for _ in range(60):
            writer.write(second)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12e6  # a few blocks in float64; the whole signal is 23 MB in float32

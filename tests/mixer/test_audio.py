"""Reading and resampling: the right samples, and the same whichever way a file is read."""

from __future__ import annotations

import hashlib
import tracemalloc
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile as sf

from mixer import audio
from mixer.arrays import F32
from tests.signals import noise

RATE = 44_100


def tone(hz: float, rate: int, frames: int, peak: float = 0.5) -> npt.NDArray[np.float64]:
    return np.asarray(peak * np.sin(2 * np.pi * hz * np.arange(frames) / rate))


def db(ratio: float) -> float:
    return float(20 * np.log10(max(ratio, 1e-12)))


def encode(path: Path, signal: F32, subtype: str | None = None, rate: int = RATE, kind: str | None = None) -> Path:
    """A file as another program would have written it, in short calls for the sake of libvorbis."""
    with sf.SoundFile(path, "w", rate, signal.shape[0], subtype=subtype, format=kind) as file:
        for at in range(0, signal.shape[1], 4096):
            file.write(np.ascontiguousarray(signal[:, at : at + 4096].T))
    return path


LOSSLESS: list[tuple[str, str, float]] = [
    ("a.wav", "PCM_16", 2.0**-15),
    ("a.wav", "PCM_24", 2.0**-23),
    ("a.wav", "PCM_32", 2.0**-24),  # float32 keeps 24 of the 32 bits
    ("a.wav", "FLOAT", 0.0),
    ("a.wav", "DOUBLE", 0.0),
    ("a.rf64", "PCM_24", 2.0**-23),
    ("a.w64", "PCM_24", 2.0**-23),
    ("a.flac", "PCM_16", 2.0**-15),
    ("a.flac", "PCM_24", 2.0**-23),
    ("a.aiff", "PCM_24", 2.0**-23),
    ("a.aif", "PCM_16", 2.0**-15),
    ("a.aifc", "FLOAT", 0.0),
    ("a.caf", "PCM_24", 2.0**-23),
]
LOSSY: list[tuple[str, str]] = [
    ("a.ogg", "VORBIS"),
    ("a.oga", "VORBIS"),
    ("a.opus", "OPUS"),
    ("a.mp3", "MPEG_LAYER_III"),
]
KINDS = {".aif": "AIFF", ".aifc": "AIFF", ".oga": "OGG", ".opus": "OGG", ".rf64": "RF64"}


def made(folder: Path, name: str, subtype: str, signal: F32) -> Path:
    rate = 48_000 if subtype == "OPUS" else RATE
    return encode(folder / name, signal, subtype, rate, KINDS.get(Path(name).suffix))


@pytest.mark.parametrize(("name", "subtype", "error"), LOSSLESS)
def test_a_lossless_file_reads_back_to_its_last_bit(tmp_path: Path, name: str, subtype: str, error: float) -> None:
    signal = noise(2, 70_001)
    found, rate = audio.read(made(tmp_path, name, subtype, signal))
    assert rate == RATE
    assert found.dtype == np.float32
    assert found.shape == signal.shape
    assert np.abs(found - signal).max() <= error


@pytest.mark.parametrize(("name", "subtype"), LOSSY)
def test_a_lossy_file_keeps_its_length_and_its_place_in_time(tmp_path: Path, name: str, subtype: str) -> None:
    rate = 48_000 if subtype == "OPUS" else RATE
    signal = np.stack([tone(440, rate, 100_003)]).astype(np.float32)
    signal[:, :20_000] = 0
    found, _ = audio.read(made(tmp_path, name, subtype, signal))
    assert found.shape == signal.shape
    # a tone shifted by one sample would leave -24 dB; the worst codec here leaves less than -30 dB
    inner = slice(25_000, 95_000)
    assert db(float(np.abs(found - signal)[0, inner].max()) / 0.5) < -30


def test_the_suffixes_are_those_of_the_files_above() -> None:
    assert {
        Path(name).suffix for name in [*(each[0] for each in LOSSLESS), *(each[0] for each in LOSSY)]
    } == audio.SUFFIXES


def test_probe_tells_what_the_header_says(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", noise(1, 96_000), "PCM_24", 192_000)
    info = audio.probe(path)
    assert info == audio.AudioInfo(path, 192_000, 1, 96_000, "FLAC", "PCM_24")
    assert info.seconds == 0.5


@pytest.mark.parametrize(("name", "subtype"), [("a.wav", "PCM_24"), ("a.flac", "PCM_16"), *LOSSY])
@pytest.mark.parametrize("rate", [None, 48_000, 22_050])
def test_the_same_samples_in_blocks_of_any_size_and_from_any_start(
    tmp_path: Path, name: str, subtype: str, rate: int | None
) -> None:
    # just over two decoder blocks: a tail of 48 frames is where reading Opus with seeks goes wrong
    path = made(tmp_path, name, subtype, noise(2, 2 * 65_536 + 48))
    whole, _ = audio.read(path, rate)
    end = whole.shape[1]
    for block in (999, 4096, 65_536, 10 * end):
        pieces = list(audio.blocks(path, rate, block=block))
        assert all(piece.shape[1] == block for piece in pieces[:-1])
        assert np.array_equal(np.concatenate(pieces, axis=1), whole)
    # where a resampled file is entered late, soxr's float64 sums round differently: the last place of float32
    rounding = 0.0 if rate is None else 2.0**-24
    for start in (1, 20_000, end - 1_000, end - 1, end):
        rest = np.concatenate(
            [np.empty((2, 0), np.float32), *audio.blocks(path, rate, block=3001, start=start)], axis=1
        )
        assert rest.shape == (2, end - start)
        assert np.allclose(rest, whole[:, start:], rtol=0, atol=rounding)
        assert np.array_equal(audio.read(path, rate, start=start, frames=700)[0], rest[:, :700])
    assert audio.read(path, rate, start=end + 10)[0].shape == (2, 0)
    assert audio.read(path, rate, frames=0)[0].shape == (2, 0)


@pytest.mark.parametrize("rate", [None, 48_000])
def test_blocks_of_one_sample(tmp_path: Path, rate: int | None) -> None:
    path = encode(tmp_path / "a.wav", noise(2, 501), "PCM_24")
    pieces = list(audio.blocks(path, rate, block=1))
    assert {piece.shape for piece in pieces} == {(2, 1)}
    assert np.array_equal(np.concatenate(pieces, axis=1), audio.read(path, rate)[0])


@pytest.mark.parametrize("rate", [8_000, 192_000, 384_000])
def test_the_ends_of_the_range_of_sample_rates(tmp_path: Path, rate: int) -> None:
    signal = noise(1, 1_000)
    found, found_rate = audio.read(encode(tmp_path / "a.wav", signal, "DOUBLE", rate))
    assert found_rate == rate
    assert np.array_equal(found, signal)


@pytest.mark.parametrize("name", ["one.wav", "one.flac", "one.aiff", "one.ogg"])
def test_one_sample_is_enough(tmp_path: Path, name: str) -> None:
    path = encode(tmp_path / name, np.full((1, 1), 0.25, np.float32))
    assert audio.read(path)[0].shape == (1, 1)
    assert audio.read(path, 48_000)[0].shape == (1, 1)
    assert sum(block.shape[1] for block in audio.blocks(path)) == 1


def test_beyond_full_scale_is_kept(tmp_path: Path) -> None:
    signal = np.array([[0.5, 3.0, -2.0]], np.float32)
    assert np.array_equal(audio.read(encode(tmp_path / "a.wav", signal, "FLOAT"))[0], signal)


@pytest.mark.parametrize(("mode", "lost"), [("CONSTANT", 0.0), ("VARIABLE", 0.05)])
def test_a_good_mp3_without_length_tag_is_read(tmp_path: Path, mode: str, lost: float) -> None:
    """Its length is libsndfile's estimate: exact at a constant bit rate, and a few per cent off else."""
    path = tmp_path / "a.mp3"
    signal = noise(2, 5 * RATE)
    signal[:, : RATE * 2] *= 1e-3
    sf.write(path, signal.T, RATE, format="MP3", bitrate_mode=mode, compression_level=0.0)
    data = path.read_bytes()
    path.write_bytes(data[data.find(data[:2], 100) :])  # the tag is the first MP3 frame
    added = 3 * 1152  # delay and padding of the encoder, which the tag would tell to leave out
    assert 5 * RATE * (1 - lost) <= audio.read(path)[0].shape[1] <= 5 * RATE + added


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF000])
def test_a_wav_from_a_pipe_is_not_called_short(tmp_path: Path, size: int) -> None:
    path = encode(tmp_path / "a.wav", noise(1, 1000), "PCM_16")
    data = bytearray(path.read_bytes())
    at = data.find(b"data") + 4
    data[at : at + 4] = size.to_bytes(4, "little")
    path.write_bytes(data)
    assert audio.read(path)[0].shape == (1, 1000)


def test_a_flac_from_a_pipe_is_counted(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.flac", noise(2, 70_000), "PCM_24")
    whole, _ = audio.read(path)
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)  # 36 bits of STREAMINFO: the number of frames, 0 if unknown
    path.write_bytes(data)
    assert audio.probe(path).frames == 70_000
    assert np.array_equal(audio.read(path)[0], whole)
    assert np.array_equal(audio.read(path, start=66_000)[0], whole[:, 66_000:])


def test_counts_below_zero_are_refused(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.wav", noise(1, 10))
    with pytest.raises(ValueError, match="start is -1"):
        audio.read(path, start=-1)
    with pytest.raises(ValueError, match="frames is -2"):
        audio.read(path, frames=-2)
    with pytest.raises(ValueError, match="block is 0"):
        audio.blocks(path, block=0)


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.wav", noise(2, 100_000))
    assert audio.sha256(path) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_dual_mono_is_the_same_to_the_last_bit(tmp_path: Path) -> None:
    mono = noise(1, 150_000)
    twice = np.concatenate([mono, mono])
    assert audio.is_dual_mono(encode(tmp_path / "twice.wav", twice, "PCM_24"))
    assert not audio.is_dual_mono(encode(tmp_path / "mono.wav", mono, "PCM_24"))
    twice[1, -1] += 2.0**-20
    assert not audio.is_dual_mono(encode(tmp_path / "almost.wav", twice, "PCM_24"))


@pytest.mark.parametrize("rate", [None, 44_100])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, rate: int | None) -> None:
    path = tmp_path / "long.flac"
    with sf.SoundFile(path, "w", 48_000, 2) as file:
        for _ in range(4):
            file.write(np.zeros((48_000 * 60, 2), np.int16))
    tracemalloc.start()
    frames = sum(block.shape[1] for block in audio.blocks(path, rate))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert frames == 4 * 60 * (rate or 48_000)
    assert peak < 8e6  # a few blocks of 0.5 MB; the whole file is 92 MB

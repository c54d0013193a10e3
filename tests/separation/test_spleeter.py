"""The default separator: its weights, its network, its level, what it does to silence and to bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mixer import audio
from mixer.errors import AudioError, ModelError, UsageError
from separation.chunks import Plan
from separation.separate import separate
from separation.separator import F32, Options
from separation.spectra import HOP, stft
from separation.spleeter import voice
from separation.spleeter.about import SHA256
from separation.spleeter.separator import TRAINED_RMS, TwoStems
from separation.spleeter.unet import STRIDE, UNet
from separation.spleeter.voice import BINS, _presence, voice_mask
from separation.spleeter.weights import PATH, load_networks, networks
from separation.stream import array_source, separated_blocks
from tests.separation.material import accompaniment_and_voice, sdr_db
from tests.signals import RATE, SONGS, difference_db, music


def separated(song: F32, separator: TwoStems) -> F32:
    return np.concatenate(list(separated_blocks(array_source(song, RATE), separator)), axis=-1)


@pytest.mark.parametrize(("channels", "rate"), [(1, 44_100), (2, 44_100), (2, 48_000), (1, 8_000), (2, 96_000)])
def test_stems_add_up_at_any_rate_and_channel_count(channels: int, rate: int) -> None:
    song = music(1.3, channels, rate=rate)
    stems = separate(song, rate, "spleeter-2")
    assert set(stems) == {"vocals", "accompaniment"}
    # -100 dB is asked for; what is left is the rounding of float32
    assert difference_db(sum(stems.values(), np.zeros_like(song)), song) < -120


def test_silence_stays_silence() -> None:
    stems = separate(np.zeros((2, 30_000), np.float32), RATE, "spleeter-2")
    assert all(not stem.any() for stem in stems.values())


def test_level_does_not_matter() -> None:
    """The networks know songs of one level only; a quiet file must not lose its voice."""
    song = music(2.0)
    loud = separate(song, RATE, "spleeter-2")["vocals"]
    quiet = separate(song * np.float32(0.01), RATE, "spleeter-2")["vocals"]
    assert difference_db(quiet * 100, loud) < -60


@pytest.mark.slow
def test_the_voice_of_a_song_is_found() -> None:
    mixture, voice = accompaniment_and_voice("rock")
    stems = separate(mixture, RATE, "spleeter-2")
    # the float model of the publishers: 12.54 dB at this song's own level
    assert sdr_db(voice, stems["vocals"]) > 12.3
    # above 11 kHz, where the model ended as it was published
    assert abs(high_energy_db(stems["vocals"]) - high_energy_db(voice)) < 3


def high_energy_db(signal: F32) -> float:
    spectrum = np.abs(np.fft.rfft(signal)) ** 2
    hz = np.fft.rfftfreq(signal.shape[1], 1 / RATE)
    return float(10 * np.log10(spectrum[:, hz > 11_025].sum()))


@pytest.mark.slow
def test_seams_are_as_if_there_were_none() -> None:
    song = music(22.0)
    stride = STRIDE * 1024
    separator = TwoStems(Options())
    separator.plan = Plan(16 * stride, 0, 0)
    whole = separated(song, separator)
    separator.plan = Plan(4 * stride, 5 * stride, stride // 4)
    # -60 dB is asked for; with the default context no segment misses anything that the networks hear
    assert difference_db(separated(song, separator), whole) < -100


@pytest.mark.slow
@pytest.mark.parametrize("name", ["desert", "metal", "electronic", "orchestral"])
def test_instrumentals_have_no_voice(name: str) -> None:
    path = SONGS.parent / "references" / f"{name}.flac"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    song, rate = audio.read(path, frames=12 * RATE)
    assert difference_db(separate(song, rate, "spleeter-2")["accompaniment"], song) < -30


def presence(share: float, consonant: float, treble: float, seconds: float = 40.0) -> torch.Tensor:
    """Of somebody who has this share of the sung bins and, for 0.2 s in 4 s, of the mixture's treble."""
    frames = round(seconds * RATE / HOP)
    mask, magnitudes = torch.full((2, BINS, frames), 1e-4), torch.full((2, BINS, frames), 1e-5)
    mask[:, 17:335] = share
    magnitudes[:, 17:335] = 1.0
    hits = torch.arange(frames) % 172 < 9
    magnitudes[:, 600:1000, hits] = treble
    mask[:, 600:1000, hits] = consonant
    return _presence(mask, magnitudes)[330:-330]  # 7 s from the ends


def test_a_voice_has_consonants() -> None:
    """What the networks half believe to be a voice is none without them, and is left alone wherever one cannot know."""
    assert presence(0.3, consonant=0.0, treble=0.3).max() == 0.0
    assert presence(0.3, consonant=0.5, treble=0.3).min() == 1.0  # somebody sings
    assert presence(0.8, consonant=0.0, treble=0.3).min() == 1.0  # a choir: the networks are sure
    assert presence(0.3, consonant=0.0, treble=1e-4).min() == 1.0  # an old recording
    assert presence(0.05, consonant=0.5, treble=0.3).max() == 0.0  # the networks believe in nothing


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rock", "country", "britpop"])
def test_who_sings_is_not_touched(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By looking for consonants, to the last bit."""
    song, _ = accompaniment_and_voice(name)
    heard: list[tuple[torch.Tensor, torch.Tensor]] = []

    def listen(mask: torch.Tensor, magnitudes: torch.Tensor) -> torch.Tensor:
        heard.append((mask, magnitudes))
        return torch.ones(mask.shape[-1])

    with monkeypatch.context() as patch, torch.inference_mode():
        patch.setattr(voice, "_presence", listen)
        level = np.float32(TRAINED_RMS / np.sqrt(np.square(song, dtype=np.float64).mean()))
        voice_mask(networks(), stft(torch.from_numpy(song * level)))
    looked = _presence(*heard[0])
    assert looked.max() > 0.9
    monkeypatch.setattr(voice, "CONSONANT_DB", (-400.0, -300.0))
    assert torch.equal(looked, _presence(*heard[0]))


def test_a_shift_by_the_stride_shifts_the_mask() -> None:
    network = UNet().eval()
    x = torch.rand(1, 2, 10 * STRIDE, STRIDE)
    with torch.inference_mode():
        moved = network(x[:, :, STRIDE:])
        whole = network(x)[:, :, STRIDE:]
    middle = slice(4 * STRIDE, 5 * STRIDE)  # 256 frames from both ends
    assert torch.allclose(moved[:, :, middle], whole[:, :, middle], atol=1e-6)


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    damaged = tmp_path / "weights.safetensors"
    damaged.write_bytes(PATH.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match=r"SHA-256.*install Faderwise again"):
        load_networks(damaged, SHA256)
    with pytest.raises(ModelError, match="cannot be read"):
        load_networks(tmp_path / "absent.safetensors", SHA256)


@pytest.mark.parametrize(
    "song",
    [np.zeros((3, 100), np.float32), np.zeros((2, 0), np.float32), np.full((1, 9), np.nan, np.float32)],
    ids=["three channels", "empty", "NaN"],
)
def test_bad_samples_are_refused(song: F32) -> None:
    with pytest.raises(AudioError):
        separate(song, RATE, "spleeter-2")


def test_bad_requests_are_refused() -> None:
    song = music(0.1)
    with pytest.raises(UsageError, match="no separator 'magic'"):
        separate(song, RATE, "magic")
    with pytest.raises(UsageError, match="device"):
        TwoStems(Options(device="abacus"))
    with pytest.raises(AudioError, match="sample rate"):
        separate(song, 4000, "spleeter-2")
    for options in ({"segment_s": 0.1}, {"overlap": 0.95}, {"shifts": 0}):
        with pytest.raises(UsageError):
            Options(**options)


def test_raising_from_progress_cancels() -> None:
    told: list[tuple[float, str]] = []

    def stop(fraction: float, stage: str) -> None:
        told.append((fraction, stage))
        if "left" in stage:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        separate(music(1.0), RATE, "spleeter-2", stop)
    assert told[0][1] == "measuring the song"

"""Open-Unmix from small local checkpoints: the architecture, the filter after it, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

from mixer.errors import ModelError
from separation.models import UMX_STEMS
from separation.open_unmix import OpenUnmix, load_network
from separation.registry import open_separator
from separation.separate import separate
from separation.separator import Options
from separation.wiener import multichannel_wiener
from tests.signals import RATE, difference_db, music

Reals = npt.NDArray[np.float64]
Complexes = npt.NDArray[np.complex128]

SEEN_BINS = 1487  # up to 16 kHz, as the published networks


def checkpoints(folder: Path, hidden: int = 16) -> Path:
    """One small file for each stem, with the buffers that published ones carry."""
    for seed, stem in enumerate(UMX_STEMS):
        torch.manual_seed(seed)
        state: dict[str, Tensor] = dict(OpenUnmix(hidden, SEEN_BINS).state_dict())
        state |= {"sample_rate": torch.tensor(44_100.0), "stft.window": torch.zeros(4096)}
        torch.save(state, folder / f"{stem}.pth")
    return folder


def test_stems_add_up(tmp_path: Path) -> None:
    separator = open_separator("umxhq", Options(weights=checkpoints(tmp_path), segment_s=2))
    song = music(5.0)
    stems = separate(song, RATE, separator)
    assert set(stems) == set(UMX_STEMS)
    assert difference_db(sum(stems.values(), np.zeros_like(song)), song) < -100


def test_the_published_shapes_load(tmp_path: Path) -> None:
    """512 hidden units as umxhq, 1024 as umxl: the size comes from the file."""
    for hidden in (512, 1024):
        path = tmp_path / f"{hidden}.pth"
        torch.save(OpenUnmix(hidden, SEEN_BINS).state_dict(), path)
        network = load_network(path)
        assert network.lstm.hidden_size == hidden // 2
        assert sum(parameter.numel() for parameter in network.parameters()) > 8e6


def test_silence_and_an_even_gain_pass_as_they_should(tmp_path: Path) -> None:
    """With its last layer's weights zero the network's gain is its output mean: 1 by default."""
    network = OpenUnmix(8, SEEN_BINS)
    for parameter in (network.fc3.weight, network.bn3.bias):
        torch.nn.init.zeros_(parameter)
    torch.save(network.state_dict(), tmp_path / "x.pth")
    magnitudes = torch.rand(7, 2, 2049)
    with torch.inference_mode():
        assert torch.allclose(load_network(tmp_path / "x.pth")(magnitudes), magnitudes, atol=1e-6)


def slow_wiener(magnitudes: Reals, mixture: Complexes) -> Complexes:
    """The same filter in loops, from the paper, one bin at a time (one window, moderate level)."""
    stems, channels, bins, frames = magnitudes.shape
    start = magnitudes * np.exp(1j * np.angle(mixture))
    out: Complexes = np.zeros_like(start)
    for f in range(bins):
        power = (np.abs(start[:, :, f]) ** 2).mean(1)
        covariances = np.zeros((stems, channels, channels), complex)
        for j in range(stems):
            for t in range(frames):
                covariances[j] += np.outer(start[j, :, f, t], start[j, :, f, t].conj())
            covariances[j] /= power[j].sum()
        for t in range(frames):
            total = np.tensordot(power[:, t], covariances, 1) + 1e-5 * np.eye(channels)
            for j in range(stems):
                out[j, :, f, t] = power[j, t] * covariances[j] @ np.linalg.inv(total) @ mixture[:, f, t]
    return out


def test_the_filter_is_the_papers() -> None:
    rng = np.random.default_rng(0)
    mixture = rng.standard_normal((2, 6, 30)) + 1j * rng.standard_normal((2, 6, 30))
    magnitudes = rng.random((3, 2, 6, 30))
    made = multichannel_wiener(torch.from_numpy(magnitudes), torch.from_numpy(mixture)).numpy()
    wanted = slow_wiener(magnitudes, mixture)
    # loops and einsum in float64 differ by rounding; the floors (1e-10) by less
    assert np.abs(made - wanted).max() < 1e-6
    assert np.abs(made.sum(0) - mixture).max() < 1e-3


def test_files_that_are_not_what_they_say(tmp_path: Path) -> None:
    folder = checkpoints(tmp_path)
    (folder / "bass.pth").unlink()
    with pytest.raises(ModelError, match="no weights for bass"):
        open_separator("umxl", Options(weights=folder))
    torch.save({"layer": torch.zeros(3)}, folder / "bass.pth")
    with pytest.raises(ModelError, match="no network of Open-Unmix"):
        open_separator("umxl", Options(weights=folder))
    torch.save([1, 2], folder / "bass.pth")
    with pytest.raises(ModelError, match="not weights by name"):
        open_separator("umxl", Options(weights=folder))
    with pytest.raises(ModelError, match="holds no weights"):
        open_separator("umxl", Options(weights=Path(__file__).parent))

"""Open-Unmix as a separator: its published checkpoints in a module of our own with the same architecture.

Stoter, Uhlich, Liutkus, Mitsufuji, "Open-Unmix - a reference implementation for music source separation", JOSS 4(41),
1667, 2019. The ``openunmix`` package itself needs torchaudio, which does not load beside this torch.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from mixer.errors import ModelError
from separation.checkpoint import read_pickle, read_safetensors
from separation.chunks import Plan
from separation.models import UMX_STEMS, weights_files
from separation.optional import about_open_unmix
from separation.separator import F32, About, Levels, Options, checked_device
from separation.spectra import BINS, SAMPLE_RATE, istft, stft
from separation.wiener import multichannel_wiener

SEGMENT_S = 20.0
OVERLAP = 0.3
_BUFFERS = ("sample_rate", "stft.", "transform.")  # of older checkpoints: they are not learned


class OpenUnmix(nn.Module):
    """Magnitudes of a mixture to those of one stem: three bidirectional LSTM layers between dense ones.

    Shape:
        input, output: ``[frames, channels, bins]``
    """

    def __init__(self, hidden: int, seen_bins: int, bins: int = BINS, channels: int = 2, layers: int = 3) -> None:
        super().__init__()
        self.input_mean = nn.Parameter(torch.zeros(seen_bins))
        self.input_scale = nn.Parameter(torch.ones(seen_bins))
        self.output_mean = nn.Parameter(torch.ones(bins))
        self.output_scale = nn.Parameter(torch.ones(bins))
        self.fc1 = nn.Linear(seen_bins * channels, hidden, bias=False)
        self.bn1 = nn.BatchNorm1d(hidden)
        self.lstm = nn.LSTM(hidden, hidden // 2, layers, bidirectional=True)
        self.fc2 = nn.Linear(2 * hidden, hidden, bias=False)
        self.bn2 = nn.BatchNorm1d(hidden)
        self.fc3 = nn.Linear(hidden, bins * channels, bias=False)
        self.bn3 = nn.BatchNorm1d(bins * channels)

    def forward(self, magnitudes: Tensor) -> Tensor:
        x = (magnitudes[..., : len(self.input_mean)] + self.input_mean) * self.input_scale
        x = torch.tanh(self.bn1(self.fc1(x.flatten(1))))  # [frames, hidden]
        x = torch.cat((x, self.lstm(x[:, None])[0][:, 0]), -1)
        x = functional.relu(self.bn2(self.fc2(x)))
        gain = self.bn3(self.fc3(x)).view_as(magnitudes) * self.output_scale + self.output_mean
        return functional.relu(gain) * magnitudes


class OpenUnmixSeparator:
    """One network for each stem, then one step of multichannel Wiener filtering."""

    def __init__(self, name: str, options: Options) -> None:
        self._device = torch.device(checked_device(options.device))
        files = _by_stem(weights_files(name, options.weights), options.weights)
        self.about: About = about_open_unmix(name)
        self._networks = [load_network(files[stem]).to(self._device) for stem in self.about.stems]
        segment = round((options.segment_s or SEGMENT_S) * SAMPLE_RATE)
        shared = (OVERLAP if options.overlap is None else min(options.overlap, 0.5)) * segment
        context, fade = int(shared * 3 / 8), int(shared / 4)
        self.plan = Plan(segment - 2 * context - fade, context, fade)

    def offset_and_gain(self, levels: Levels) -> tuple[float, float]:
        """None: the networks were trained on songs as they are."""
        del levels
        return 0.0, 1.0

    def stems(self, segment: F32) -> F32:
        """``[2, time]`` to ``[4, 2, time]``."""
        with torch.inference_mode():
            spectra = stft(torch.from_numpy(segment).to(self._device))  # [2, bins, frames]
            magnitudes = spectra.abs().permute(2, 0, 1)
            estimates = torch.stack([network(magnitudes).permute(1, 2, 0) for network in self._networks])
            stems: F32 = istft(multichannel_wiener(estimates, spectra), segment.shape[1]).cpu().numpy()
            return stems


def load_network(path: Path) -> OpenUnmix:
    """One stem's network; its size is read off the weights.

    Raises:
        ModelError: the file holds something else.
    """
    remedy = "name a checkpoint of Open-Unmix"
    read = read_safetensors(path, None, remedy) if path.suffix == ".safetensors" else read_pickle(path, remedy)
    state = {name: tensor for name, tensor in read.items() if not name.startswith(_BUFFERS)}
    try:
        bins, seen = len(state["output_mean"]), len(state["input_mean"])
        layers = sum(name.startswith("lstm.weight_ih") for name in state) // 2
        network = OpenUnmix(len(state["fc1.weight"]), seen, bins, len(state["fc3.weight"]) // bins, layers)
        network.load_state_dict(state)
        if bins != BINS or len(state["fc3.weight"]) != 2 * BINS:
            raise ValueError(f"it has {bins} bins")
    except (KeyError, RuntimeError, TypeError, ValueError, ZeroDivisionError):
        raise ModelError(f"{path}: is no network of Open-Unmix for {BINS} bins in stereo; {remedy}") from None
    return network.eval().requires_grad_(False)


def _by_stem(paths: list[Path], given: Path | None) -> dict[str, Path]:
    files = {path.name.partition("-")[0].partition(".")[0]: path for path in paths}
    missing = [stem for stem in UMX_STEMS if stem not in files]
    if missing:
        raise ModelError(f"{given}: has no weights for {', '.join(missing)}; name a folder with one file for each stem")
    return files

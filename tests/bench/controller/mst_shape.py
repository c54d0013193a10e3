"""The published shape of Diff-MST's network with random weights: what an answer costs, not what it is worth.

After S. S. Vanka, C. Steinmetz, J. Rolland, J. Reiss, G. Fazekas, "Diff-MST: Differentiable Mixing Style Transfer",
ISMIR 2024: two convolutional encoders of spectrograms in the shape of Cnn14 (Q. Kong et al., "PANNs", TASLP 2020), one
for tracks and one for mixes, and a transformer over their embeddings; 191 million parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CHANNELS = (64, 128, 256, 512, 1024, 2048)
SIZE, LAYERS, ATTENTIONS, KNOBS = 512, 12, 8, 27
WINDOW, HOP = 2048, 512


class Encoder(nn.Module):
    """Audio ``[signals, time]`` to embeddings ``[signals, SIZE]``."""

    def __init__(self) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for before, after in zip((1, *CHANNELS), CHANNELS, strict=False):
            for into in (before, after):
                blocks += [nn.Conv2d(into, after, 3, padding=1, bias=False), nn.BatchNorm2d(after), nn.ReLU()]
            blocks.append(nn.AvgPool2d(2))
        self.convolutions, self.embed = nn.Sequential(*blocks), nn.Linear(CHANNELS[-1], SIZE)

    def forward(self, x: Tensor) -> Tensor:
        """One pass."""
        spectrum = (
            torch.stft(x, WINDOW, HOP, window=torch.hann_window(WINDOW), return_complex=True).abs().transpose(1, 2)
        )
        maps = self.convolutions(spectrum[:, None])  # [signals, channels, frames, bins]
        maps = maps.mean(3)
        return torch.as_tensor(self.embed(maps.amax(2) + maps.mean(2)))


class MstShape(nn.Module):
    """Tracks ``[tracks, time]`` and a reference ``[2, time]`` to knobs."""

    def __init__(self) -> None:
        super().__init__()
        self.tracks, self.mix = Encoder(), Encoder()
        layer = nn.TransformerEncoderLayer(SIZE, ATTENTIONS, 4 * SIZE, batch_first=True)
        self.controller = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.heads = nn.Linear(SIZE, KNOBS)

    def forward(self, tracks: Tensor, reference: Tensor) -> Tensor:
        """One pass, track by track, as memory asks for."""
        embedded = torch.cat([self.tracks(track[None]) for track in tracks])
        x = torch.cat([self.mix(reference), embedded])[None]
        return torch.as_tensor(self.heads(self.controller(x)[0, 2:]).sigmoid())

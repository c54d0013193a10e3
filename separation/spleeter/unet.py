"""The network that hears a voice in a spectrogram: Spleeter's U-Net, for one instrument.

Architecture: Jansson et al., "Singing voice separation with deep U-Net convolutional networks", ISMIR 2017, with the
layers and paddings of Spleeter (Hennequin et al., JOSS 5(50), 2154, 2020). TensorFlow's "same" padding is spelt out.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = (16, 32, 64, 128, 256, 512)
STRIDE = 2 ** len(CHANNELS)
"""Frames and bins must be a multiple of this, and a shift by as many frames shifts the mask alike."""
_LEAK = 0.2
_SAME_BEFORE, _SAME_AFTER = 1, 2  # of a kernel of 5 at stride 2
_SAME_LAST = 3  # of a kernel of 4 at dilation 2


class ChannelAffine(nn.Module):
    """Batch normalisation at inference: a factor and an offset for each channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.shift[:, None, None], x, self.scale[:, None, None])


class UNet(nn.Module):
    """Magnitudes of a stereo mixture to a mask of one instrument.

    Shape:
        input: ``[batch, 2, frames, bins]``, both multiples of 64; STFT magnitudes of a signal with full scale 1
        output: the same, between 0 and 1
    """

    def __init__(self) -> None:
        super().__init__()
        inner = CHANNELS[-2::-1]  # 256 ... 16
        self.down = nn.ModuleList(nn.Conv2d(i, o, 5, 2) for i, o in zip((2, *CHANNELS), CHANNELS, strict=False))
        self.down_norm = nn.ModuleList(ChannelAffine(channels) for channels in CHANNELS[:-1])
        inputs, outputs = (CHANNELS[-1], *(2 * channels for channels in inner)), (*inner, 1)
        self.up = nn.ModuleList(nn.ConvTranspose2d(i, o, 5, 2) for i, o in zip(inputs, outputs, strict=True))
        self.up_norm = nn.ModuleList(ChannelAffine(channels) for channels in outputs)
        self.last = nn.Conv2d(1, 2, 4, dilation=2)

    def forward(self, magnitudes: Tensor) -> Tensor:
        skips: list[Tensor] = []
        x = magnitudes.contiguous(memory_format=torch.channels_last)  # twice as fast on a processor
        for convolution, norm in zip(self.down, (*self.down_norm, None), strict=True):
            x = convolution(functional.pad(x, (_SAME_BEFORE, _SAME_AFTER) * 2))
            skips.append(x)
            if norm is not None:
                x = functional.leaky_relu_(norm(x), _LEAK)
        x = skips.pop()
        for index, (convolution, norm) in enumerate(zip(self.up, self.up_norm, strict=True)):
            if index:
                x = torch.cat((skips.pop(), x), 1)
            x = convolution(x)[..., _SAME_BEFORE:-_SAME_AFTER, _SAME_BEFORE:-_SAME_AFTER]
            x = norm(functional.relu(x))
        return torch.sigmoid(self.last(functional.pad(x, (_SAME_LAST,) * 4)))

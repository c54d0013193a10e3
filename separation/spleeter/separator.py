"""The default separators: the voice by Spleeter's networks, drums and bass out of what it leaves."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import Tensor

from separation.chunks import Plan, aligned_plan
from separation.separator import F32, About, Levels, Options, checked_device
from separation.spectra import HOP, SAMPLE_RATE, istft, stft
from separation.spleeter.about import FOUR_STEMS, TWO_STEMS
from separation.spleeter.gains import accompaniment_shares, stem_gains
from separation.spleeter.unet import STRIDE
from separation.spleeter.voice import voice_mask
from separation.spleeter.weights import networks

TRAINED_RMS = 10 ** (-14 / 20)
"""RMS of a song as the networks know it: they are not indifferent to level. Measured: a song that is 20 dB below loses
6 dB of SDR, 4 dB around the optimum lose 0.3."""
SEGMENT_S = 45.0
OVERLAP = 0.33
"""Of the default segment: 320 frames (7.4 s) on both sides, as far as anything matters. With 192 frames the networks
are -63 dB from what they give in one pass, with 128 -36 dB."""


class TwoStems:
    """The voice by Spleeter's two networks, the accompaniment as what it leaves."""

    about: About = TWO_STEMS

    def __init__(self, options: Options) -> None:
        self._device = torch.device(checked_device(options.device))
        vocals, accompaniment = networks() if self._device.type == "cpu" else deepcopy(networks())
        self._networks = (vocals.to(self._device), accompaniment.to(self._device))
        segment = (options.segment_s or SEGMENT_S) * SAMPLE_RATE
        overlap = OVERLAP if options.overlap is None else options.overlap
        self.plan: Plan = aligned_plan(segment, overlap, STRIDE * HOP)

    def offset_and_gain(self, levels: Levels) -> tuple[float, float]:
        """To the level that the networks were trained at."""
        return 0.0, TRAINED_RMS / levels.rms

    def stems(self, segment: F32) -> F32:
        """``[2, time]`` to ``[stems, 2, time]``; the last stem, the rest, is left to whoever has the mixture."""
        with torch.inference_mode():
            mixture = torch.from_numpy(segment).to(self._device)
            spectra = stft(mixture)
            voice = voice_mask(self._networks, spectra)
            found = torch.stack([istft(stem, mixture.shape[-1]) for stem in self._found(spectra, voice)])
            stems: F32 = torch.cat((found, (mixture - found.sum(0))[None])).cpu().numpy()
            return stems

    def _found(self, spectra: Tensor, voice: Tensor) -> Iterable[Tensor]:
        """Spectra of the stems that are not the rest, ``[2, bins, frames]`` each, best made one at a time."""
        return (spectra * voice,)


class FourStems(TwoStems):
    """The same voice; the accompaniment is shared between drums, bass and the rest by gains learned from cues."""

    about: About = FOUR_STEMS

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._gains = stem_gains()

    def _found(self, spectra: Tensor, voice: Tensor) -> Iterable[Tensor]:
        yield spectra * voice
        accompaniment = spectra * (1 - voice)
        drums, bass, _ = accompaniment_shares(self._gains, accompaniment.cpu(), voice.cpu()).to(spectra.device)
        yield accompaniment * drums
        yield accompaniment * bass

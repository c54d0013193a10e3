"""The mix as band powers: what gains, pans and equalisers do to it, in closed form and in a fraction of a millisecond.

Between the channels of all tracks ("lanes") the mean product is kept for each band, so that tracks that share a source
(two microphones on one snare) add up as they really do. Compressors stay as they are while the field stands; phases of
equalisers are left out. What the console really does is measured afterwards and the difference handed back as offsets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.biquad import response
from mixer.console import ChainTensors
from mixer.processor import find
from mixer.processors.equalizer import curve_sections
from style_transfer.desk import EQ_GAINS, Desk
from style_transfer.features import BANDS, CENTRES_HZ, Power, band_analysis, spectrum
from style_transfer.listen import Segment

SLOPE_DB = 4.0


def curves_db(desk: Desk, table: ChainTensors) -> Tensor:
    """What the strips' equalisers do to each band: ``[tracks, bands]``."""
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64)
    return response(curve_sections(desk.sample_rate, dict(table["equalizer"])), centres, desk.sample_rate)


def slopes(sample_rate: int, knobs: Mapping[str, Tensor]) -> Tensor:
    """What one decibel on each gain of ``EQ_GAINS`` adds to each band: ``[tracks, gains, bands]``.

    Taken at ``SLOPE_DB``: curves of other gains are as good as proportional to it.
    """
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64)
    flat = {**knobs, "highpass_hz": torch.full_like(knobs["highpass_hz"], find("equalizer").param("highpass_hz").low)}
    flat |= {knob: torch.zeros_like(knobs[knob]) for knob in EQ_GAINS}
    each = [
        response(
            curve_sections(sample_rate, flat | {knob: torch.full_like(flat[knob], SLOPE_DB)}), centres, sample_rate
        )
        for knob in EQ_GAINS
    ]
    return torch.stack(each, dim=1) / SLOPE_DB


@dataclass(frozen=True, slots=True)
class Weights:
    """Amplitudes with which each lane reaches the left and the right side: ``[lanes, bands]`` float64."""

    left: Tensor
    right: Tensor


@dataclass(frozen=True, slots=True)
class Field:
    """Lane powers of a desk on its segments, after equaliser and compressor, before fader and panner."""

    cross: Tensor
    """Real mean products ``[bands, lanes, lanes]`` float64."""
    moments: Tensor
    """Powers of the tracks at unity in each window of about 93 ms: ``[tracks, bands, windows]`` float32."""
    owner: Tensor
    """Track of each lane ``[lanes]``."""
    curve_db: Tensor
    """Of the equalisers that it was heard through ``[tracks, bands]``."""
    slopes: Tensor
    """What a decibel on each of the strips' gains adds ``[tracks, gains, bands]``."""
    channel: Tensor
    """0: a mono track, 1: the left of a stereo track, 2: its right; ``[lanes]``."""

    @classmethod
    def of(cls, desk: Desk, segments: Sequence[Segment]) -> Field:
        """Measured on the desk's strips with their faders at unity and in the centre."""
        table = desk.tensors({})
        open_table = {**table, "fader": {"gain_db": torch.zeros_like(table["fader"]["gain_db"])}}
        open_table["panner"] = {"pan": torch.zeros_like(table["panner"]["pan"])}
        open_table["panner"]["width"] = torch.ones_like(table["panner"]["width"])
        monos = sum(entry.track.channels == 1 for entry in desk.heard)
        stereos = len(desk.heard) - monos
        owner = torch.cat([torch.arange(monos), torch.arange(monos, len(desk.heard)).repeat_interleave(2)])
        channel = torch.cat([torch.zeros(monos, dtype=torch.long), torch.tensor([1, 2]).repeat(stereos)])
        bins = [torch.nonzero(row)[:, 0] for row in band_analysis(desk.sample_rate)[1]]
        scale = [float(row.max()) for row in band_analysis(desk.sample_rate)[1]]
        cross = torch.zeros(BANDS, len(owner), len(owner), dtype=torch.float64)
        moments: list[Tensor] = []
        windows = 0
        with torch.no_grad():
            for segment in segments:
                posts = desk.posts(segment, open_table)
                lanes = torch.cat([posts[:monos, 0], posts[monos:].flatten(0, 1)])
                heard = spectrum(lanes, desk.sample_rate)  # [lanes, bins, windows]
                here = torch.zeros(len(desk.heard), BANDS, heard.shape[-1])
                for band in range(BANDS):
                    part = torch.view_as_real(heard[:, bins[band]])
                    flat = part.flatten(1)
                    cross[band] += scale[band] * (flat @ flat.T).double()
                    power = scale[band] * part.square().sum((1, 3))  # [lanes, windows]
                    here[:, band].index_add_(0, owner, power * torch.where(channel > 0, 0.5, 1.0)[:, None])
                moments.append(here)
                windows += heard.shape[-1]
        return cls(
            cross / windows,
            torch.cat(moments, dim=2),
            owner,
            curves_db(desk, table),
            slopes(desk.sample_rate, table["equalizer"]),
            channel,
        )

    def weights(self, level_db: Tensor, pan: Tensor, width: Tensor) -> Weights:
        """The panner's and fader's matrix for each lane, as ``mixer.processors.panner`` defines it.

        Args:
            level_db: ``[tracks, bands]``: fader, and what equalisers add to those that the field was heard through.
            pan: ``[tracks]``, as is ``width``.
        """
        angle = (pan + 1) * (torch.pi / 4)
        same, other = (1 + width) / 2, (1 - width) / 2
        balance = 1 - pan.clamp(min=0), 1 + pan.clamp(max=0)
        left = torch.stack([2**0.5 * angle.cos(), same * balance[0], other * balance[0]], dim=1)  # by channel
        right = torch.stack([2**0.5 * angle.sin(), other * balance[1], same * balance[1]], dim=1)
        level = 10 ** (level_db / 20)
        lanes = level[self.owner]
        return Weights(
            left[self.owner, self.channel][:, None] * lanes, right[self.owner, self.channel][:, None] * lanes
        )

    def powers(self, weights: Weights, members: Tensor) -> Power:
        """Powers of sums of some tracks.

        Args:
            members: ``[sums, tracks]``, 1 for the tracks that belong to a sum.

        Returns:
            Mid, side and their product, each ``[sums, bands]``.
        """
        lanes = members[:, self.owner][:, :, None]  # [sums, lanes, 1]
        left, right = (lanes * side for side in (weights.left, weights.right))
        heard_left = torch.einsum("bnm,smb->snb", self.cross, left)
        heard_right = torch.einsum("bnm,smb->snb", self.cross, right)
        ll, rr, lr = (left * heard_left).sum(1), (right * heard_right).sum(1), (left * heard_right).sum(1)
        return Power((ll + rr + 2 * lr) / 4, ((ll + rr - 2 * lr) / 4).clamp_min(0), (ll - rr) / 4)

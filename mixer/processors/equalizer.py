"""Equaliser: high-pass, low shelf, four peaks, high shelf (Audio EQ Cookbook biquads)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mixer.arrays import F32
from mixer.biquad import BUTTERWORTH_Q, cascade, design, run_cascade
from mixer.param import Param
from mixer.processor import Values, processor

PEAKS = {1: 200.0, 2: 600.0, 3: 2000.0, 4: 5000.0}
"""The peaks and the frequencies that they rest at, in Hz."""


def _gain(band: str, what: str) -> Param:
    return Param(f"{band}_gain_db", "dB", -20.0, 20.0, 0.0, "linear", f"Boost or cut of the {what}.")


def _peak(index: int, rest_hz: float) -> tuple[Param, Param, Param]:
    return (
        _gain(f"peak{index}", f"peak band {index}"),
        Param(f"peak{index}_hz", "Hz", 20.0, 20000.0, rest_hz, "log", f"Centre of peak band {index}."),
        Param(f"peak{index}_q", "", 0.1, 10.0, 1.0, "log", f"Narrowness of peak band {index}: higher is narrower."),
    )


HIGHPASS = Param(
    "highpass_hz", "Hz", 20.0, 1000.0, 20.0, "log", "Corner of the 12 dB/octave Butterworth high-pass.", off_at_low=True
)


@processor(
    HIGHPASS,
    _gain("low", "low shelf"),
    Param("low_hz", "Hz", 20.0, 2000.0, 100.0, "log", "Midpoint of the low shelf (Q 0.7071)."),
    *(param for index, rest_hz in PEAKS.items() for param in _peak(index, rest_hz)),
    _gain("high", "high shelf"),
    Param("high_hz", "Hz", 500.0, 20000.0, 8000.0, "log", "Midpoint of the high shelf (Q 0.7071)."),
    aspect="eq",
    strip=10,
    master=10,
)
def equalizer(x: Tensor, sample_rate: int, **values: Tensor) -> Tensor:
    """Seven-band equaliser: high-pass, low shelf, four peaks and high shelf in series.

    Flat bands are out of the circuit. Shelves have a fixed Q of 0.7071, which every DAW can carry.
    """
    sections = curve_sections(sample_rate, values)
    in_use = bool((values["highpass_hz"] > HIGHPASS.low).any())
    return cascade(x, sections if in_use else sections[:, 1:])


def curve_sections(sample_rate: int, values: dict[str, Tensor]) -> Tensor:
    """Coefficients ``[tracks, 7, 5]`` of the whole curve, differentiable in every knob (``[tracks]`` each)."""
    cutoff = values["highpass_hz"]
    flat, butterworth = torch.zeros_like(cutoff), torch.full_like(cutoff, BUTTERWORTH_Q)
    high_pass = design("high_pass", flat, cutoff, butterworth, sample_rate)
    through = torch.tensor([1.0, 0, 0, 0, 0], dtype=torch.float64, device=cutoff.device).expand_as(high_pass)
    rows = [torch.where((cutoff > HIGHPASS.low)[:, None], high_pass, through)]
    rows.append(design("low_shelf", values["low_gain_db"], values["low_hz"], butterworth, sample_rate))
    rows += [
        design("peaking", values[f"peak{i}_gain_db"], values[f"peak{i}_hz"], values[f"peak{i}_q"], sample_rate)
        for i in PEAKS
    ]
    rows.append(design("high_shelf", values["high_gain_db"], values["high_hz"], butterworth, sample_rate))
    return torch.stack(rows, dim=1)


@equalizer.renderer
class EqualizerRenderer:
    """Streams blocks through the bands that are in use."""

    latency = 0
    tail = 0

    def __init__(self, sample_rate: int, channels: int, values: Values) -> None:
        del channels  # the state always has room for two
        tensors = {name: torch.tensor([value], dtype=torch.float64) for name, value in values.items()}
        sections = curve_sections(sample_rate, tensors)[0].numpy()
        used = [not HIGHPASS.is_off(values["highpass_hz"])]
        used += [values[f"{band}_gain_db"] != 0.0 for band in ("low", *(f"peak{i}" for i in PEAKS), "high")]
        self._sections = np.ascontiguousarray(sections[used])
        self._state = np.zeros((len(self._sections), 2, 2))

    def __call__(self, block: F32) -> F32:
        if len(self._sections):
            run_cascade(block, self._sections, self._state, block)
        return block

"""An asked change of tone as gains of an equaliser, by closed-form response."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from mixer.biquad import response
from mixer.processor import find
from mixer.processors.equalizer import curve_sections
from style_transfer.desk import EQ_GAINS
from style_transfer.features import CENTRES_HZ

_SPREAD_HZ = {"low": 90.0, "peak1": 250.0, "peak2": 700.0, "peak3": 2200.0, "peak4": 4500.0, "high": 9000.0}
"""Where flat bands are put, so that together they reach the whole curve."""
_SPREAD_Q = 0.8
_MOST_DB = 12.0
_LEAST_DB = 0.3
"""A band that needs less is left alone."""
_RIDGE = 0.02
"""What a dB of gain costs against a dB of error: the least that gets there wins."""
_STEPS = 3


def tone_knobs(
    bands_db: Sequence[float], given: Mapping[str, float], free: Callable[[str], bool], sample_rate: int
) -> dict[str, float]:
    """Knobs that bend an equaliser's curve by ``bands_db`` (in the 25 bands), on top of what it does already.

    Gauss-Newton on the gains; bands in use keep their frequency, flat ones are spread over the spectrum first.

    Args:
        given: all knobs of the equaliser as they stand.
        free: whether a knob may move.
    """
    bands = [gain.removesuffix("_gain_db") for gain in EQ_GAINS if free(gain)]
    if not bands or not any(bands_db):
        return {}
    placed = dict(given)
    for band, spread in _spread(bands_db).items():
        if band in bands and given[f"{band}_gain_db"] == 0.0:
            placed |= {knob: value for knob, value in spread.items() if free(knob)}
    now = torch.tensor([placed[f"{band}_gain_db"] for band in bands], dtype=torch.float64)
    count = len(bands)
    steps = torch.cat([torch.zeros(1, count), torch.eye(count)]).double()
    goal = _curves(placed, bands, now[None], sample_rate)[0] + torch.tensor(bands_db, dtype=torch.float64)
    gains = now.clone()
    for _ in range(_STEPS):
        here, *stepped = _curves(placed, bands, gains + steps, sample_rate)
        slopes = torch.stack(stepped, 1) - here[:, None]  # [25, gains]
        normal = slopes.T @ slopes + _RIDGE * torch.eye(count, dtype=torch.float64)
        step = torch.linalg.solve(normal, slopes.T @ (goal - here) - _RIDGE * (gains - now))
        gains = (gains + step).clamp(-_MOST_DB, _MOST_DB)
    return _dialled(placed, bands, now, gains)


def tone_curve_db(knobs: Mapping[str, float], sample_rate: int) -> Tensor:
    """The equaliser's response in the 25 bands, dB ``[bands]``."""
    return _curves(knobs, (), torch.zeros(1, 0), sample_rate)[0]


def _spread(bands_db: Sequence[float]) -> dict[str, dict[str, float]]:
    """Where flat bands go: over the spectrum, the nearest peak on the most that is asked."""
    most_hz = CENTRES_HZ[max(range(len(bands_db)), key=lambda band: abs(bands_db[band]))]
    peaks = {band: hz for band, hz in _SPREAD_HZ.items() if band.startswith("peak")}
    nearest = min(peaks, key=lambda band: abs(math.log(peaks[band] / most_hz)))
    if min(peaks.values()) / 2 < most_hz < max(peaks.values()) * 2:
        peaks[nearest] = round(most_hz, -1)
    shelves = {band: {f"{band}_hz": _SPREAD_HZ[band]} for band in ("low", "high")}
    return shelves | {band: {f"{band}_hz": hz, f"{band}_q": _SPREAD_Q} for band, hz in peaks.items()}


def _curves(placed: Mapping[str, float], bands: Sequence[str], gains: Tensor, sample_rate: int) -> Tensor:
    """Responses with several choices of gains: ``[choices, gains] -> [choices, 25]``."""
    tensors = {name: torch.full((len(gains),), value, dtype=torch.float64) for name, value in placed.items()}
    tensors |= {f"{band}_gain_db": gains[:, index] for index, band in enumerate(bands)}
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64)
    return response(curve_sections(sample_rate, tensors), centres, sample_rate)


def _dialled(placed: Mapping[str, float], bands: Sequence[str], now: Tensor, gains: Tensor) -> dict[str, float]:
    """What moved enough to matter, rounded to what a person would dial."""
    equalizer, knobs = find("equalizer"), {}
    for band, before, after in zip(bands, now.tolist(), gains.tolist(), strict=True):
        if abs(after - before) < _LEAST_DB:
            continue
        knobs[f"{band}_gain_db"] = equalizer.param(f"{band}_gain_db").clamp(round(after, 1))
        knobs |= {name: placed[name] for name in (f"{band}_hz", f"{band}_q") if name in placed}
    return knobs

"""Where the descent begins: faders, places and tone as least squares found them; an answer of its own."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from mixer.biquad import response
from mixer.processor import find
from mixer.processors.equalizer import curve_sections
from style_transfer.adam import Adam
from style_transfer.desk import Desk
from style_transfer.same_song.bands import band_edges
from style_transfer.same_song.dials import SEARCHED, Dials
from style_transfer.same_song.parts import Parts, loudness_weights, parts_of, place, through
from style_transfer.same_song.recognition import SameSong
from style_transfer.start import Values, copied, is_free, put

STEPS = 150
RATE = 0.03
FIRST_HIGHPASS_HZ = 28.0
"""Where the search for a high-pass begins: nearly off, yet with a slope to follow."""
LEAST_HIGHPASS_HZ = 32.0
"""A corner under this is switched off."""
GAIN_PRIOR = 0.6
SHAPE_PRIOR = 0.2
"""What leaving flat gains and resting frequencies costs, in dB per squared range, on the mean over bands."""
HIGHEST_FADER_DB = 15.0


def neutral(desk: Desk) -> Values:
    """The desk's values with every free knob at its default."""
    values = copied(desk.values)
    for target, rows in values.items():
        for name, knobs in rows.items():
            put(desk.session, values, target, name, {knob: find(name).param(knob).default for knob in knobs})
    return values


def opening(desk: Desk, same: SameSong) -> Values:
    """The values that least squares give: pan and width, fader, and an equaliser fitted to the tracks' curves.

    A free master fader takes what would bring a fader near the end of its way.
    """
    parts = parts_of(same)
    values = neutral(desk)
    target_db = _curves(desk, parts, values)  # [tracks, bands], what fader and equaliser must do
    weights = loudness_weights(desk.sample_rate)
    power = np.einsum("kbcc->kb", parts.found)
    loud = weights * power
    gains = 10 * np.log10((loud.sum(1) + 1e-30) / ((loud + 1e-30) / 10 ** (target_db / 10)).sum(1))
    if is_free(desk.session, "master", "fader", "gain_db"):
        common = max(0.0, float(gains.max()) - HIGHEST_FADER_DB)
        put(desk.session, values, "master", "fader", {"gain_db": round(common, 1)})
        gains -= values["master"]["fader"]["gain_db"]
        target_db -= values["master"]["fader"]["gain_db"]
    for entry, gain in zip(desk.heard, gains.tolist(), strict=True):
        put(desk.session, values, entry.track.id, "fader", {"gain_db": gain})
    desk.values = values
    dials = fit_tone(desk, torch.from_numpy(target_db), _trust(parts, power))
    return written(desk, dials)


def _curves(desk: Desk, parts: Parts, values: Values) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Sets the places in ``values``; returns power in the mix over power after the panner, less the master's tone."""
    curves = np.zeros(parts.certainty.shape)
    for row, entry in enumerate(desk.heard):
        pan, width = place(parts, row, entry.track.channels)
        knobs = {"pan": pan} | ({"width": width} if entry.track.channels == 2 else {})
        put(desk.session, values, entry.track.id, "panner", knobs)
        stands = values[entry.track.id].get("panner", {"pan": 0.0, "width": 1.0})
        passed = through(parts.source[row], stands["pan"], stands["width"], entry.track.channels)
        power = np.einsum("bcc->b", parts.found[row])
        curves[row] = 10 * np.log10((power + 1e-12 * power.max() + 1e-30) / (passed + 1e-12 * passed.max() + 1e-30))
    master = values["master"]
    if "equalizer" in master:
        sections = curve_sections(
            desk.sample_rate, {k: torch.tensor([v]).double() for k, v in master["equalizer"].items()}
        )
        curves -= response(sections, torch.from_numpy(band_edges(desk.sample_rate)[2]), desk.sample_rate).numpy()
    return curves - master.get("fader", {}).get("gain_db", 0.0)


def _trust(parts: Parts, power: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Tensor:
    """How much each band of each track counts in the fit, ``[tracks, bands]``; one in all for each track."""
    share = power / (parts.mix + 1e-30)
    own = power / (power.max(1, keepdims=True) + 1e-30)
    weights = parts.certainty * np.sqrt(share.clip(0, 1)) * own**0.25 + 1e-12
    return torch.from_numpy(weights / weights.sum(1, keepdims=True))


def fit_tone(desk: Desk, target_db: Tensor, weights: Tensor) -> Dials:
    """Equaliser and fader brought to the curves by their closed-form response."""
    dials = Dials.of_tracks(desk, [key for key in SEARCHED if key[0] in ("equalizer", "fader")])
    dials.put(("equalizer", "highpass_hz"), torch.full((len(desk.heard),), FIRST_HIGHPASS_HZ, dtype=torch.float64))
    resting = {key: unit.clone() for key, unit in dials.units.items()}
    adam = Adam([unit.requires_grad_() for unit in dials.units.values()])
    centres = torch.from_numpy(band_edges(desk.sample_rate)[2])
    table = desk.tensors({})
    for step in range(STEPS):
        turned = dials.onto(table)
        curves = response(curve_sections(desk.sample_rate, dict(turned["equalizer"])), centres, desk.sample_rate)
        error = curves + turned["fader"]["gain_db"][:, None] - target_db
        loss = (weights * (error.square() + 0.01).sqrt()).sum()
        for key, unit in dials.units.items():
            if key[0] == "equalizer":
                prior = GAIN_PRIOR if key[1].endswith("gain_db") else SHAPE_PRIOR
                loss = loss + prior * (unit - resting[key]).square().sum()
        adam.step(loss, RATE * faded(step / STEPS))
        with torch.no_grad():
            for unit in dials.units.values():
                unit.clamp_(0.001, 0.999)
    dials.units = {key: unit.detach() for key, unit in dials.units.items()}
    return dials


def faded(share: float) -> float:
    """How much of a rate is left after a share of the steps: half a cosine, to a twentieth."""
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * share))


def written(desk: Desk, dials: Dials) -> Values:
    """The desk's values with the free knobs where the dials have them."""
    values = copied(desk.values)
    for processor, knob in dials.units:
        found = dials.value((processor, knob))
        for row, entry in enumerate(desk.heard):
            number = float(found[row])
            if knob == "highpass_hz" and number < LEAST_HIGHPASS_HZ:
                number = find(processor).param(knob).low
            put(desk.session, values, entry.track.id, processor, {knob: number})
    return values

"""The master: tone by closed-form response, glue by the reference's crest. The strips are frozen by then.

Tone belongs here rather than on the strips: an equaliser on the sum hardly moves the balance between the tracks.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mixer.biquad import response
from mixer.loudness import measure
from mixer.processor import find
from mixer.processors.equalizer import curve_sections
from style_transfer.desk import EQ_GAINS, Desk
from style_transfer.features import CENTRES_HZ, Power, Shape
from style_transfer.match import shape_loss
from style_transfer.practice import practice
from style_transfer.start import is_free
from style_transfer.target import StyleTarget

TONE_STEPS = 200
TONE_RATE = 0.1
PRIOR_WEIGHT = 0.15
"""What leaving a flat equaliser by one unit in every band costs, in dB of distance."""
LEAST_GAIN_DB = 0.5
"""A band that needs less is left flat."""
CREST_ROOM_DB = 1.5
"""A mix within this of the reference's crest is left uncompressed."""


def fit_master_tone(desk: Desk, mixes: Sequence[Tensor], target: StyleTarget) -> dict[str, float]:
    """Gains of the master equaliser that bring the mix's tone to the target's, the least that gets there."""
    power = sum((Power.of(mix, desk.sample_rate) for mix in mixes), Power.nothing())
    flat = {
        param.name: desk.values["master"].get("equalizer", {}).get(param.name, param.default)
        for param in find("equalizer").params
    }
    free = torch.tensor([float(is_free(desk.session, "master", "equalizer", knob)) for knob in EQ_GAINS])
    if not free.any():
        return {}
    sigma = practice().master.eq_sigma_db
    given = torch.tensor([flat[knob] for knob in EQ_GAINS], dtype=torch.float64)
    units = torch.zeros(len(EQ_GAINS), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([units], lr=TONE_RATE)
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64)
    constants = {name: torch.tensor([value], dtype=torch.float64) for name, value in flat.items()}

    def gains() -> Tensor:
        return torch.where(free > 0, units * sigma, given)

    for _ in range(TONE_STEPS):
        moved = constants | {knob: gain[None] for knob, gain in zip(EQ_GAINS, gains().unbind(), strict=True)}
        curve = response(curve_sections(desk.sample_rate, moved), centres, desk.sample_rate)[0]
        shape = Shape.of(power * 10 ** (curve / 10), desk.sample_rate)
        loss = shape_loss(shape, target.shape) + PRIOR_WEIGHT * units.square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        optimizer.step()
    rounded = {knob: round(float(gain), 1) for knob, gain in zip(EQ_GAINS, gains().detach(), strict=True)}
    return {knob: gain if abs(gain) >= LEAST_GAIN_DB else 0.0 for knob, gain in rounded.items()}


def fit_glue(desk: Desk, mixes: Sequence[Tensor], tone: dict[str, float], target: StyleTarget) -> dict[str, float]:
    """Threshold of a gentle master compressor that brings the crest nearest to the target's; nothing if it is near.

    Three strengths are tried, up to ``glue_most_db`` of reduction at the loud peaks.
    """
    rules = practice().master
    knobs = ("threshold_db", "ratio", "attack_ms", "release_ms")
    if not all(is_free(desk.session, "master", "compressor", knob) for knob in knobs):
        return {}
    equalizer = desk.values["master"].get("equalizer", {}) | tone
    with torch.no_grad():
        mix = find("equalizer")(torch.cat(list(mixes), dim=-1)[None], desk.sample_rate, **equalizer)
    now = _crest_db(mix, desk.sample_rate)
    if now - target.crest_db <= CREST_ROOM_DB:
        return {}
    frames = mix[0].abs().amax(0).unfold(0, desk.sample_rate // 20, desk.sample_rate // 20).amax(1)
    loud_peak_db = 20 * float(torch.log10(torch.quantile(frames, 0.9) + 1e-9))
    best: dict[str, float] = {}
    best_error = now - target.crest_db
    glue = find("compressor")
    for reduction in torch.linspace(1.0, rules.glue_most_db, 3).tolist():
        threshold = glue.param("threshold_db").clamp(round(loud_peak_db - reduction / (1 - 1 / rules.glue_ratio), 1))
        settings = (threshold, rules.glue_ratio, rules.glue_attack_ms, rules.glue_release_ms)
        tried = dict(zip(knobs, settings, strict=True))
        with torch.no_grad():
            crest = _crest_db(glue(mix, desk.sample_rate, **tried), desk.sample_rate)
        if abs(crest - target.crest_db) < best_error:
            best, best_error = tried, abs(crest - target.crest_db)
    return best


def _crest_db(mix: Tensor, sample_rate: int) -> float:
    meter = measure(mix[0].numpy(), sample_rate, true_peak=False)
    return meter.sample_peak_db - meter.integrated

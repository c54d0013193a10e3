"""The master: tone by closed-form response, glue by the reference's crest. The strips are frozen by then.

Tone belongs here rather than on the strips: an equaliser on the sum hardly moves the balance between the tracks.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mixer.biquad import response
from mixer.param import Param
from mixer.processor import find
from mixer.processors.equalizer import curve_sections
from style_transfer.adam import Adam
from style_transfer.desk import EQ_GAINS, Desk
from style_transfer.features import CENTRES_HZ, Dynamics, Power, Shape, measure
from style_transfer.match import shape_loss
from style_transfer.practice import practice
from style_transfer.start import is_free

TONE_STEPS = 220
TONE_RATE = 0.08
PRIOR_WEIGHT = 0.1
"""What leaving a flat equaliser by one unit in every band costs, in dB of distance."""
PLACE_WEIGHT = 0.04
"""The same for where the bands lie and how narrow they are."""
LEAST_GAIN_DB = 0.5
"""A band that needs less is left flat."""
BAND_HZ = (45.0, 14000.0)
BAND_Q = (0.4, 3.0)
"""Where the master's bands may go; narrower or further out they would follow single notes of the reference."""
CREST_ROOM_DB = 1.5
"""A mix within this of the reference's crest is left uncompressed."""


def fit_master_tone(desk: Desk, mixes: Sequence[Tensor], target: Shape) -> dict[str, float]:
    """The master equaliser that brings the mix's tone to the target's: the least that gets there.

    Gains are moved, and with them where the bands lie and how narrow the peaks are.
    """
    power = sum((Power.of(mix, desk.sample_rate) for mix in mixes), Power.nothing())
    params = {param.name: param for param in find("equalizer").params if param.name != "highpass_hz"}
    free = [name for name in params if is_free(desk.session, "master", "equalizer", name)]
    if not free:
        return {}
    flat = {name: 0.0 if name in EQ_GAINS else desk.values["master"]["equalizer"][name] for name in params}
    units = {name: torch.zeros(1, dtype=torch.float64, requires_grad=True) for name in free}
    adam = Adam(list(units.values()))
    centres = torch.tensor(CENTRES_HZ, dtype=torch.float64)
    given = {name: torch.tensor([desk.values["master"]["equalizer"][name]], dtype=torch.float64) for name in params}
    given["highpass_hz"] = torch.tensor([desk.values["master"]["equalizer"]["highpass_hz"]], dtype=torch.float64)

    def knobs() -> dict[str, Tensor]:
        moved = {name: _moved(params[name], flat[name], unit) for name, unit in units.items()}
        return given | moved

    for step in range(TONE_STEPS):
        curve = response(curve_sections(desk.sample_rate, knobs()), centres, desk.sample_rate)[0]
        loss = shape_loss(Shape.of(power * 10 ** (curve / 10), desk.sample_rate), target)
        for kind, weight in ((True, PRIOR_WEIGHT), (False, PLACE_WEIGHT)):
            left = [unit.square() for name, unit in units.items() if (name in EQ_GAINS) is kind]
            loss = loss + weight * torch.cat(left).mean() if left else loss
        adam.step(loss, TONE_RATE * (1 - 0.9 * step / TONE_STEPS))
    return _dialled({name: float(value.detach()) for name, value in knobs().items() if name in free}, flat)


def _moved(param: Param, flat: float, unit: Tensor) -> Tensor:
    """A knob so many of its prior's widths off a flat equaliser: decibels, or octaves of frequency or of narrowness."""
    rules = practice().master
    if param.unit == "dB":
        return (flat + unit * rules.eq_sigma_db).clamp(param.low, param.high)
    if param.unit == "Hz":
        return (flat * 2 ** (unit * rules.eq_sigma_octaves)).clamp(BAND_HZ[0], BAND_HZ[1]).clamp(param.low, param.high)
    return (flat * 2 ** (unit * rules.eq_sigma_octaves)).clamp(*BAND_Q)


def _dialled(found: dict[str, float], flat: dict[str, float]) -> dict[str, float]:
    """Rounded to what a person would dial; a band that is hardly needed is left flat, where it was."""
    knobs = {}
    for gain in EQ_GAINS:
        band = gain.removesuffix("_gain_db")
        needed = abs(found.get(gain, 0.0)) >= LEAST_GAIN_DB
        for name in (name for name in found if name.startswith(f"{band}_")):
            value = found[name] if needed else flat[name]
            knobs[name] = float(f"{value:.2g}") if name.endswith("_hz") else round(value, 1)
    return knobs


def fit_glue(desk: Desk, mixes: Sequence[Tensor], target: Dynamics) -> dict[str, float]:
    """A gentle master compressor that brings crest and loud moments nearest to the target's; nothing if they are near.

    Three strengths are tried, up to ``glue_most_db`` of reduction at the loud peaks.
    """
    rules = practice().master
    knobs = ("threshold_db", "ratio", "attack_ms", "release_ms")
    if not all(is_free(desk.session, "master", "compressor", knob) for knob in knobs):
        return {}
    equalizer = desk.values["master"].get("equalizer", {})
    with torch.no_grad():
        mix = find("equalizer")(torch.cat(list(mixes), dim=-1)[None], desk.sample_rate, **equalizer)
    now = _dynamics(mix, desk.sample_rate)
    if now.crest_db - target.crest_db <= CREST_ROOM_DB:
        return {}
    frames = mix[0].abs().amax(0).unfold(0, desk.sample_rate // 20, desk.sample_rate // 20).amax(1)
    loud_peak_db = 20 * float(torch.log10(torch.quantile(frames, 0.9) + 1e-9))
    best: dict[str, float] = {}
    best_error = now.apart_db(target)
    glue = find("compressor")
    for reduction in torch.linspace(1.0, rules.glue_most_db, 3).tolist():
        threshold = glue.param("threshold_db").clamp(round(loud_peak_db - reduction / (1 - 1 / rules.glue_ratio), 1))
        settings = (threshold, rules.glue_ratio, rules.glue_attack_ms, rules.glue_release_ms)
        tried = dict(zip(knobs, settings, strict=True))
        with torch.no_grad():
            error = _dynamics(glue(mix, desk.sample_rate, **tried), desk.sample_rate).apart_db(target)
        if error < best_error:
            best, best_error = tried, error
    return best


def _dynamics(mix: Tensor, sample_rate: int) -> Dynamics:
    return Dynamics.of(measure([mix[0].numpy()], sample_rate))

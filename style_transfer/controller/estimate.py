"""The verb: tracks, references and practice in, settings out, in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from mixer.processors.equalizer import PEAKS
from mixer.session import Session
from style_transfer.controller.balance_prior import with_prior
from style_transfer.controller.effects import sounding
from style_transfer.controller.heads import Head, column, place_of, units_of, widths
from style_transfer.controller.inputs import tokens
from style_transfer.controller.network import Answer
from style_transfer.controller.takes import Takes, Whole, takes_of, told_of
from style_transfer.controller.weights import Controller
from style_transfer.features import BANDS, Shape
from style_transfer.listen import Heard
from style_transfer.reference import Reference
from style_transfer.start import Values, copied, level_sigma_lu, put

LEAST_TONE_DB, LEAST_PLACE = 0.7, 0.05
"""Smaller moves are not heard and not made."""
BAND_NAMES = ("low", *(f"peak{index}" for index in PEAKS), "high")


@dataclass(frozen=True, slots=True)
class Estimate:
    """Where the knobs would stand, and how sure that is.

    Attributes:
        values: every knob that counts.
        balanced: practice, with faders alone moved so that each track is as loud as among ``values``.
        level_sigma_lu: track id -> standard deviation of its level against the others.
    """

    values: Values
    balanced: Values
    level_sigma_lu: dict[str, float]


def estimate(
    session: Session, heard: Sequence[Heard], references: Sequence[Reference], start: Values, controller: Controller
) -> Estimate:
    """One pass for each reference that speaks for the whole mix; their answers are weighed as the references are.

    However the tracks are ordered, each gets the same answer, bit by bit (unless two are the same recording).

    Args:
        start: practice for these tracks; what the controller does not move stays there, as does what is not free.
    """
    rate, names = session.sample_rate, [entry.track.id for entry in heard]
    takes, order = takes_of(heard, units_of(start, names, controller.strips)).ordered()
    whole = [reference for reference in references if not reference.context.roles]
    total = sum(reference.context.weight for reference in whole)
    answers = []
    with torch.no_grad():
        for reference in whole:
            told = told_of(reference.groups)
            mix = Whole.of(Shape.of(reference.power, rate))
            answers.append(controller.network(tokens(takes, mix, told, controller.strips, rate)))
    shares = [reference.context.weight / total for reference in whole]
    answer = Answer(*(_weighed([getattr(a, name) for a in answers], shares) for name in Answer.__dataclass_fields__))
    in_order = [heard[int(row)] for row in order]
    return _values(session, takes, in_order, answer, start, controller)


def _weighed(parts: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    return torch.stack([part * share for part, share in zip(parts, shares, strict=True)]).sum(0)


def _values(
    session: Session, takes: Takes, heard: Sequence[Heard], answer: Answer, start: Values, controller: Controller
) -> Estimate:
    heads, names = controller.strips, [entry.track.id for entry in heard]
    counts = torch.tensor([float(controller.moves(head)) for head in heads])
    strips = (takes.usual + widths(heads) * answer.strips * counts).clamp(0, 1)
    fader = column(heads, "fader", "gain_db")
    span_db = heads[fader].param.high - heads[fader].param.low
    usual, learnt = (_levels_db(takes, units, heads, session.sample_rate) for units in (takes.usual, strips))
    sigma = answer.strips_sigma[..., fader] * heads[fader].width * span_db
    offset = learnt - usual
    offset, sigma = with_prior(
        offset - offset.mean(-1, keepdim=True), sigma, torch.tensor([[level_sigma_lu(entry) for entry in heard]])
    )
    wanted = usual + offset
    wanted = wanted + _together_db(usual) - _together_db(wanted)
    strips[..., fader] += (wanted - learnt) / span_db
    alone = (takes.usual[..., fader] + (wanted - usual) / span_db).clamp(0, 1)
    values, balanced = copied(start), copied(start)
    for row, name in enumerate(names):
        _put(session, values, name, heads, strips[0, row], controller)
        gain_db = dialled(heads[fader], heads[fader].param.from_unit(float(alone[0, row])))
        put(session, balanced, name, "fader", {"gain_db": gain_db})
    mix = units_of(start, ["master"], controller.mix) + widths(controller.mix) * answer.mix
    _put(session, values, "master", controller.mix, mix[0].clamp(0, 1), controller)
    return Estimate(values, balanced, dict(zip(names, sigma[0].tolist(), strict=True)))


def _levels_db(takes: Takes, strips: Tensor, heads: Sequence[Head], sample_rate: int) -> Tensor:
    """K-weighted level of each track in a dry mix ``[1, tracks]``."""
    dry = torch.zeros(1, 2, BANDS, dtype=torch.float64)
    return sounding(takes, strips, heads, sample_rate, dry, dry[:, 0]).level_db()


def _together_db(levels_db: Tensor) -> Tensor:
    """Of all tracks ``[1, 1]``: only relations were learnt, so the mix stays as loud as practice makes it."""
    return 10 * torch.log10((10 ** (levels_db / 10)).sum(-1, keepdim=True))


def _put(
    session: Session, values: Values, target: str, heads: Sequence[Head], units: Tensor, controller: Controller
) -> None:
    """Write what counts, as a person would dial it; bands of an equaliser that are hardly needed stay as they are."""
    asked: dict[tuple[str, str], dict[str, float]] = {}
    for head, unit in zip(heads, units.tolist(), strict=True):
        if controller.moves(head):
            value = dialled(head, head.param.from_unit(unit))
            asked.setdefault((place_of(head, target), head.processor), {})[head.param.name] = value
    for (place, processor), knobs in asked.items():
        before = values[place].get(processor, {})
        kept = knobs if processor != "equalizer" else _needed(knobs)
        moved = {
            knob: value
            for knob, value in kept.items()
            if processor != "panner" or abs(value - before.get(knob, value)) >= LEAST_PLACE
        }
        put(session, values, place, processor, moved)


def _needed(knobs: dict[str, float]) -> dict[str, float]:
    """An equaliser's knobs without the bands that hardly do anything."""
    kept = {knob: value for knob, value in knobs.items() if knob == "highpass_hz"}
    for band in BAND_NAMES:
        if abs(knobs.get(f"{band}_gain_db", 0.0)) >= LEAST_TONE_DB:
            kept |= {knob: value for knob, value in knobs.items() if knob.startswith(f"{band}_")}
    return kept


def dialled(head: Head, value: float) -> float:
    """Rounded as a person would dial it: decibels to a tenth, what travels geometrically to two figures."""
    if head.param.scale == "log":
        return float(f"{value:.2g}")
    return round(value, 1 if head.param.unit == "dB" else 2)

"""What is measured on an answer, so that several can be told apart, compared and named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from mixer.processor import find
from mixer.roles import Group
from mixer.session import Session
from style_transfer.balance import Balance, groups_of, measure_balance
from style_transfer.desk import EQ_GAINS, Desk
from style_transfer.features import Shape, band_distance
from style_transfer.group_level import GroupLevel, sums_of
from style_transfer.prepare import Listening
from style_transfer.start import Values, current_values
from style_transfer.target import StyleTarget
from style_transfer.variant import Variant

DRY_DB = -60.0


@dataclass(frozen=True, slots=True)
class Traits:
    """One answer, measured on the telling segments."""

    distance_db: float
    """To the target, in tone, width and balance between the sides; 0 where no reference speaks for the whole mix."""
    balance_lu: float
    """Mean distance of the stem groups from the level that they should have."""
    moves: float
    """How far the knobs travel, in whole ranges per track."""
    vocals_lu: float
    """The vocals against the rest; 0 where there is only one of the two."""
    width_db: float
    wet_db: float
    """What is sent to the reverb against what is heard."""
    reduction_db: float
    """What compressors take from loud peaks, mean over the tracks."""
    eq_db: float
    """Mean gain of a band of the equalisers, up or down."""

    def document(self) -> dict[str, float]:
        """By name, rounded to what can be told."""
        return {name: round(value, 2) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Words:
    """A trait in words: above which difference it is heard, and what more and less of it are called."""

    least: float
    more: str
    less: str
    counted: str
    """A difference: ``{}`` stands for its size."""
    ways: tuple[str, str] = ("more", "less")


TOLD = {
    "vocals_lu": Words(0.7, "vocals forward", "band forward", "vocals {:.1f} LU {} against the rest", ("up", "down")),
    "width_db": Words(0.7, "wider", "narrower", "sides {:.1f} dB {}", ("up", "down")),
    "wet_db": Words(1.0, "wetter", "drier", "{:.1f} dB {} reverb"),
    "reduction_db": Words(0.5, "tighter", "looser", "{:.1f} dB {} compression on the peaks"),
    "eq_db": Words(0.2, "more EQ", "less EQ", "{:.1f} dB {} EQ a band"),
    "distance_db": Words(
        0.15,
        "further from the reference",
        "closer to the reference",
        "{:.1f} dB {} the reference",
        ("further from", "closer to"),
    ),
}
"""What sets answers apart, what is noticed first standing first."""


def wanted_levels(listening: Listening, start: Values) -> list[GroupLevel]:
    """How loud stem groups should be against others: as in the references or, without those, as practice has them."""
    own = groups_of(listening.heard)
    said = [GroupLevel.of(target, own) for target in listening.target.groups]
    if said:
        return [level for level in said if len(level.among) > 1]
    pairs = [(frozenset({group}), own - {group}) for group in sorted(own) if own - {group}]
    usual = [GroupLevel(pair[0], pair, 0.0) for pair in pairs]
    measured = measure_balance(listening.desk(start), listening.segments, sums_of(usual))
    return [replace(level, level_lu=level.measured_lu(measured)) for level in usual]


def measure_traits(listening: Listening, draft: Session, wanted: Sequence[GroupLevel]) -> Traits:
    """Measure the draft's settings on the segments that were heard."""
    own, values = groups_of(listening.heard), current_values(draft)
    singing = frozenset({Group.VOCALS}) & own
    vocals = GroupLevel(singing, (singing, own - singing), 0.0) if singing and own - singing else None
    desk = listening.desk(values)
    balance = measure_balance(desk, listening.segments, sums_of([*wanted, *([vocals] if vocals else [])]))
    shape = Shape.of(balance.mix, desk.sample_rate)
    off = [abs(level.measured_lu(balance) - level.level_lu) for level in wanted]
    return Traits(
        distance_db=_distance_db(shape, listening.target),
        balance_lu=sum(off) / len(off) if off else 0.0,
        moves=_travel(listening.session, draft) / len(listening.heard),
        vocals_lu=balance.ratio_lu(*vocals.among) if vocals else 0.0,
        width_db=float(shape.width_db),
        wet_db=_wet_db(desk, balance),
        reduction_db=_reduction_db(desk),
        eq_db=_eq_db(values, [entry.track.id for entry in listening.heard]),
    )


def _distance_db(shape: Shape, target: StyleTarget) -> float:
    """As ``features.distance`` weighs it, but for the crest, which the master's limiter decides."""
    if target.shape is None:
        return 0.0
    loudest = max(shape.mid_db.max(), target.shape.mid_db.max())
    tone = band_distance(shape.mid_db, target.shape.mid_db) + band_distance(
        shape.side_db, target.shape.side_db, loudest
    )
    width = abs(float(shape.width_db - target.shape.width_db)) / 4
    return float(tone) + width + 10 * abs(float(shape.imbalance - target.shape.imbalance))


def _travel(session: Session, draft: Session) -> float:
    """Sum over all knobs but the master's fader of how far each travels, in ranges."""
    total = 0.0
    for target in session.targets:
        old, new = session.values(target), draft.values(target)
        for processor, knobs in new.items():
            for param in find(processor).params:
                if param.scale != "switch" and (target, processor) != ("master", "fader"):
                    total += abs(param.to_unit(knobs[param.name]) - param.to_unit(old[processor][param.name]))
    return total


def _wet_db(desk: Desk, balance: Balance) -> float:
    level = find("send").param("level_db")
    dry = wet = 1e-12
    for entry, loudness in zip(desk.heard, balance.tracks_db, strict=True):
        power = 10 ** (float(loudness) / 10) if math.isfinite(float(loudness)) else 0.0
        send = desk.values[entry.track.id].get("send", {}).get(level.name, level.low)
        dry += power
        wet += 0.0 if level.is_off(send) else power * 10 ** (send / 10)
    return max(DRY_DB, 10 * math.log10(wet / dry))


def _reduction_db(desk: Desk) -> float:
    taken = 0.0
    for entry in desk.heard:
        knobs = desk.values[entry.track.id].get("compressor")
        if knobs is not None:
            taken += max(0.0, entry.loud_peak_db - knobs["threshold_db"]) * (1 - 1 / knobs["ratio"])
    return taken / len(desk.heard)


def _eq_db(values: Values, tracks: list[str]) -> float:
    gains = [
        abs(values[target]["equalizer"][knob])
        for target in (*tracks, "master")
        for knob in EQ_GAINS
        if "equalizer" in values[target]
    ]
    return sum(gains) / len(gains) if gains else 0.0


def promises(variant: Variant) -> dict[str, float]:
    """What a variant says that it has more (1) or less (-1) of than the usual answer."""
    signs = {
        "vocals_lu": variant.vocals_lu,
        "width_db": variant.width - 1,
        "wet_db": variant.space_db,
        "reduction_db": variant.reduction - 1,
        "eq_db": 0.0 if variant.tone else -1.0,
        "distance_db": variant.prior - 1,
    }
    return {name: math.copysign(1.0, sign) for name, sign in signs.items() if sign}


def differences(traits: Traits, usual: Traits) -> dict[str, float]:
    """What sets an answer apart from another, with how much; only what is heard."""
    apart = {name: getattr(traits, name) - getattr(usual, name) for name in TOLD}
    return {name: amount for name, amount in apart.items() if abs(amount) >= TOLD[name].least}


def tell(apart: dict[str, float]) -> list[str]:
    """Those differences in words: ``vocals 1.9 LU up against the rest``."""
    return [TOLD[name].counted.format(abs(amount), TOLD[name].ways[amount < 0]) for name, amount in apart.items()]


def dominated(traits: Traits, by: Traits, promised: dict[str, float]) -> bool:
    """Whether another answer is no worse in anything, has as much of what this one is named for, and is better.

    Better is nearer to the target, with the groups nearer to their levels, or with smaller moves.
    """
    costs = {"distance_db": 0.15, "balance_lu": 0.3, "moves": 0.05 * traits.moves}
    no_worse = all(getattr(by, name) <= getattr(traits, name) for name in costs)
    better = any(getattr(by, name) < getattr(traits, name) - margin for name, margin in costs.items())
    as_much = all(sign * (getattr(by, name) - getattr(traits, name)) >= 0 for name, sign in promised.items())
    return no_worse and better and as_much

"""Where the search begins: good practice for the roles in this session, applied to what was heard of each track."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import torch

from mixer.biquad import BUTTERWORTH_Q, design, response
from mixer.processor import find
from mixer.roles import Role
from mixer.session import Session
from style_transfer.features import CENTRES_HZ, EDGES_HZ
from style_transfer.listen import Heard
from style_transfer.practice import RolePractice, practice
from style_transfer.variant import USUAL, Variant

Values = dict[str, dict[str, dict[str, float]]]
"""Target (track id, reverb, master) -> processor -> knob -> value in engineering units."""

MOST_GAIN_DB = 24.0
"""Practice alone moves no fader further than this."""
LEAST_TRUST = 0.35
"""Share of practice that counts for a track whose role is a guess."""
LEAST_REDUCTION_DB = 1.0
MOST_REDUCTION_DB = 8.0
INAUDIBLE_RUMBLE_DB = -45.0
"""A track with less than this below its high-pass corner needs no high-pass."""
_SIDE = re.compile(r"(?:^|[\s_\-.(])(l|left|r|right|izq|der|links|rechts|gauche|droite)\)?$", re.IGNORECASE)


def current_values(session: Session) -> Values:
    """All knobs as the session has them; bypassed processors are left out."""
    return {target: session.values(target) for target in session.targets}


def copied(values: Values) -> Values:
    """The same values, to be changed without changing these."""
    return {target: {name: dict(knobs) for name, knobs in rows.items()} for target, rows in values.items()}


def is_free(session: Session, target: str, processor: str, knob: str) -> bool:
    """Whether a suggestion may move the knob: it is neither locked nor set by the user nor bypassed."""
    if session.is_locked(target, processor, knob) or processor not in session.values(target):
        return False
    return session.knob(f"{target}.{processor}.{knob}").source != "user"


def put(session: Session, values: Values, target: str, processor: str, knobs: dict[str, float]) -> None:
    """Write values into ``values`` where the knobs are free, held inside their ranges."""
    for knob, value in knobs.items():
        if is_free(session, target, processor, knob):
            values[target][processor][knob] = find(processor).param(knob).clamp(value)


def role_practice(heard: Heard) -> RolePractice:
    """What practice says about the track's role."""
    return practice().roles[heard.track.role]


def trust(heard: Heard) -> float:
    """How much practice counts for the track: all where the role is certain, less where it is a guess."""
    return max(LEAST_TRUST, heard.track.role_confidence)


def level_sigma_lu(heard: Heard) -> float:
    """How far mixes leave what practice says of the track's level, in LU."""
    return role_practice(heard).level_sigma_lu / trust(heard)


def practice_start(session: Session, heard: Sequence[Heard], variant: Variant = USUAL) -> Values:
    """The session's values with practice applied to every free knob of the tracks, as a variant has it."""
    values = current_values(session)
    for entry, gain_db in zip(heard, _gains(heard), strict=True):
        name, rule = entry.track.id, role_practice(entry)
        put(session, values, name, "fader", {"gain_db": gain_db})
        put(session, values, name, "compressor", _compression(entry, rule, variant.reduction))
        if variant.tone and rule.highpass_hz is not None and rumble_db(entry, rule.highpass_hz) > INAUDIBLE_RUMBLE_DB:
            put(session, values, name, "equalizer", {"highpass_hz": rule.highpass_hz})
        if rule.send_db is not None:
            put(session, values, name, "send", {"level_db": rule.send_db + variant.space_db})
    for entry, pan in zip(heard, _pans(heard), strict=True):
        if entry.track.channels == 1:
            put(session, values, entry.track.id, "panner", {"pan": pan * variant.width})
    return values


def _gains(heard: Sequence[Heard]) -> list[float]:
    """Fader gains that bring the roles to their level relations, as little as possible for the tracks in common."""
    count = {role: sum(entry.track.role == role for entry in heard) for role in Role}
    wanted, weights = [], []
    for entry in heard:
        rule = role_practice(entry)
        together = 0.0 if entry.track.role == Role.OTHER else 10 * math.log10(count[entry.track.role])
        wanted.append(rule.level_lu - together - entry.loudness_lufs)
        weights.append(trust(entry) / rule.level_sigma_lu)
    common = _weighted_median(wanted, weights)
    gains = [(gain - common) * trust(entry) for gain, entry in zip(wanted, heard, strict=True)]
    return [min(max(gain, -MOST_GAIN_DB), MOST_GAIN_DB) for gain in gains]


def _weighted_median(numbers: Sequence[float], weights: Sequence[float]) -> float:
    order = sorted(range(len(numbers)), key=lambda index: numbers[index])
    reached, half = 0.0, sum(weights) / 2
    for index in order:
        reached += weights[index]
        if reached >= half:
            return numbers[index]
    return 0.0


def _compression(heard: Heard, rule: RolePractice, strength: float) -> dict[str, float]:
    """A compressor for what is more uneven than practice expects; nothing for the rest."""
    if rule.range_db is None or rule.ratio <= 1:
        return {}
    reduction = min(1.5 * (heard.range_db - rule.range_db), MOST_REDUCTION_DB) * trust(heard) * strength
    if reduction < LEAST_REDUCTION_DB:
        return {}
    threshold = round(heard.loud_peak_db - reduction / (1 - 1 / rule.ratio), 1)
    times = {"attack_ms": rule.attack_ms, "release_ms": rule.release_ms}
    return {"threshold_db": threshold, "ratio": rule.ratio, **times}


def rumble_db(heard: Heard, corner_hz: float, *, cut: bool = False) -> float:
    """Power below a corner relative to the whole track, in dB; with ``cut``, after a high-pass at the corner."""
    power = heard.power.mid + heard.power.side
    below = torch.tensor(CENTRES_HZ) < max(corner_hz, EDGES_HZ[1])  # at least the lowest band
    low = power[below]
    if cut:
        rate, corner = heard.track.sample_rate, torch.tensor([corner_hz], dtype=torch.float64)
        section = design("high_pass", torch.zeros_like(corner), corner, torch.full_like(corner, BUTTERWORTH_Q), rate)
        low = low * 10 ** (response(section, torch.tensor(CENTRES_HZ, dtype=torch.float64)[below], rate) / 10)
    return 10 * math.log10(float((low.sum() + 1e-20) / (power.sum() + 1e-20)))


def _pans(heard: Sequence[Heard]) -> list[float]:
    """Where mono tracks go: as their names say (OH L, OH R), else spread by role, loudest first, sides in balance."""
    pans = [0.0] * len(heard)
    weight = 0.0  # power on the right less power on the left
    count = {role: sum(e.track.role == role and e.track.channels == 1 for e in heard) for role in Role}
    for index in sorted(range(len(heard)), key=lambda i: -heard[i].loudness_lufs):
        entry = heard[index]
        spread = role_practice(entry).spread * math.sqrt(trust(entry))
        said = _SIDE.search(entry.track.name)
        if entry.track.channels == 2 or (spread == 0 and not said):
            continue
        if said:
            side = -1.0 if said[1].lower() in ("l", "left", "izq", "links", "gauche") else 1.0
            amount = max(spread, 0.7)
        else:
            side = 1.0 if weight <= 0 else -1.0
            amount = spread if count[entry.track.role] > 1 else spread / 2
        pans[index] = side * amount
        weight += side * amount * 10 ** (role_practice(entry).level_lu / 10)
    return pans

"""From settings that were found to a draft of the session: as far as asked, what is free alone, as loud as asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path

from mixer.edits import apply
from mixer.errors import UsageError
from mixer.knobs import Knob
from mixer.param import Param
from mixer.processor import find
from mixer.progress import Progress
from mixer.render import loudness_gain
from mixer.session import Edit, Session
from style_transfer.start import Values, is_free
from style_transfer.suggestion import KIND, Refusal

Share = Callable[[str, str, str], float]
"""How far a target's processor's knob goes, 0 to 1."""

LEAST_MOVE = {"dB": 0.3, "": 0.02}
"""Moves under this, in the knob's unit, are not worth a change."""
_DRIVERS = {"compressor": "ratio", "limiter": "active"}
"""The knob that puts a processor to work; an equaliser has one for each band, its gain."""
_LEVELS = frozenset({"makeup_db"})
"""These go as far as asked even so."""
MASTER_FADER = ("master", "fader", "gain_db")


def moved(session: Session, found: Values, share: Share) -> Session:
    """The session with its free knobs moved by their share of the way to where they were found."""
    edits = []
    for target, rows in found.items():
        for processor, knobs in rows.items():
            given = session.values(target)[processor]
            for knob, value in knobs.items():
                param, before, part = find(processor).param(knob), given[knob], share(target, processor, knob)
                if part > 0 and _wakes(processor, knob, given, knobs):
                    part = 1.0
                after = on_the_way(param, before, value, part)
                if abs(after - before) >= LEAST_MOVE.get(param.unit, 1e-6):
                    edits.append(_edit(session, target, processor, knob, after))
    return apply(session, edits, KIND, "draft")


def _wakes(processor: str, knob: str, given: Mapping[str, float], found: Mapping[str, float]) -> bool:
    """Whether a knob shapes what was at rest and no longer is: half of a cut is made at its whole frequency."""
    band = knob.removesuffix("_hz").removesuffix("_q")
    driver = f"{band}_gain_db" if processor == "equalizer" else _DRIVERS.get(processor)
    if driver is None or driver not in given or knob == driver or knob in _LEVELS:
        return False
    rest = find(processor).param(driver).default
    return given[driver] == rest != found.get(driver, rest)


def on_the_way(param: Param, before: float, after: float, share: float) -> float:
    """The value at a share of the way; in the knob's own scale, and by amplitude where it comes from silence."""
    if share <= 0:
        return before
    if share >= 1 or param.scale == "switch":
        return after
    if param.scale == "db" and param.is_off(before) != param.is_off(after):
        start, stop = (0.0 if param.is_off(value) else 10 ** (value / 20) for value in (before, after))
        return round(param.clamp(20 * math.log10(start + share * (stop - start))), 2)
    unit = param.to_unit(before) + share * (param.to_unit(after) - param.to_unit(before))
    return round(param.clamp(param.from_unit(unit)), 2)


def at_loudness(
    draft: Session, folder: Path, loudness_lufs: float, share: Share, progress: Progress
) -> tuple[Session, list[Refusal]]:
    """The draft with its master fader where the mix has the asked loudness, if that fader may move at all."""
    if not is_free(draft, *MASTER_FADER):
        return draft, [Refusal(subject="master", reason="its fader is locked or yours, so the loudness was not set")]
    if share(*MASTER_FADER) <= 0:
        return draft, [Refusal(subject="master", reason="its fader was left out, so the loudness was not set")]
    try:
        gain = loudness_gain(draft, folder, loudness_lufs, progress=progress)
    except UsageError as error:
        return draft, [Refusal(subject="mix", reason=str(error))]
    value = find("fader").param("gain_db").clamp(draft.values("master")["fader"]["gain_db"] + gain)
    return apply(draft, [_edit(draft, *MASTER_FADER, round(value, 2))], KIND, "draft"), []


def moves(session: Session, draft: Session) -> list[tuple[str, str, str, float, float]]:
    """Every knob that the draft has elsewhere: target, processor, knob, before, after; in the console's order."""
    found = []
    for target in session.targets:
        old, new = session.values(target), draft.values(target)
        found += [
            (target, processor, knob, old[processor][knob], value)
            for processor, knobs in new.items()
            for knob, value in knobs.items()
            if value != old[processor][knob]
        ]
    return found


def _edit(session: Session, target: str, processor: str, knob: str, value: float) -> Edit:
    address = f"{target}.{processor}.{knob}"
    before = session.knob(address).model_dump(mode="json")
    return Edit(address=address, before=before, after=Knob(value=value, source="prior").model_dump(mode="json"))

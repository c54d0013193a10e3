"""What was asked for in words, done on the desk: the last say over what references and practice have set.

The knobs move as `style_transfer.prompt.strokes` has it. Levels are asked for in the mix, so faders follow until every
track that words touch stands where they put it, whatever its equaliser, its compressor and the master do to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixer.arrays import F64
from mixer.processor import Aspect as Part
from mixer.processor import find
from style_transfer.balance import measure_balance
from style_transfer.crest import follow_crest
from style_transfer.desk import Desk
from style_transfer.draft import moved
from style_transfer.listen import Segment
from style_transfer.prompt.rows import asked_for, described
from style_transfer.prompt.strokes import strokes
from style_transfer.prompt.wishes import Aspect, Wish
from style_transfer.start import Values, is_free, put
from style_transfer.suggestion import Refusal

ROUNDS = 3
LEAST_LU = 0.1
LOUDER_LU = 1.5
"""'Louder than' is by so much."""
BESIDE = "keeps its level beside what you asked for"
_ASPECTS: dict[Part, tuple[Aspect, ...]] = {
    Part.LEVEL: ("level",),
    Part.PAN: ("pan", "width"),
    Part.EQ: ("tone",),
    Part.DYNAMICS: ("dynamics",),
    Part.SPACE: ("space",),
}


@dataclass(frozen=True, slots=True)
class Followed:
    """The desk after the words."""

    values: Values
    words: dict[str, str]
    """Addresses of the knobs that words moved, and the words."""
    refused: list[Refusal]


def follow(desk: Desk, segments: Sequence[Segment], wishes: Sequence[Wish]) -> Followed:
    """The desk's values with the wishes done; locked knobs, and what the user set, stay."""
    draft = moved(desk.session, desk.values, lambda *_: 1.0)
    made = strokes(wishes, draft, desk.heard)
    work = Desk(draft, desk.heard, made.values, desk.sample_rate)
    unheard = follow_crest(work, segments, wishes, desk.values)
    touched = _touched(desk.values, work.values)
    _ride(work, segments, wishes, measure_balance(desk, segments, []).tracks_db, touched)
    words = {address: _said(address, wishes) for address in _touched(desk.values, work.values)}
    return Followed(work.values, words, [*made.refused, *unheard, *_dry(wishes, desk)])


def _dry(wishes: Sequence[Wish], desk: Desk) -> list[Refusal]:
    """Wishes for less reverb on tracks that send none."""
    param = find("send").param("level_db")
    sending = {
        name for name, rows in desk.values.items() if "send" in rows and not param.is_off(rows["send"]["level_db"])
    }
    return [
        Refusal(
            subject="mix" if wish.place == "mix" else wish.tracks[0],
            reason=f"{asked_for(wish.intent)}: no reverb is sent to; what is in the recording cannot be taken out",
        )
        for wish in wishes
        if wish.wetness_db < 0 and set(wish.moves) == {"space"} and not sending & set(wish.tracks)
    ]


def _touched(before: Values, after: Values) -> list[str]:
    return [
        f"{target}.{processor}.{knob}"
        for target, rows in after.items()
        for processor, knobs in rows.items()
        for knob, value in knobs.items()
        if value != before[target][processor][knob]
    ]


def _said(address: str, wishes: Sequence[Wish]) -> str:
    """The wishes that a knob was moved for."""
    target, processor, _ = address.split(".")
    part = find(processor).aspect
    meant = [wish for wish in wishes if set(wish.moves) & set(_ASPECTS.get(part, ()))]
    own = [described(wish.intent) for wish in meant if wish.place != "mix" and target in wish.tracks]
    whole = [described(wish.intent) for wish in meant if wish.place == "mix"]
    return "; ".join(dict.fromkeys(own or whole)) or BESIDE


def _ride(
    desk: Desk, segments: Sequence[Segment], wishes: Sequence[Wish], before_db: F64, touched: Sequence[str]
) -> None:
    """Move the faders of the tracks that words touch until they stand where they stood, plus what was asked."""
    names = [entry.track.id for entry in desk.heard]
    asked: dict[str, float] = {}
    for wish in wishes:
        if "level" in wish.moves and wish.place != "mix":
            lift = wish.level_lu + _beyond(wish, names, before_db)
            asked |= {name: asked.get(name, 0.0) + lift for name in wish.tracks}
    movable = {address.partition(".")[0] for address in touched} | set(asked)
    rest = [row for row, name in enumerate(names) if name not in movable] or list(range(len(names)))
    for _ in range(ROUNDS):
        now_db = measure_balance(desk, segments, []).tracks_db
        for row, name in enumerate(names):
            wanted = before_db[row] - _sum_db(before_db[rest]) + asked.get(name, 0.0)
            off = wanted - (now_db[row] - _sum_db(now_db[rest]))
            if name in movable and abs(off) >= LEAST_LU and is_free(desk.session, name, "fader", "gain_db"):
                fader = desk.values[name]["fader"]["gain_db"] + off
                put(desk.session, desk.values, name, "fader", {"gain_db": round(fader, 1)})


def _beyond(wish: Wish, names: Sequence[str], levels_db: F64) -> float:
    """What 'louder than those' asks for beyond the usual step."""
    others = [levels_db[row] for row, name in enumerate(names) if name in wish.than]
    own = [levels_db[row] for row, name in enumerate(names) if name in wish.tracks]
    if not others or not own:
        return 0.0
    sign = 1 if wish.level_lu > 0 else -1
    short = sign * (_sum_db(np.array(others)) - _sum_db(np.array(own))) + LOUDER_LU - abs(wish.level_lu)
    return sign * max(0.0, short)


def _sum_db(levels_db: F64) -> float:
    return float(10 * np.log10((10 ** (levels_db / 10)).sum()))

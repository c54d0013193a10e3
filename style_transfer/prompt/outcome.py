"""What was asked against what came of it, aspect by aspect, once the mix has been measured again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mixer.edits import lock_on
from mixer.session import Session
from style_transfer.features import Features
from style_transfer.prompt.rows import described
from style_transfer.prompt.wishes import Aspect, Wish

SHORT = 0.5
"""Less than this share of what was asked has fallen short."""
_KNOBS: dict[Aspect, tuple[str, ...]] = {
    "tone": ("equalizer.high_gain_db", "equalizer.low_gain_db", "equalizer.peak1_gain_db"),
    "level": ("fader.gain_db",),
    "width": ("panner.width",),
    "pan": ("panner.pan",),
    "space": ("send.level_db",),
    "dynamics": ("compressor.threshold_db",),
}
_NOT_MEASURED = "how wet a sound is cannot be measured in a mix"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One aspect of one wish.

    Attributes:
        words: the wish in words.
        asked, achieved: in ``unit``, signed; a tone by its share of the curve, in dB of its loudest part.
        reason: why it fell short, or empty.
    """

    words: str
    aspect: Aspect
    asked: float
    achieved: float | None
    unit: Literal["dB", "LU", ""]
    reason: str

    @property
    def share(self) -> float | None:
        """Achieved of asked: 1 is all of it, negative went the wrong way; None if it cannot be measured."""
        return None if self.achieved is None or not self.asked else self.achieved / self.asked

    @property
    def met(self) -> bool:
        """Whether enough of it came."""
        return self.share is None or self.share >= SHORT


def outcomes(
    wish: Wish, before: Features, after: Features, session: Session, *, mix: tuple[Features, Features] | None = None
) -> tuple[Outcome, ...]:
    """How far one wish came true.

    Args:
        before, after: measured on what the wish speaks of (the mix, or its tracks together, as they are in the mix).
        session: as it was, for what was locked.
        mix: the whole mix before and after; with it the level of tracks is against the rest, as it is asked.
    """
    words = described(wish.intent)
    found = []
    for aspect in wish.moves:
        asked, achieved = _measured(wish, aspect, before, after, mix)
        outcome = Outcome(words, aspect, asked, achieved, "LU" if aspect == "level" else _unit(aspect), "")
        reason = "" if outcome.met and achieved is not None else _reason(wish, aspect, achieved, session)
        found.append(Outcome(words, aspect, asked, achieved, outcome.unit, reason))
    return tuple(found)


def _unit(aspect: Aspect) -> Literal["dB", ""]:
    return "" if aspect == "pan" else "dB"


def _measured(
    wish: Wish, aspect: Aspect, before: Features, after: Features, mix: tuple[Features, Features] | None
) -> tuple[float, float | None]:
    if aspect == "tone":
        return _tone(wish.bands_db, before.mid_db, after.mid_db)
    if aspect == "level":
        moved = after.loudness_lufs - before.loudness_lufs
        if mix is not None and wish.place != "mix":
            moved -= mix[1].loudness_lufs - mix[0].loudness_lufs
        return wish.level_lu, moved
    if aspect == "width":
        return wish.width_db, after.width_db - before.width_db
    if aspect == "pan":
        return wish.pan, after.imbalance - before.imbalance
    if aspect == "dynamics":
        asked = wish.crest_db or -wish.reduction_db
        return asked, after.crest_db - before.crest_db
    return wish.wetness_db, None


def _tone(asked_db: Sequence[float], before_db: Sequence[float], after_db: Sequence[float]) -> tuple[float, float]:
    """The change of the spectrum projected on the asked curve; both without their means, as levels do not count."""
    asked = np.array(asked_db) - np.mean(asked_db)
    moved = np.array(after_db) - np.array(before_db)
    most = float(np.abs(asked).max())
    share = float((moved - moved.mean()) @ asked / (asked @ asked))
    return most, most * share


def _reason(wish: Wish, aspect: Aspect, achieved: float | None, session: Session) -> str:
    if achieved is None:
        return _NOT_MEASURED
    places = ("master",) if wish.place == "mix" else wish.tracks
    locks = {
        lock
        for place in places
        for knob in _KNOBS[aspect]
        if not (place == "master" and aspect in ("width", "pan", "space"))
        and (lock := lock_on(session, f"{place}.{knob}"))
    }
    if locks:
        return f"{', '.join(sorted(locks))}: locked"
    if aspect == "width" and all(session.track(track).channels == 1 for track in wish.tracks):
        return "mono tracks have no width of their own"
    return "other wishes, or what must hold in every mix, stood against it"

"""Intents as targets: how far, in decibels, each measurement is asked to move, for whom, and what must hold still.

Everything here follows from the intents and the session alone; no audio is heard. The offsets are against what is
measured now. What names a knob and a number is no wish but an edit (`style_transfer.prompt.knobs`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mixer.roles import Group
from mixer.session import Session
from style_transfer.features import BANDS
from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.intent import Intent
from style_transfer.prompt.knobs import is_explicit

Aspect = Literal["tone", "level", "width", "pan", "space", "dynamics"]
ASPECTS: tuple[Aspect, ...] = ("tone", "level", "width", "pan", "space", "dynamics")
FLAT = (0.0,) * BANDS
_HELD: dict[str, tuple[Aspect, ...]] = {
    "tone": ("tone",),
    "level": ("level",),
    "place": ("width", "pan"),
    "space": ("space",),
    "dynamics": ("dynamics",),
    "colour": ("tone",),
    "mood": ("tone",),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What one intent asks of the measurements of one part of the song, relative to how they stand.

    Attributes:
        place: ``mix``: the sum behind the master; ``group``: one whole stem group; ``tracks``: these tracks.
        group: the stem group, where ``place`` is ``group``.
        tracks: ids of the tracks that are meant; all of them for the mix.
        bands_db: change of the spectrum in the 25 bands of `style_transfer.features`, at equal loudness.
        level_lu: change of loudness, in the mix for tracks, of the mix itself for the mix.
        width_db: change of side against mid.
        pan: move between the loudspeakers, -2 to 2.
        wetness_db: change of the sends' level.
        reduction_db: change of the gain reduction by compression.
        crest_db: change of true peak over loudness.
        held: what must stay as it is, for an intent that keeps; then all offsets are zero.
        than: tracks that are compared with; the level is to end on the asked side of theirs.
        weight: 0 to 1, how sure the intent is.
    """

    place: Literal["mix", "group", "tracks"]
    group: Group | None
    tracks: tuple[str, ...]
    bands_db: tuple[float, ...]
    level_lu: float
    width_db: float
    pan: float
    wetness_db: float
    reduction_db: float
    crest_db: float
    held: tuple[Aspect, ...]
    than: tuple[str, ...]
    weight: float
    intent: Intent

    @property
    def moves(self) -> tuple[Aspect, ...]:
        """The aspects that it asks to change."""
        asked = {
            "tone": any(self.bands_db),
            "level": bool(self.level_lu),
            "width": bool(self.width_db),
            "pan": bool(self.pan),
            "space": bool(self.wetness_db),
            "dynamics": bool(self.reduction_db or self.crest_db),
        }
        return tuple(aspect for aspect in ASPECTS if asked[aspect])


def wishes(intents: Sequence[Intent], session: Session) -> tuple[Wish, ...]:
    """The wishes of all intents that are sure enough to act on and that are no knob talk.

    What is kept is taken out of what others ask: 'keep the drums as they are, everything warmer' warms all else.
    Guesses are left out until the user confirms them (`Intent.confirmed`).
    """
    acting = [intent for intent in intents if intent.acts and (intent.target.whole or intent.target.tracks)]
    kept = [intent for intent in acting if intent.direction == "keep"]
    moving = [intent for intent in acting if intent.direction != "keep" and not is_explicit(intent)]
    out = [_wish(intent, session) for intent in moving]
    return (*out, *(_hold(intent, session) for intent in kept))


def _place(intent: Intent, session: Session) -> tuple[Literal["mix", "group", "tracks"], Group | None, tuple[str, ...]]:
    if intent.target.whole:
        return "mix", None, tuple(track.id for track in session.tracks)
    meant = set(intent.target.tracks)
    for group in Group:
        if meant == {track.id for track in session.tracks if track.role.group is group}:
            return "group", group, intent.target.tracks
    return "tracks", None, intent.target.tracks


def _wish(intent: Intent, session: Session) -> Wish:
    attribute = attributes()[intent.attribute]
    factor = intent.sign * intent.intensity
    tone = tuple(band * intent.intensity for band in attribute.bands_db(intent.sign))
    place, group, tracks = _place(intent, session)
    return Wish(
        place=place,
        group=group,
        tracks=tracks,
        bands_db=tone,
        level_lu=attribute.level_lu * factor,
        width_db=attribute.width_db * factor,
        pan=attribute.pan * factor,
        wetness_db=attribute.wet_db * factor,
        reduction_db=attribute.reduction_db * factor,
        crest_db=attribute.crest_db * factor,
        held=(),
        than=intent.than.tracks if intent.than is not None else (),
        weight=intent.confidence,
        intent=intent,
    )


def _hold(intent: Intent, session: Session) -> Wish:
    place, group, tracks = _place(intent, session)
    aspect = attributes()[intent.attribute].aspect
    held = _HELD.get(aspect, ASPECTS if intent.attribute == "all" else ())
    return Wish(place, group, tracks, FLAT, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, held, (), intent.confidence, intent)

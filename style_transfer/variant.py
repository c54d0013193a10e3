"""Ways to answer the same wish: what an alternative weighs differently, so that it can be named."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variant:
    """Factors on what the search weighs, and offsets on what practice says; 1 and 0 are the usual suggestion."""

    name: str
    means: str
    """What a producer would hear of it, in a few words."""
    prior: float = 1.0
    """How dear it is to leave practice: less follows the reference further."""
    vocals_lu: float = 0.0
    """How far the vocals are set forward."""
    width: float = 1.0
    """How far tracks are panned out against what is usual."""
    space_db: float = 0.0
    """On all reverb sends."""
    reduction: float = 1.0
    """How hard compressors work against what is usual; 0 leaves them out."""
    tone: bool = True
    """Whether equalisers may move."""


USUAL = Variant("balanced", "between good practice and the reference")
VARIANTS = (
    USUAL,
    Variant("closer to the reference", "follows its tone and balance further, with larger moves", prior=0.35),
    Variant("vocals forward", "the singing 2 LU louder against the band, and drier", vocals_lu=2.0, space_db=-2.0),
    Variant("wide and wet", "panned out further, with more room", width=1.4, space_db=4.0),
    Variant("tight and dry", "less room, firmer dynamics", space_db=-6.0, reduction=1.4, width=0.85),
    Variant("hands off", "levels and panning alone: no equaliser, no compression", tone=False, reduction=0.0),
    Variant("band forward", "the instruments 2 LU louder against the singing", vocals_lu=-2.0),
)

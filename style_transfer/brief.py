"""The mixing brief: what a suggestion should sound like, and what it may touch."""

from __future__ import annotations

from dataclasses import dataclass

from style_transfer.clap.model import ClapChoice
from style_transfer.intensity import Intensity
from style_transfer.reference_file import ReferenceFile
from style_transfer.rough import RoughMix


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user asks of a suggestion; names are addresses, groups or aspects, as ``faderwise suggest`` takes them.

    >>> Brief(prompt="vocals up front", intensity=60).references
    ()
    """

    references: tuple[ReferenceFile, ...] = ()
    """Songs that the mix should measure like, or one that is a mix of these very tracks."""
    rough_mix: RoughMix | None = None
    """A mix of these tracks whose balance and panning are kept."""
    prompt: str = ""
    """What is wanted, in words; it has the last say."""
    confirm: bool = False
    """Whether what is only guessed from the prompt is meant, too."""
    intensity: float | Intensity = 100.0
    """0 to 100; how far to go from the session as it is. 0 proposes nothing."""
    only: tuple[str, ...] = ()
    """Knobs, processors, tracks, groups or aspects that alone may move; everything if there are none."""
    without: tuple[str, ...] = ()
    """Those that may not."""
    free: tuple[str, ...] = ()
    """Those whose values, set by the user, are given up."""
    loudness_lufs: float | None = None
    """Asked loudness of the mix; the session's own by default."""
    clap: ClapChoice | None = None
    """A model that listens to what came of the prompt, and may refine it; judges nothing by itself."""
    fast: bool = False
    """Take what the controller says of the references as it is: no search, guards apart."""
    seed: int = 0
    """Of the order in which segments are heard."""

"""Samples in, stems out: the one call that every separator answers."""

from __future__ import annotations

import numpy as np

from mixer.progress import Progress, silent
from separation.registry import DEFAULT, open_separator
from separation.separator import F32, Separator
from separation.stream import array_source, separated_blocks


def separate(
    audio: F32, sample_rate: int, separator: str | Separator = DEFAULT, progress: Progress = silent
) -> dict[str, F32]:
    """The stems of a song by their names; they add up to it within the rounding of float32.

    Args:
        audio: ``[1 or 2, time]``, full scale 1.
        sample_rate: in Hz, 8000 to 384000. The stems come at the same rate.
        separator: a name out of ``separation.registry.separators()``, or one that is loaded already.
        progress: is told the time left; raising from it cancels.

    Shape:
        each stem: as ``audio``

    Raises:
        AudioError: the samples cannot be used.
        ModelError: the separator's package or weights are not on this machine.
        UsageError: there is no separator of this name.
    """
    source = array_source(audio, sample_rate)
    loaded = open_separator(separator) if isinstance(separator, str) else separator
    stems = np.concatenate(list(separated_blocks(source, loaded, progress=progress)), axis=-1)
    return dict(zip(loaded.about.stems, stems, strict=True))

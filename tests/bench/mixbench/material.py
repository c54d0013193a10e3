"""A small synthesised multitrack for the tests of the benchmark itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mixer.roles import Role, role_from_name
from tests.bench.mixbench.songs import Multitrack, Part
from tests.songs import stems


@cache
def small_song() -> Multitrack:
    """Seven tracks of four seconds: kick, snare, hats, bass, guitar, a stereo pad, a voice."""
    parts = []
    for name, track in stems(4.0).items():
        guess = role_from_name(Path(name).stem)
        parts.append(Part(Path(name).stem, guess.role if guess else Role.OTHER, track))
    return Multitrack("small", False, tuple(parts))

"""Which songs are learnt from, and which are kept to see how well that went."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mixer.errors import SessionError
from style_transfer.train.bank import Kept

HELD_SONGS, HELD_STYLES = 0.12, 0.15


@dataclass(frozen=True, slots=True)
class Split:
    """Songs by what they are for.

    Attributes:
        songs: of styles that are learnt from, themselves not.
        styles: of families of styles that are not learnt from at all.
    """

    training: list[Kept]
    songs: list[Kept]
    styles: list[Kept]


def split(kept: Sequence[Kept], seed: int, without: Collection[str] = ()) -> Split:
    """By families of styles first, then by what songs have in common; the same for a song whatever others there are.

    Args:
        without: words; a song with one of them in its id or style is in no part.

    Raises:
        SessionError: too little is there for all three parts.
    """
    words = [word.casefold() for word in without]
    parts = Split([], [], [])
    for song in kept:
        if any(word in f"{song.id} {song.style}".casefold() for word in words):
            continue
        if _chance(f"family {song.family}", seed) < HELD_STYLES:
            parts.styles.append(song)
        elif _chance(f"song {song.split_key}", seed) < HELD_SONGS:
            parts.songs.append(song)
        else:
            parts.training.append(song)
    for name, part in (("learn from", parts.training), ("hold out", parts.songs), ("hold out of styles", parts.styles)):
        if not part:
            raise SessionError(f"the corpus has no song to {name}: build more of it, or use another --seed")
    return parts


def _chance(key: str, seed: int) -> float:
    """Between 0 and 1, from the key alone."""
    return int.from_bytes(hashlib.sha256(f"{seed} {key}".encode()).digest()[:8], "big") / 2**64

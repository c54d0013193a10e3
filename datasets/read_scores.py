"""Read scores into lines of sounds, and what their files say of rights. Needs ``pip install music21``."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from make_melody import chords

BASS_FROM, INNER_FROM = 40, 55
"""The lowest notes of the bass and of the chords under a tune, as MIDI pitches."""
CHOSEN = {"all": slice(None), "top": slice(-1, None), "lower": slice(-1), "bottom": slice(1), "upper": slice(1, None)}
"""Of the pitches of a sound, from low to high."""
_RIGHTS = re.compile(r"<(rights|credit-words)\b[^>]*>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sound:
    """A note or chord: start and length in quarters from the beginning of the piece, MIDI pitches from low to high."""

    at: float
    length: float
    pitches: tuple[int, ...]

    def moved(self, semitones: int) -> Sound:
        """The same, higher or lower."""
        return Sound(self.at, self.length, tuple(pitch + semitones for pitch in self.pitches))


Line = list[Sound]


def said_rights(file: Path) -> str:
    """What a MusicXML file says of rights: its ``rights`` and printed credits, a line each; ``.mxl`` is unpacked.

    Raises OSError or BadZipFile where it cannot be read.
    """
    if file.suffix == ".mxl":
        with zipfile.ZipFile(file) as packed:
            scores = [name for name in packed.namelist() if name.endswith("xml") and not name.startswith("META-INF")]
            text = "\n".join(packed.read(name).decode("utf-8", errors="replace") for name in scores)
    else:
        text = file.read_text(encoding="utf-8", errors="replace")
    return "\n".join(unescape(said) for _, said in _RIGHTS.findall(text))


def pieces_of(file: Path) -> list[Line]:
    """The staves of a score as they sound, ties joined, ornaments left out; chord symbols are the last staff."""
    from music21 import converter

    score = converter.parse(file, forceSource=True).toSoundingPitch().stripTies()
    staves = [_staff(part) for part in score.parts]
    symbols = _symbols(score)
    return [*staves, symbols] if symbols else staves


def lines_of(staves: Sequence[Line], text: str) -> Line:
    """Of a staff the notes asked for: all, the top, those below it (lower), the bottom, those above it (upper).

    >>> staff = [Sound(0.0, 1.0, (48, 60, 64)), Sound(1.0, 1.0, (50,))]
    >>> [[sound.pitches for sound in lines_of([staff], text)] for text in ("0 top", "0 lower", "0 upper")]
    [[(64,), (50,)], [(48, 60)], [(60, 64)]]
    """
    number, _, which = text.partition(" ")
    chosen = [Sound(sound.at, sound.length, sound.pitches[CHOSEN[which]]) for sound in staves[int(number)]]
    return [sound for sound in chosen if sound.pitches]


def tune_lines(tune: str, bars: str, beats: int) -> list[Line]:
    """A tune in tiny notation and a chord a bar, as four lines: the tune, the tune an octave down, chords and bass."""
    from music21 import converter

    melody = _staff(converter.parse(f"tinyNotation: {tune}"))
    inner, bass = [], []
    for bar, chord in enumerate(chords(bars)):
        at = float(bar * beats)
        notes = tuple(pitch for pitch in range(INNER_FROM, INNER_FROM + 12) if pitch % 12 in chord.notes)
        inner += [Sound(at, beats / 2, notes), Sound(at + beats / 2, beats / 2, notes)]
        bass.append(Sound(at, float(beats), (BASS_FROM + (chord.root - BASS_FROM) % 12,)))
    return [melody, [sound.moved(-12) for sound in melody], inner, bass]


def _staff(part: Any) -> Line:
    """Notes that begin together are one sound, as long as the longest."""
    heard: dict[float, tuple[float, set[int]]] = {}
    for element in part.flatten().notes:
        if "Harmony" in element.classes or not element.quarterLength:
            continue
        at, pitches = float(element.offset), {int(pitch.midi) for pitch in element.pitches}
        length, others = heard.get(at, (0.0, set()))
        heard[at] = (max(length, float(element.quarterLength)), others | pitches)
    return [Sound(at, length, tuple(sorted(pitches))) for at, (length, pitches) in sorted(heard.items())]


def _symbols(score: Any) -> Line:
    """Chord symbols, each until the next."""
    found = sorted(score.flatten().getElementsByClass("ChordSymbol"), key=lambda symbol: float(symbol.offset))
    ends = [float(symbol.offset) for symbol in found[1:]] + [float(score.highestTime)] * bool(found)
    made = []
    for symbol, end in zip(found, ends, strict=True):
        at, notes = float(symbol.offset), {int(pitch.midi) % 12 for pitch in symbol.pitches}
        if end > at and notes:
            root = BASS_FROM + (int(symbol.root().midi) - BASS_FROM) % 12
            inner = tuple(pitch for pitch in range(INNER_FROM, INNER_FROM + 12) if pitch % 12 in notes)
            made.append(Sound(at, end - at, (root, *inner)))
    return made

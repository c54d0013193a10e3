"""How far the lexicon agrees with what people chose for the same words, and people with each other.

SAFE (R. Stables et al., "SAFE: A system for the extraction and retrieval of semantic audio descriptors", ISMIR 2014):
engineers' equaliser settings with a word for each. SocialEQ (M. Cartwright, B. Pardo, "Social-EQ: crowdsourcing an
equalization descriptor map", ISMIR 2013): laypeople's curves for words. Neither is part of this project: the figures
need a copy in ``shared/text`` beside the repository.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from style_transfer.features import CENTRES_HZ
from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.intent import ASK
from style_transfer.prompt.text import words
from style_transfer.prompt.vocabulary import Sense, language

F64 = NDArray[np.float64]
People = Mapping[str, Mapping[str, Sequence[F64]]]
"""Word -> person -> curves."""
FOLDER = Path(__file__).resolve().parents[4] / "shared" / "text"
_RATE_HZ = 44100.0
_HZ = np.array(CENTRES_HZ)
_TABLES = {"English": "en", "Español": "es"}
_MIN_PEOPLE = 3
_MIN_CONSISTENCY = 0.5
"""SocialEQ's own measure of how alike one person's answers were; below that they guessed."""


@dataclass(frozen=True)
class Agreement:
    """Mean correlations of curves over words; ``words`` holds the lexicon's for each."""

    words: Mapping[str, float]
    people: float
    unknown: tuple[str, ...]
    code: str = "en"

    def acted_on(self) -> float:
        """The same over the words that are sure enough to act on without asking."""
        sure = [r for word, r in self.words.items() if _confidence(word, self.code) >= ASK]
        return float(np.mean(sure))

    @property
    def lexicon(self) -> float:
        """The lexicon against the mean of all people, over the words that it knows."""
        return float(np.mean(list(self.words.values())))


def safe() -> Agreement:
    """Against engineers; the ceiling is one engineer against the mean of the others."""
    return _agreement(_engineers(), halves=False)


def _engineers() -> People:
    people: dict[str, dict[str, list[F64]]] = defaultdict(lambda: defaultdict(list))
    with (FOLDER / "safe_equaliser.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            people[row["descriptor"].strip().casefold()][row["participant"]].append(_safe_curve(row))
    return people


def social(code: str = "English") -> Agreement:
    """Against laypeople; the ceiling is one half of them against the other."""
    return _agreement(_laypeople(code), halves=True, code=_TABLES[code])


def _laypeople(code: str) -> People:
    people: dict[str, dict[str, list[F64]]] = defaultdict(lambda: defaultdict(list))
    with (FOLDER / "socialeq.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name.startswith("hz")]
    hz = np.log([float(name[2:]) for name in names])
    for index, row in enumerate(rows):
        if row["language"] != code or float(row["consistency"] or 0) < _MIN_CONSISTENCY:
            continue
        curve = np.interp(np.log(_HZ), hz, [float(row[name]) for name in names])
        people[row["descriptor"].strip().casefold()][str(index)].append(curve)
    return people


def unknown_curves() -> dict[str, F64]:
    """English words of both that the lexicon does not have and three or more people used, with their mean curves."""
    found = {}
    for people in (_engineers(), _laypeople("English")):
        for word, answers in people.items():
            if len(answers) >= _MIN_PEOPLE and word.isalpha() and sense_of(word) is None:
                found[word] = np.stack([np.mean(each, axis=0) for each in answers.values()]).mean(0)
    return found


def coverage(code: str = "English") -> tuple[float, int]:
    """Share of SocialEQ's answers whose word the lexicon knows, and how many words they used."""
    with (FOLDER / "socialeq.csv").open(encoding="utf-8") as file:
        said = [row["descriptor"].strip().casefold() for row in csv.DictReader(file) if row["language"] == code]
    known = [word for word in said if sense_of(word, _TABLES[code]) is not None]
    return len(known) / len(said), len(set(said))


def sense_of(word: str, code: str = "en") -> Sense | None:
    """What a single word means to the lexicon."""
    senses = language(code).phrases.get(words(word), ())
    return next((sense for sense in senses if sense.kind == "attr"), None)


def _confidence(word: str, code: str) -> float:
    sense = sense_of(word, code)
    return attributes()[sense.name].confidence if sense is not None else 0.0


def lexicon_curve(word: str, code: str = "en") -> F64 | None:
    """The lexicon's tone for "more of this word" (a complaint is what it complains of), centred; None if flat."""
    sense = sense_of(word, code)
    if sense is None:
        return None
    curve = np.array(attributes()[sense.name].bands_db(sense.pole))
    return None if not curve.any() else curve - curve.mean()


def _agreement(people: People, *, halves: bool, code: str = "en") -> Agreement:
    lexicon: dict[str, float] = {}
    ceilings: list[float] = []
    unknown = []
    for word, answers in sorted(people.items()):
        if len(answers) < _MIN_PEOPLE:
            continue
        curves = np.stack([np.mean(each, axis=0) for each in answers.values()])
        curve = lexicon_curve(word, code)
        if curve is None:
            unknown.append(word)
            continue
        lexicon[word] = correlation(curve, curves.mean(0))
        ceilings.append(_split_half(curves) if halves else _one_against_rest(curves))
    return Agreement(lexicon, float(np.mean(ceilings)), tuple(unknown), code)


def _one_against_rest(curves: F64) -> float:
    rest = [np.delete(curves, index, axis=0).mean(0) for index in range(len(curves))]
    return float(np.mean([correlation(one, other) for one, other in zip(curves, rest, strict=True)]))


def _split_half(curves: F64, times: int = 20) -> float:
    draw = np.random.default_rng(0)
    found = []
    for _ in range(times):
        order = draw.permutation(len(curves))
        half = len(curves) // 2
        found.append(correlation(curves[order[:half]].mean(0), curves[order[half:]].mean(0)))
    return float(np.mean(found))


def correlation(a: F64, b: F64) -> float:
    """Pearson's r of two curves over the 25 bands; 0 where one is flat."""
    a, b = a - a.mean(), b - b.mean()
    size = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / size if size > 0 else 0.0


def _safe_curve(row: Mapping[str, str]) -> F64:
    value = {key: float(text) for key, text in row.items() if text and key[:2] in ("ls", "hs", "b1", "b2", "b3")}
    total = _shelf(value["ls_gain"], value["ls_f"], high=False) + _shelf(value["hs_gain"], value["hs_f"], high=True)
    for band in ("b1", "b2", "b3"):
        total = total + _peak(value[f"{band}_gain"], value[f"{band}_f"], value[f"{band}_q"])
    return total


def _peak(gain_db: float, hz: float, q: float) -> F64:
    """RBJ Audio EQ Cookbook, peaking EQ."""
    w, a = 2 * np.pi * min(hz, 20000.0) / _RATE_HZ, 10 ** (gain_db / 40)
    alpha = np.sin(w) / (2 * q)
    return _response((1 + alpha * a, -2 * np.cos(w), 1 - alpha * a), (1 + alpha / a, -2 * np.cos(w), 1 - alpha / a))


def _shelf(gain_db: float, hz: float, *, high: bool) -> F64:
    """RBJ Audio EQ Cookbook, shelves with Q 0.7071."""
    w, a = 2 * np.pi * min(hz, 20000.0) / _RATE_HZ, 10 ** (gain_db / 40)
    c, root = (-np.cos(w) if high else np.cos(w)), 2 * np.sqrt(a) * np.sin(w) / np.sqrt(2)
    side = -1 if high else 1
    b = (a * (a + 1 - (a - 1) * c + root), side * 2 * a * (a - 1 - (a + 1) * c), a * (a + 1 - (a - 1) * c - root))
    den = (a + 1 + (a - 1) * c + root, -side * 2 * (a - 1 + (a + 1) * c), a + 1 + (a - 1) * c - root)
    return _response(b, den)


def _response(b: Sequence[float], a: Sequence[float]) -> F64:
    z = np.exp(-2j * np.pi * _HZ / _RATE_HZ)
    answer = (b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2)
    return np.asarray(20 * np.log10(np.abs(answer)), dtype=np.float64)

"""How often what is proposed for a word that the lexicon does not have is what was meant.

Two measures: words with labels of our own (``tests/prompts/unknown.toml``), and words of SAFE and SocialEQ
(`tests.bench.words.agreement`) that the lexicon does not have, where people's equaliser curves say what they meant.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.semantic import LEAST_LIKE, TOGETHER, Near, Nearest, lexicon_phrases, ranked
from tests.bench.words import agreement
from tests.prompts_corpus import FOLDER

_SHARED = 4
"""Words that begin with the same letters are one family: all of it is taken out of the lexicon."""
_EVERY = 3
"""Every so manyth single word of the lexicon is held out."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """Shares of words, or of those for which something was proposed."""

    words: int
    answered: float
    right_first: float
    right_of_three: float
    right_pole: float
    """Of first proposals with the right attribute: those at the right end of its axis."""
    about_nothing: float
    """Words that say nothing about sound for which something was proposed nevertheless."""


def score(nearest: Callable[[str], Sequence[Near]]) -> Proposed:
    """Against our labels."""
    listed = tomllib.loads((FOLDER / "unknown.toml").read_text("utf-8"))
    wanted = {word: dict(label.split() for label in labels) for word, labels in listed["words"].items()}
    proposals = {word: nearest(word) for word in wanted}
    nonsense = [bool(nearest(word)) for word in listed["nothing"]]
    return _scored(wanted, proposals, float(np.mean(nonsense)))


def held_out(nearest: Nearest) -> Proposed:
    """Words of the lexicon itself, each with its family taken out."""
    phrases = lexicon_phrases()
    vectors = nearest.vectors([phrase.text for phrase in phrases])
    single = sorted({phrase.text for phrase in phrases if phrase.text.isalpha() and len(phrase.text) >= _SHARED})
    wanted: dict[str, dict[str, str]] = {}
    proposals: dict[str, Sequence[Near]] = {}
    for word in single[::_EVERY]:
        senses = [phrase for phrase in phrases if phrase.text == word]
        wanted[word] = {phrase.attribute: "+" if phrase.pole > 0 else "-" for phrase in senses}
        family = np.array([any(part[:_SHARED] == word[:_SHARED] for part in phrase.text.split()) for phrase in phrases])
        here = next(index for index, phrase in enumerate(phrases) if phrase.text == word)
        proposals[word] = ranked(phrases, np.where(family, -1.0, vectors @ vectors[here]).astype(np.float32))
    return _scored(wanted, proposals, 0.0)


def _scored(wanted: dict[str, dict[str, str]], proposals: dict[str, Sequence[Near]], about_nothing: float) -> Proposed:
    asked = {word: near for word, near in proposals.items() if near}
    first = [near[0].attribute in wanted[word] for word, near in asked.items()]
    three = [any(each.attribute in wanted[word] for each in near) for word, near in asked.items()]
    poles = [
        wanted[word][near[0].attribute] == ("+" if near[0].pole > 0 else "-")
        for word, near in asked.items()
        if near[0].attribute in wanted[word]
    ]
    answered = len(asked) / len(wanted)
    return Proposed(len(wanted), answered, _mean(first), _mean(three), _mean(poles), about_nothing)


def _mean(shares: Sequence[bool]) -> float:
    return float(np.mean(shares))


def with_people(nearest: Callable[[str], Sequence[Near]]) -> tuple[int, int, float, float]:
    """SAFE's and SocialEQ's unknown words: how many, proposed for, and mean correlation of curves.

    The last two are those of the first proposal as it stands, and of its better end of the axis, which the user picks.
    """
    curves = agreement.unknown_curves()
    as_it_is, either = [], []
    for word, people in curves.items():
        tones = [attributes()[near.attribute].bands_db(near.pole) for near in nearest(word)]
        flat = next((tone for tone in tones if any(tone)), None)
        if flat is not None:
            r = agreement.correlation(np.array(flat), people)
            as_it_is.append(r)
            either.append(abs(r))
    return len(curves), len(as_it_is), float(np.mean(as_it_is)), float(np.mean(either))


def table(nearest: Nearest) -> str:
    """The result as Markdown."""
    lines = [
        "| words | how many | proposed for | first is right | one of three is right | right end of the axis |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    ours, lexicon = score(nearest), held_out(nearest)
    for name, found in (("new words, our labels", ours), ("words of the lexicon, held out", lexicon)):
        shares = (found.answered, found.right_first, found.right_of_three, found.right_pole)
        lines.append(f"| {name} | {found.words} | {' | '.join(f'{100 * share:.0f} %' for share in shares)} |")
    words, proposed, as_it_is, either = with_people(nearest)
    lines += [
        "",
        f'("Right" are shares of what was proposed for.) Something is proposed for {100 * ours.about_nothing:.0f} % of '
        f"words that say nothing about sound. Of {words} words that three or more people of SAFE and SocialEQ used and "
        f"the lexicon does not have, {proposed} get a proposal with a tone; its curve correlates with the people's at "
        f"{as_it_is:.2f} as it stands and at {either:.2f} with the better end of its axis, which the user is to pick.",
        "",
        f"(An attribute is as near as its {TOGETHER} nearest phrases; under {LEAST_LIKE:g} nothing is proposed.)",
    ]
    return "\n".join(lines)

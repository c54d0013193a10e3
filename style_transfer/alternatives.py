"""Several good answers to the same wish, each different in something that can be named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixer.errors import UsageError
from mixer.progress import Progress, silent, span
from mixer.session import Session
from style_transfer.brief import Brief
from style_transfer.draft import moved
from style_transfer.group_level import GroupLevel
from style_transfer.prepare import Listening, prepare
from style_transfer.search import Found, search
from style_transfer.suggest import Ask, asked, explained
from style_transfer.suggestion import Alternative, Suggestion
from style_transfer.traits import (
    TOLD,
    Traits,
    differences,
    dominated,
    measure_traits,
    promises,
    tell,
    wanted_levels,
)
from style_transfer.variant import USUAL, VARIANTS, Variant

RECALL = Variant("as it was mixed", "the settings of the mix that was handed in, of which there is one answer")


@dataclass(frozen=True, slots=True)
class Answer:
    """One variant's settings, measured."""

    variant: Variant
    found: Found
    traits: Traits
    apart: dict[str, float]
    """What sets it apart from the usual answer and is heard: trait and amount."""

    @property
    def delivered(self) -> list[str]:
        """What the variant promises and is heard."""
        return [name for name, sign in promises(self.variant).items() if sign * self.apart.get(name, 0.0) > 0]


def alternatives(
    session: Session, folder: Path, brief: Brief, count: int, progress: Progress = silent
) -> list[Suggestion]:
    """Up to ``count`` suggestions that differ in something that can be named, none of them worse than another in all.

    Tracks and references are listened to once. Errors are those of ``suggest``; fewer than ``count`` come back where
    no more differ, and the first says so.
    """
    if not 1 <= count <= len(VARIANTS):
        raise UsageError(f"{count} alternatives cannot be had: ask for 1 to {len(VARIANTS)}")
    opened, ask = asked(session, brief)
    listening = prepare(opened, folder, brief.references, brief.rough_mix, ask.said, span(progress, 0, 0.2))
    kept = _answers(listening, ask, count, span(progress, 0.2, 0.65))
    share = 0.35 / len(kept)
    made = [
        explained(listening, answer.found, ask, span(progress, 0.65 + n * share, 0.65 + (n + 1) * share))
        for n, answer in enumerate(kept)
    ]
    named = [
        suggestion.model_copy(update={"alternative": about})
        for suggestion, about in zip(made, named_apart(kept), strict=True)
    ]
    if len(named) < count:
        note = f"{count} alternatives were asked for; no more than {len(named)} differ in anything that is heard."
        named[0] = named[0].model_copy(update={"notes": [*named[0].notes, note]})
    return named


def _answers(listening: Listening, ask: Ask, count: int, progress: Progress) -> list[Answer]:
    """Variants in their order until enough of them are worth telling."""
    wanted: list[GroupLevel] | None = None
    answers: list[Answer] = []
    usual: Traits | None = None
    variants = VARIANTS if listening.recalled is None else (RECALL,)
    for n, variant in enumerate(variants):
        share = 1 / len(variants)
        found = search(listening, variant, ask.seed, span(progress, n * share, (n + 1) * share))
        if wanted is None:
            wanted = wanted_levels(listening, found.start)
        traits = measure_traits(listening, moved(listening.session, found.values, ask.share), wanted)
        usual = usual or traits
        answer = Answer(variant, found, traits, differences(traits, usual))
        if variant in (USUAL, RECALL) or answer.delivered:
            answers = worth_telling([*answers, answer])
        if len(answers) == count:
            break
    progress(1.0, "weighing the alternatives")
    return answers


def worth_telling(answers: Sequence[Answer]) -> list[Answer]:
    """Those that differ from each that comes before them, and that no other makes needless."""
    apart: list[Answer] = []
    for answer in answers:
        if all(differences(answer.traits, other.traits) for other in apart):
            apart.append(answer)
    return [
        answer
        for answer in apart
        if not any(
            dominated(answer.traits, other.traits, promises(answer.variant)) for other in apart if other is not answer
        )
    ]


def named_apart(answers: Sequence[Answer]) -> list[Alternative]:
    """What each is called and how it differs from the first: by its variant where all that promises is there."""
    told: list[Alternative] = []
    for answer in answers:
        name, means = answer.variant.name, answer.variant.means
        if len(answer.delivered) < len(promises(answer.variant)):
            part = {trait: answer.apart[trait] for trait in answer.delivered[:2]}
            name = " and ".join(TOLD[trait].more if amount > 0 else TOLD[trait].less for trait, amount in part.items())
            if name in {other.name for other in told}:
                name = ", ".join(tell(part))
            means = f"{USUAL.means}, but {name}"
        differs = tell(differences(answer.traits, answers[0].traits))
        told.append(Alternative(name=name, means=means, differs=differs, traits=answer.traits.document()))
    return told

"""Items into clauses; and what a clause is read into: cells, each with what is said of one target in one breath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from style_transfer.prompt.intent import Number, Target
from style_transfer.prompt.tags import Item
from style_transfer.prompt.vocabulary import Sense

Joint = Literal["start", "stop", "comma", "colon", "with", "and", "but"]
_WITH = frozenset({"with", "together with", "along with"})
SILENT = frozenset({"filler", "ignore", "unknown"})
"""Kinds of items that neither ask for anything nor stand between words that belong together."""


@dataclass(slots=True)
class Mention:
    """One attribute as it is said, with the little words that bear on it. ``sense`` is None where it was left out."""

    sense: Sense | None
    start: int
    end: int
    direction: int = 0
    amount: float | None = None
    negated: bool = False
    too: bool = False
    enough: bool = False
    compared: bool = False
    guard: bool = False
    repaired: bool = False
    numbers: list[Number] = field(default_factory=list)

    @property
    def form(self) -> str:
        """adj, comp, noun, verb, excess, or empty."""
        return self.sense.form if self.sense is not None else ""


@dataclass(slots=True)
class Cell:
    """What one clause says of one target: the target's items, the mentions, and how it is said."""

    joint: Joint
    start: int
    end: int
    targets: list[Item] = field(default_factory=list)
    excepted: list[Item] = field(default_factory=list)
    than: list[Item] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    moves: list[Mention] = field(default_factory=list)
    numbers: list[Item] = field(default_factory=list)
    target_first: bool = False
    prepositional: bool = False
    relation: int = 0
    pronoun: bool = False
    keep: bool = False
    want: bool = False
    state: bool = False
    praise: bool = False
    dropped: bool = False
    strange: bool = False
    described: bool = False
    """An unknown word says something of its target: 'feathery vocals', 'vocals feathery'."""
    thing: bool = False
    """Somebody or something is named that nobody here knows: 'the kazoo'."""
    article: bool = False
    """It begins with 'a' and an adjective: the noun comes later."""
    repeats: bool = False
    """What it says had been said before, or was taken together with it."""
    resolved: Target | None = None
    inherited: bool = False

    @property
    def says(self) -> bool:
        """Whether anything is said, and not only named."""
        return bool(self.mentions or self.moves or self.numbers or self.keep or self.praise or self.relation)


@dataclass(slots=True)
class Clause:
    """The items between two joints."""

    joint: Joint
    items: list[Item]


def clauses(items: Sequence[Item]) -> list[Clause]:
    """Cut at stops, commas, 'but' and 'and'; what follows a stop starts a sentence."""
    found: list[Clause] = []
    joint: Joint = "start"
    held: list[Item] = []
    for index, item in enumerate(items):
        cut = _cut(items, index, held)
        if cut is None:
            held.append(item)
            continue
        if any(each.kind not in SILENT for each in held):
            found.append(Clause(joint, held))
            joint = cut
        else:
            if held and found:
                found[-1].items.extend(held)
            joint = _stronger(joint, cut)
        held = []
    if held:
        found.append(Clause(joint, held))
    return found


def _cut(items: Sequence[Item], index: int, held: Sequence[Item]) -> Joint | None:
    item = items[index]
    if item.kind == "stop":
        return "stop"
    if item.kind == "comma":
        names_sound = item.text == ":" and any(each.kind == "attr" for each in held)
        if any(each.kind == "target" for each in held):
            return "colon" if item.text == ":" else "comma"
        return None if names_sound else "comma"
    if item.kind == "but":
        return None if _excepts(items, index) else "but"
    if item.kind != "and":
        return None
    return "with" if item.text in _WITH else "and"


def _stronger(one: Joint, other: Joint) -> Joint:
    order: tuple[Joint, ...] = ("and", "with", "comma", "colon", "but", "stop", "start")
    return max(one, other, key=order.index)


def _excepts(items: Sequence[Item], index: int) -> bool:
    """'everything but the snare'."""
    before = next((item for item in reversed(items[:index]) if item.kind not in SILENT), None)
    after = next((item for item in items[index + 1 :] if item.kind not in SILENT), None)
    whole = (
        before is not None and before.target is not None and before.target.whole and before.text not in ("mix", "song")
    )
    return whole and after is not None and after.kind == "target" and items[index].text == "but"

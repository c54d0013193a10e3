"""The little words that wait for what they bear on: 'not', 'too', 'a bit', 'less'."""

from __future__ import annotations

from dataclasses import dataclass

from style_transfer.prompt.clauses import Cell, Mention
from style_transfer.prompt.intent import Number
from style_transfer.prompt.tags import Item
from style_transfer.prompt.vocabulary import FULL, Sense


@dataclass(slots=True)
class Pending:
    """What was read since the last attribute."""

    direction: Item | None = None
    amount: float | None = None
    negated: bool = False
    too: bool = False
    enough: bool = False
    compared: bool = False
    guard: bool = False
    """'without' stands in front."""
    unknown: bool = False
    """Something stands behind the direction that nobody knows: 'more cowwbell'."""

    @property
    def sign(self) -> int:
        """1 behind 'more', -1 behind 'less', else 0."""
        if self.direction is None:
            return 0
        return 1 if self.direction.kind == "more" else -1

    def mention(self, item: Item, sense: Sense) -> Mention:
        """An attribute with all that was waiting for it."""
        return Mention(
            sense,
            item.start,
            item.end,
            direction=self.sign,
            amount=self.amount,
            negated=self.negated,
            too=self.too,
            enough=self.enough,
            compared=self.compared,
            guard=self.guard,
            repaired=item.repaired,
            numbers=[Number(value=sense.value, unit="%")] if sense.value == FULL else [],
        )

    def move(self, item: Item) -> Mention:
        """'up' or 'down': about the level, unless a noun stands with it."""
        sense = Sense("attr", "level", 1 if item.kind == "up" else -1, "verb")
        amount, negated = self.amount, self.negated
        return Mention(
            sense, item.start, item.end, amount=amount, negated=negated, guard=self.guard, repaired=item.repaired
        )

    def settle(self, cell: Cell) -> None:
        """Give what is left at a cell's end to what stands before it, or to the level of its target."""
        said = [*cell.mentions, *cell.moves]
        if self.direction is not None:
            open_to = [m for m in cell.mentions if m.form in ("noun", "verb") and not m.direction]
            if open_to and self.direction.start > open_to[-1].start:
                self._behind(open_to)
            elif not said and not self.unknown:
                cell.mentions.append(self._bare(self.direction.start, self.direction.end, self.sign))
        elif self.negated and cell.targets and not said and (self.enough or self.compared):
            cell.mentions.append(Mention(None, cell.start, cell.end, 1 if self.enough else -1))
        if self.amount is not None and said and said[-1].amount is None:
            said[-1].amount = self.amount

    def _behind(self, mentions: list[Mention]) -> None:
        for mention in mentions:
            mention.direction, mention.negated = self.sign, mention.negated or self.negated
            mention.amount = mention.amount or self.amount
        self.amount = None

    def _bare(self, start: int, end: int, sign: int) -> Mention:
        amount, self.amount = self.amount, None
        return Mention(None, start, end, sign, amount, self.negated, enough=self.enough)

"""The state of one pass over a clause, and the little words that only change what is to come."""

from __future__ import annotations

from style_transfer.prompt.ahead import Ahead
from style_transfer.prompt.clauses import Cell, Clause, Joint, Mention
from style_transfer.prompt.pending import Pending
from style_transfer.prompt.tags import Item
from style_transfer.prompt.vocabulary import Sense

_KANA = "\u3040"
_WITHOUT = frozenset({"without", "ohne", "sin", "sans", "sem"})


class Reading:
    """What has been read of a clause; `style_transfer.prompt.reader` drives it."""

    def __init__(self, clause: Clause) -> None:
        self._all = clause.items
        self._ahead = Ahead(clause.items)
        self._cells = [self._fresh(clause.joint)]
        self._pending = Pending()
        self._awaits = ""
        self._on = self._strange = self._article = self._after_than = False

    def _fresh(self, joint: Joint) -> Cell:
        return Cell(joint, min(item.start for item in self._all), max(item.end for item in self._all))

    @property
    def _cell(self) -> Cell:
        return self._cells[-1]

    def _is_side(self, index: int) -> bool:
        following = self._ahead.kind(index)
        return following in ("", "comma", "target", "number")

    def _mention(self, item: Item, sense: Sense) -> None:
        self._cell.mentions.append(self._pending.mention(item, sense))
        self._pending = Pending()

    # ---- little words

    def _read_not(self, item: Item, _: int) -> None:
        self._pending.negated = True
        self._pending.guard = item.text in _WITHOUT

    def _read_too(self, item: Item, index: int) -> None:
        if item.text[0] >= _KANA and self._cell.mentions:
            self._cell.mentions[-1].too = True  # it stands behind in Japanese
        elif self._ahead.kind(index):
            self._pending.too = True

    def _read_enough(self, _: Item, index: int) -> None:
        if self._ahead.kind(index) in ("attr", "target") or not self._cell.mentions:
            self._pending.enough = True
        else:
            self._cell.mentions[-1].enough = True

    def _read_amount(self, item: Item, index: int) -> None:
        assert item.sense is not None
        sense = item.also("attr")
        if sense is not None and self._ahead.kind(index) not in ("attr", "more", "less", "too", "up", "down"):
            self._mention(item, sense)
            return
        if self._pending.negated and item.text in ("so", "tan", "tao", "si"):
            self._pending.compared = True
        self._pending.amount = item.sense.value

    def _read_than(self, item: Item, _: int) -> None:
        if item.text == ">":
            self._cell.moves.append(Mention(Sense("attr", "level", 1, "comp"), item.start, item.end))
        self._awaits = "than"

    def _read_as(self, _: Item, index: int) -> None:
        if self._ahead.kind(index) == "target":
            self._awaits = "than"
        elif self._pending.negated:
            self._pending.compared = True

    def _read_under(self, _: Item, index: int) -> None:
        if self._ahead.kind(index) in ("target", "it"):
            self._relate(-1)

    def _read_over(self, _: Item, index: int) -> None:
        if self._ahead.kind(index) in ("target", "it"):
            self._relate(1)

    def _relate(self, side: int) -> None:
        self._cell.relation = side
        self._awaits = "than"

    def _read_except(self, _: Item, __: int) -> None:
        self._awaits = "except"

    _read_but = _read_except

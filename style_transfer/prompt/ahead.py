"""What stands further on in a clause."""

from __future__ import annotations

from collections.abc import Sequence

from style_transfer.prompt.clauses import SILENT
from style_transfer.prompt.tags import Item

_ENDS = frozenset({"than", "except", "under", "over", "sub"})
"""What stands behind these is no target of its own."""


class Ahead:
    """Looks ahead from a place in a clause, past what says nothing."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items

    def item(self, index: int) -> Item | None:
        """What comes next behind an index."""
        return next((item for item in self._items[index + 1 :] if item.kind not in SILENT), None)

    def kind(self, index: int) -> str:
        """Its kind; empty at the end."""
        following = self.item(index)
        return following.kind if following is not None else ""

    def on_another(self, index: int) -> bool:
        """Whether 'on' and a target follow: 'less bass on the kick'."""
        after = [item.kind for item in self._items[index + 1 :] if item.kind not in SILENT]
        return after[:2] == ["on", "target"]

    def compares(self, index: int) -> bool:
        """Whether 'than' leads to a target; 'than a wet fish' does not."""
        after = [item.kind for item in self._items[index + 1 :] if item.kind not in SILENT and item.kind != "on"]
        return bool(after) and after[0] in ("target", "it", "rest")

    def new_target(self, index: int, *, past_on: bool) -> bool:
        """Whether a target of its own follows, one behind 'on' included if asked."""
        before = ""
        for item in self._items[index:]:
            if item.kind in _ENDS:
                return False
            if item.kind == "target":
                return past_on or before != "on"
            before = before if item.kind in SILENT else item.kind
        return False

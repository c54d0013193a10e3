"""Clauses into cells: one pass from left to right over what was tagged."""

from __future__ import annotations

from dataclasses import replace

from style_transfer.prompt.clauses import SILENT, Cell, Clause, Mention
from style_transfer.prompt.pending import Pending
from style_transfer.prompt.reading import Reading
from style_transfer.prompt.subjects import without_subjects
from style_transfer.prompt.tags import Item
from style_transfer.prompt.vocabulary import Sense, ordinary

_PLACES = frozenset({"pan", "centre", "forwardness", "closeness", "width"})
_DETERMINERS = frozenset(
    {"the", "my", "our", "his", "her", "their", "that", "this", "el", "la", "der", "die", "das", "den", "le", "o"}
)
_RIVALRY = "separation"
_IT_IS = frozenset({"its", "theyre", "hes", "shes"})
_FLAGS = {"it": "pronoun", "keep": "keep", "want": "want", "praise": "praise", "drop": "dropped"}
"""Words that only say how a cell is meant, and what they set in it."""


def cells(clause: Clause) -> list[Cell]:
    """One clause as cells; two where it speaks of two targets without a joint: 'kick louder bass quieter'."""
    reader = _Reader(clause)
    for index in range(len(clause.items)):
        if not reader.read(index):
            break
    return reader.finished()


def _rivals(mention: Mention) -> bool:
    """'is masking', 'fights': what follows is what it gets in the way of."""
    return mention.sense is not None and mention.sense.name == _RIVALRY and mention.sense.bad


class _Reader(Reading):
    """Reads a clause from left to right."""

    def finished(self) -> list[Cell]:
        self._close()
        return self._cells

    def read(self, index: int) -> bool:
        """Take the item at an index; False at a subordinate clause, which asks for nothing."""
        item = self._all[index]
        if item.kind in SILENT:
            self._cell.thing |= self._is_thing(index)
            self._cell.described |= self._describes(index)
            self._article = item.text in ("a", "an")
            self._strange = item.kind == "unknown"
            self._pending.unknown |= self._strange and self._pending.direction is not None and not self._on
            return True
        if item.kind == "sub" or (item.kind == "than" and not self._ahead.compares(index)):
            return False
        if item.text == "as is" and self._ahead.kind(index) == "target":
            return True  # 'too loud, as is the snare'
        if flag := _FLAGS.get(item.kind):
            setattr(self._cell, flag, True)
            self._cell.state |= item.text in _IT_IS
        elif handle := getattr(self, f"_read_{item.kind}", None):
            handle(item, index)
        self._on = item.kind == "on"
        self._strange &= item.kind == "number"
        self._article = False
        self._after_than = item.kind == "than"
        return True

    def _describes(self, index: int) -> bool:
        """Whether an unknown word stands right before a target, or right behind it at the clause's end."""
        if self._all[index].kind != "unknown" or self._all[index].text in ordinary():
            return False
        kinds = [item.kind for item in self._all]
        return kinds[index + 1 : index + 2] == ["target"] or (
            kinds[index - 1 : index] == ["target"] and index + 1 == len(kinds)
        )

    def _is_thing(self, index: int) -> bool:
        """'the kazoo', or 'kazoo up': an unknown word where an instrument would stand."""
        item, before = self._all[index], self._all[index - 1] if index else None
        if item.kind != "unknown" or item.text in ordinary():
            return False
        behind = self._all[index + 1].kind if index + 1 < len(self._all) else ""
        introduced = before is not None and (before.kind == "on" or before.text.split()[-1] in _DETERMINERS)
        return introduced or behind in ("up", "down")

    # ---- targets

    def _read_target(self, item: Item, index: int) -> None:
        cell = self._cell
        if self._awaits == "except":
            cell.excepted.append(item)
            return
        if self._awaits == "than":
            cell.than.append(item)
            return
        assert item.target is not None or item.kind == "rest"
        whole = item.target is not None and item.target.whole
        if whole and (cell.targets or (cell.pronoun and self._on)):
            return  # 'in the mix' after a target only says where
        if not cell.says and all(each.target is not None and each.target.whole for each in cell.targets):
            cell.targets.clear()  # 'the overall vocal level'
        if cell.targets and cell.mentions and _rivals(cell.mentions[-1]) and not self._on:
            cell.than.append(item)
            return
        sound = item.also("attr")
        if sound is not None and self._ahead.on_another(index):
            self._mention(item, sound)
            return
        waiting = self._pending
        pending = waiting.direction is not None or (waiting.negated and waiting.enough) or cell.says
        if cell.targets and pending and not self._on:
            self._split()
            cell, pending = self._cell, False
        elif cell.targets and pending and self._on and cell.target_first:
            cell.than.append(item)
            return
        if not cell.targets:
            cell.target_first = not pending
            cell.prepositional = pending and self._on
        cell.targets.append(item)

    _read_rest = _read_target

    # ---- what is said

    def _read_attr(self, item: Item, index: int) -> None:
        if item.also("under") and self._ahead.kind(index) in ("target", "it"):
            self._relate(-1)
            return
        if item.text in ("r", "l") and not self._is_side(index):
            return
        if item.attribute().name == "solo" and (self._cell.targets or item.attribute().form != "verb"):
            return
        self._split_if_closed(index)
        self._cell.article |= self._article and not self._cell.mentions and not self._ahead.kind(index)
        self._cell.strange |= self._strange and not self._cell.targets and item.attribute().form in ("adj", "comp")
        self._mention(item, item.attribute())

    def _read_more(self, item: Item, index: int) -> None:
        self._split_if_closed(index)
        if self._pending.sign >= 0 or item.kind == "less":  # 'take out more' is less
            self._pending.direction = item

    _read_less = _read_more

    def _read_up(self, item: Item, index: int) -> None:
        self._split_if_closed(index)
        self._cell.moves.append(self._pending.move(item))
        self._pending = Pending(self._pending.direction if self._pending.sign < 0 else None)

    _read_down = _read_up

    def _read_out(self, item: Item, index: int) -> None:
        """'take 2 dB out' and 'bring the toms out': the verb says which."""
        verbs = {each.text for each in self._all[:index]}
        if verbs & {"take", "pull", "cut"}:
            self._read_up(replace(item, kind="down"), index)
        elif "bring" in verbs:
            self._mention(item, Sense("attr", "forwardness", 1, "verb"))

    def _take_off(self, item: Item, index: int) -> None:
        """'take 2 dB off the piano'."""
        taken = item.text in ("off", "out of", "from") and any(each.text == "take" for each in self._all[:index])
        if taken and self._cell.numbers and not self._cell.moves:
            self._cell.moves.append(self._pending.move(replace(item, kind="down")))

    def _switch_off(self, item: Item) -> None:
        """'reverb off', 'vocals off'."""
        nouns = [mention for mention in self._cell.mentions if mention.form == "noun" and not mention.direction]
        for mention in nouns:
            mention.negated = True
        if not self._cell.mentions and self._cell.targets:
            self._mention(item, Sense("attr", "mute", 1, "verb"))

    def _read_number(self, item: Item, index: int) -> None:
        number = item.number
        two = number is not None and number.value == 2 and not number.unit and not item.signed
        if two and self._ahead.kind(index) == "attr" and self._cell.targets:
            self._pending.too = True  # 'bass 2 loud'
        else:
            self._cell.numbers.append(item)

    def _read_state(self, item: Item, index: int) -> None:
        sense = item.also("attr")
        if sense is not None and self._is_side(index):
            self._mention(item, sense)
            return
        # 'a big drum sound' states nothing
        if item.text not in ("sound", "sounds") or not self._cell.mentions:
            self._cell.state = True

    def _read_on(self, item: Item, index: int) -> None:
        if not self._after_than:
            self._awaits = ""
        self._take_off(item, index)
        following = self._ahead.item(index)
        if item.text == "off" and (following is None or following.kind == "on"):
            self._switch_off(item)
        if item.text != "to" or following is None or not self._cell.targets:
            return
        sense = following.sense if following.kind == "attr" else following.also("attr")
        if sense is not None and sense.form == "adj" and sense.name not in _PLACES:
            self._pending.too = True  # 'the vocal is to loud'

    # ---- structure

    def _split_if_closed(self, index: int) -> None:
        """A new cell if the present one is complete and another target is still to come."""
        cell = self._cell
        complete = bool(cell.targets) and bool(cell.mentions or cell.moves) and not self._awaits
        if complete and self._ahead.new_target(index, past_on=not cell.target_first):
            self._split()

    def _split(self) -> None:
        self._close()
        self._cells.append(self._fresh("comma"))
        self._awaits = ""

    def _close(self) -> None:
        self._pending.settle(self._cell)
        self._pending = Pending()
        self._cell.mentions = without_subjects(self._cell.mentions)

"""Cells of a whole prompt together: whose target is whose, and what was left out because it had just been said."""

from __future__ import annotations

from collections.abc import Sequence

from style_transfer.prompt.clauses import Cell, Mention
from style_transfer.prompt.intent import Target
from style_transfer.prompt.names import MIX, Names, joined
from style_transfer.prompt.tags import Item


def merged(cells: Sequence[Cell]) -> list[Cell]:
    """Cells that only name a target join one that speaks of it: 'bass and kick up', 'wider keys and guitars'."""
    out: list[Cell] = []
    held: list[Cell] = []
    for cell in cells:
        only_names = bool(cell.targets) and not (
            cell.says or cell.state or cell.than or cell.excepted or cell.described
        )
        _keep_together(out, cell)
        if cell.joint in ("start", "stop"):
            _settle(out, held, None)
        if not only_names:
            _settle(out, held, cell)
            out.append(cell)
        elif out and not held and cell.joint in ("and", "with", "comma") and _takes(out[-1]):
            last = out[-1]
            (last.than if last.than else last.excepted if last.excepted else last.targets).extend(cell.targets)
            last.end = cell.end
        else:
            held.append(cell)
    _settle(out, held, None)
    return out


def _keep_together(out: list[Cell], cell: Cell) -> None:
    """'keep bass and kick in the middle': what is kept is said of both."""
    last = out[-1] if out else None
    if last is None or cell.joint != "and" or not cell.target_first or not cell.mentions or cell.want or cell.state:
        return
    if last.keep and last.targets and not last.mentions:
        cell.targets[:0] = last.targets
        cell.keep, cell.joint, cell.start = True, last.joint, last.start
        out.pop()


def _takes(cell: Cell) -> bool:
    """Whether a cell that says something may take one more target behind: its own stands at its end."""
    return bool(cell.than or cell.excepted) or (bool(cell.targets) and not cell.target_first)


def _settle(out: list[Cell], held: list[Cell], cell: Cell | None) -> None:
    if held and cell is not None and (cell.target_first or not cell.targets):
        cell.targets[:0] = [target for each in held for target in each.targets]
        cell.target_first, cell.joint, cell.start = True, held[0].joint, held[0].start
    else:
        out.extend(held)
    held.clear()


def link(cells: Sequence[Cell], names: Names) -> None:
    """Give every cell its target, its own or the one that it leaves out, and every mention its attribute."""
    topic: Target | None = None
    stated = False
    before: Cell | None = None
    for index, cell in enumerate(cells):
        if cell.joint in ("start", "stop"):
            before = None
        _own(cell, cells, names)
        if cell.resolved is None:
            cell.resolved, cell.inherited = _left_out(cells, index, before, topic, stated)
        if before is not None:
            _share_direction(before, cell)
        _fill_gaps(cells, index)
        if cell.targets and cell.resolved is not None:
            topic, stated = cell.resolved, cell.state or cell.want or _complains(cell) or not cell.says
        before = cell


def _own(cell: Cell, cells: Sequence[Cell], names: Names) -> None:
    if not cell.targets:
        if cell.excepted and not cell.pronoun:
            cell.resolved = excepting(MIX, cell.excepted, names)
        return
    named = [item.target for item in cell.targets if item.target is not None]
    if any(item.kind == "rest" for item in cell.targets):
        others = [each for each in cells if each is not cell]
        named = [*named, names.everything_but(*_named_in(others))]
    target = joined(named)
    cell.resolved = excepting(target, cell.excepted, names)


def excepting(target: Target, excepted: Sequence[Item], names: Names) -> Target:
    """A target without what was excepted."""
    out = [item.target for item in excepted if item.target is not None]
    if not out:
        return target
    gone = {track for each in out for track in each.tracks}
    kept = names.everything_but(*out).tracks if target.whole else tuple(t for t in target.tracks if t not in gone)
    label = "everything" if target.whole else target.label
    return Target(label=f"{label} but {joined(out).label}", tracks=kept)


def _named_in(cells: Sequence[Cell]) -> list[Target]:
    return [item.target for cell in cells for item in cell.targets if item.target is not None and item.kind == "target"]


def _left_out(
    cells: Sequence[Cell], index: int, before: Cell | None, topic: Target | None, stated: bool
) -> tuple[Target, bool]:
    cell = cells[index]
    if cell.pronoun:
        cell.target_first = True
    if topic is not None and (cell.pronoun or (before is None and (_goes_on(cell) or (stated and _complains(cell))))):
        return topic, True
    if before is not None and before.article and not before.targets and cell.joint in ("comma", "and"):
        cell.article = True  # 'a dry, punchy drum sound'
    shared = _shared_ahead(cells, index)
    if shared is not None and (before is None or before.joint != "and" or not before.target_first):
        return joined([item.target for item in shared.targets if item.target is not None]), True
    if before is None or before.resolved is None:
        return MIX, False
    if cell.joint == "colon":
        cell.target_first = True
        return before.resolved, True
    if cell.joint in ("and", "with", "but") or (
        cell.joint == "comma" and (before.target_first or _same_list(before, cell))
    ):
        cell.target_first = before.target_first
        return before.resolved, True
    return MIX, False


def _goes_on(cell: Cell) -> bool:
    """'The vocals are great. But louder please.': the level alone, in a sentence that names nobody."""
    said = [*cell.mentions, *cell.moves]
    return bool(said) and not cell.state and all(_name(mention) == "level" for mention in said)


def _complains(cell: Cell) -> bool:
    """'way too loud', 'boxy': a fragment that goes on about what was spoken of."""
    if cell.want or cell.state or not cell.mentions:
        return False
    first = cell.mentions[0]
    return first.too or (first.sense is not None and first.sense.bad and first.form == "adj" and not first.direction)


def _same_list(before: Cell, cell: Cell) -> bool:
    """'more beef in the guitars, less fizz'."""
    if not (before.prepositional and before.mentions and cell.mentions):
        return False
    one, other = before.mentions[-1], cell.mentions[0]
    return bool(one.direction and other.direction) and one.form == other.form == "noun"


def _shared_ahead(cells: Sequence[Cell], index: int) -> Cell | None:
    """The cell whose target this one shares: 'brighter and wider guitars', 'a dry, punchy drum sound'."""
    joints = ("and", "comma") if cells[index].article else ("and",)
    for ahead in cells[index + 1 :]:
        if ahead.joint not in joints or ahead.pronoun:
            return None
        if ahead.targets:
            named = all(item.kind == "target" for item in ahead.targets)
            says = ahead.described or (ahead.says and not ahead.target_first)
            return ahead if named and says else None
    return None


def _share_direction(before: Cell, cell: Cell) -> None:
    """'less harsh and nasal', 'no boom or mud', 'is clunky and hard': the little words in front count for both."""
    if not before.mentions or not cell.mentions:
        return
    last = before.mentions[-1]
    if cell.joint == "and" and before.state and not before.want and not cell.want and not cell.targets:
        cell.state = True
    for mention in cell.mentions:
        if mention.amount is None and {_name(mention), _name(last)} == {"pan"}:
            mention.amount = last.amount  # 'hard pan guitar 1 left, guitar 2 right'
    own = cell.moves or cell.want or cell.keep or (cell.state and not before.state)
    if own or cell.joint not in ("and", "comma") or (cell.target_first and cell.targets):
        return
    for mention in cell.mentions:
        bare = not (mention.direction or mention.too or mention.negated or mention.compared)
        if not bare or mention.form != last.form or mention.form not in ("adj", "noun", "excess"):
            return
        if mention.form == "adj" and cell.targets and not cell.prepositional:
            return
        mention.direction, mention.too, mention.negated = last.direction, last.too, last.negated


def _name(mention: Mention) -> str:
    return mention.sense.name if mention.sense is not None else ""


def _fill_gaps(cells: Sequence[Cell], index: int) -> None:
    """'less verb on vox, more on snare': what a bare 'more' is about was said before, or is the level."""
    cell = cells[index]
    earlier = [mention for each in cells[:index] for mention in each.mentions if mention.sense is not None]
    for mention in cell.mentions:
        gap = mention.sense is None and earlier and earlier[-1].form in ("noun", "verb")
        if gap and (cell.prepositional or not cell.targets):
            mention.sense = earlier[-1].sense
    if cell.numbers and not cell.mentions and not cell.moves and cell.prepositional and earlier:
        last = earlier[-1]
        if last.sense is not None and last.sense.name in ("highpass", "lowpass", "compression", "eq"):
            cell.mentions.append(Mention(last.sense, cell.start, cell.end))

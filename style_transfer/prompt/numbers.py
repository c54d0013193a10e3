"""Numbers to what they measure: dB to a level or a band, Hz to a band or a filter, a ratio to the compressor."""

from __future__ import annotations

from dataclasses import replace

from style_transfer.prompt.clauses import Cell, Mention
from style_transfer.prompt.intent import Number
from style_transfer.prompt.vocabulary import FULL, Sense

_ALL_THE_WAY = 2.0
"""An amount from here on pans to the very side."""
_LOUDEST_STEP_DB = 24.0
_LOWEST_HZ = 20.0
_FILTERS = frozenset({"highpass", "lowpass"})
_SHELVES = {"highs": 1, "lows": 1}
_CUTS = frozenset({"clarity", "mud", "separation", "harshness", "boom", "box", "nasal", "ring", "lowmids"})
"""What is asked for at a frequency with these words is a cut there."""


def quantified(cell: Cell) -> list[Mention]:
    """The cell's mentions with its numbers, and those that only numbers and directions make."""
    numbers = [item.number for item in cell.numbers if item.number is not None]
    signed = {item.number: item.signed for item in cell.numbers if item.number is not None}
    numbers = _with_units(cell, numbers, signed)
    if any(number.unit == "Hz" for number in numbers) and (cell.mentions or cell.moves or cell.targets):
        return _at_frequency(cell, numbers)
    mentions = _moved(cell)
    for mention in mentions:
        hard = mention.sense is not None and mention.sense.name == "pan" and (mention.amount or 0.0) >= _ALL_THE_WAY
        if hard and not mention.numbers:
            mention.numbers.append(Number(value=FULL, unit="%"))
    for number in numbers:
        _attach(cell, mentions, number)
    return mentions


def _with_units(cell: Cell, numbers: list[Number], signed: dict[Number, bool]) -> list[Number]:
    """A bare number is a frequency behind 'at', a level behind 'up' or with its own sign."""
    out = []
    known_hz = any(number.unit == "Hz" for number in numbers)
    names = {mention.sense.name for mention in cell.mentions if mention.sense is not None}
    for number in numbers:
        if number.unit:
            out.append(number)
        elif (
            abs(number.value) >= _LOWEST_HZ + 10 and not known_hz and (names & (_FILTERS | {"eq"}) or cell.numbers[1:])
        ):
            out.append(Number(value=abs(number.value), unit="Hz"))
        elif abs(number.value) <= _LOUDEST_STEP_DB and (cell.moves or signed[number] or "level" in names):
            out.append(Number(value=number.value, unit="dB"))
    return out


def _moved(cell: Cell) -> list[Mention]:
    """'up' and 'down' bear on a noun that stands with them, else they are about the level."""
    if not cell.moves:
        return list(cell.mentions)
    first = cell.moves[0]
    nouns = [mention for mention in cell.mentions if mention.form == "noun" and not mention.direction]
    if nouns and first.sense is not None:
        for mention in nouns:
            mention.direction, mention.negated = first.sense.pole, mention.negated or first.negated
            mention.guard = mention.guard or first.guard
            mention.amount = mention.amount or first.amount
        return list(cell.mentions)
    verbs = [mention for mention in cell.mentions if mention.form == "verb" and mention.start < first.start]
    bare = [mention for mention in cell.mentions if mention.sense is None]
    if verbs and not cell.numbers:
        return list(cell.mentions)
    if bare and first.sense is not None:
        return [mention for mention in cell.mentions if mention.sense is not None] + [first]
    levels = [mention for mention in cell.mentions if mention.sense is not None and mention.sense.name == "level"]
    return list(cell.mentions) if levels else [first, *cell.mentions]


def _at_frequency(cell: Cell, numbers: list[Number]) -> list[Mention]:
    """A cut, a boost or a filter at a frequency."""
    said = [mention for mention in cell.mentions if mention.sense is not None]
    for mention in said:
        assert mention.sense is not None
        if mention.sense.name in _FILTERS or (mention.sense.name in _SHELVES and (mention.direction or cell.moves)):
            if cell.moves and not mention.direction:
                mention.direction = _pole(cell.moves[0])
            mention.numbers.extend(_unsigned(numbers))
            return [mention]
    pole = _eq_pole(cell, numbers)
    amount = next((m.amount for m in [*cell.mentions, *cell.moves] if m.amount is not None), None)
    start = min((m.start for m in [*cell.mentions, *cell.moves]), default=cell.numbers[0].start)
    band = Mention(Sense("attr", "eq", 1, "noun"), start, cell.numbers[-1].end, pole, amount)
    band.numbers.extend(_unsigned(numbers))
    others = [m for m in said if m.sense is not None and m.sense.name not in _CUTS | {"eq"} and m.form != "verb"]
    return [band, *(m for m in others if not m.direction)]


def _eq_pole(cell: Cell, numbers: list[Number]) -> int:
    if any(number.unit == "dB" and number.value < 0 for number in numbers):
        return -1
    if cell.moves:
        return _pole(cell.moves[0])
    for mention in cell.mentions:
        if mention.sense is not None and mention.sense.name == "eq" and mention.form == "verb":
            return mention.sense.pole
        if mention.direction:
            return mention.direction
    names = {mention.sense.name for mention in cell.mentions if mention.sense is not None}
    return -1 if names & _CUTS else 1


def _pole(mention: Mention) -> int:
    return mention.sense.pole if mention.sense is not None else 1


def _unsigned(numbers: list[Number]) -> list[Number]:
    return [number.model_copy(update={"value": abs(number.value)}) for number in numbers]


def _attach(cell: Cell, mentions: list[Mention], number: Number) -> None:
    """Give a number to the mention that it measures; make one where only the number speaks."""
    size = number.model_copy(update={"value": abs(number.value)})
    fitting = [mention for mention in mentions if mention.sense is not None and _fits(mention.sense.name, number.unit)]
    bare = [mention for mention in mentions if mention.sense is None]
    if fitting:
        fitting[-1].numbers.append(size)
        sense = fitting[-1].sense
        if number.unit == "dB" and sense is not None and sense.name == "forwardness":
            fitting[-1].sense = replace(sense, name="level")  # 'pull it back 1 dB'
    elif bare:
        bare[-1].numbers.append(size)
    elif number.unit == "LUFS" and not cell.targets:
        mentions.append(_numeric("level", 1, cell, size))
    elif number.unit == ":1":
        mentions.append(_numeric("compression", 1, cell, size))
    elif number.unit == "dB" and cell.targets and not mentions:
        mentions.append(_numeric("level", -1 if number.value < 0 else 1, cell, size))
    elif number.unit == "dB" and mentions and mentions[-1].sense is not None and cell.targets:
        sign = -1 if number.value < 0 else 1
        if cell.numbers and cell.numbers[0].signed:
            mentions.append(_numeric("level", sign, cell, size))
        else:
            mentions[-1].numbers.append(size)


def _fits(attribute: str, unit: str) -> bool:
    if unit == ":1":
        return attribute in ("compression", "glue")
    if unit == "LUFS":
        return attribute == "level"
    if unit == "dB":
        return attribute in ("level", "eq", "reverb", "highs", "lows", "forwardness", "sub", "compression")
    if unit == "%":
        return attribute in ("pan", "width", "reverb", "compression", "level", "room", "delay")
    return attribute in ("decay", "attack", "sustain")


def _numeric(attribute: str, pole: int, cell: Cell, number: Number) -> Mention:
    mention = Mention(Sense("attr", attribute, pole, "comp"), cell.numbers[0].start, cell.numbers[-1].end)
    mention.numbers.append(number)
    return mention

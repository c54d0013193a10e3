"""A prompt and a session in, what was understood out; deterministic, offline, in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence

from mixer.session import Session
from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.clauses import Cell, Mention, clauses
from style_transfer.prompt.intent import ASK, Direction, Intent, Origin, Target, Understanding
from style_transfer.prompt.links import link, merged
from style_transfer.prompt.names import MIX, Names, joined
from style_transfer.prompt.numbers import quantified
from style_transfer.prompt.polarity import sign_of
from style_transfer.prompt.reader import cells
from style_transfer.prompt.rows import rows
from style_transfer.prompt.tags import Tagger, detect
from style_transfer.prompt.text import tokens
from style_transfer.prompt.vocabulary import Sense

LONGEST = 4000
"""Characters that are read; what a person asks of a mix is shorter."""
_REPAIRED = 0.85
_INHERITED = 0.95
_STRANGE = 0.5
"""An unknown word stands where a target would."""
_AIMLESS = 0.5
"""'drop', 'lower' and the like, where nothing is named: they mean other things outside of mixing."""
_EXPLICIT = 0.95
_MILD = 0.5
"""'not too bright' is a bit darker."""
_MOST = 3.0
"""The strongest intensity; 'no reverb' asks for it."""
_UNDECIDED = 0.4
_OF_TRACKS = frozenset({"mute", "solo", "pan", "centre"})
"""Knobs that tracks have and the mix has not."""
_SURE_KINDS = frozenset({"attr", "up", "down"})
_LEVEL = Sense("attr", "level", 1, "comp")
_DIRECTIONS: dict[int, Direction] = {1: "more", -1: "less", 0: "keep"}


def understand(text: str, session: Session) -> Understanding:
    """Read a prompt about this session.

    Nothing is looked up anywhere and nothing is drawn at random: the same text about the same tracks is always
    understood in the same way. What is guessed (moods, doubtful readings) has a confidence below 0.5 and is only ever
    a question; see `Intent.acts`. A text that asks for nothing gives no intents.
    """
    names = Names(session)
    found = tokens(text[:LONGEST])
    table = detect(found)
    items = Tagger(names).tag(found, table)
    read = merged([cell for clause in clauses(items) for cell in cells(clause)])
    link(read, names)
    anchored = any(item.kind == "target" or (item.kind in _SURE_KINDS and not item.repaired) for item in items)
    said = [(cell, _intents(cell, read[:index], anchored=anchored)) for index, cell in enumerate(read)]
    telling = [cell for cell, intents in said if intents]
    _as_width(said)
    said = _without_repeats(said)
    for cell, intents in said:
        cell.repeats = not intents and any(cell is each for each in telling)
    notes = _contradictions([intents for _, intents in said])
    if len(text) > LONGEST:
        notes.append(f"only the first {LONGEST} characters were read")
    return Understanding(
        text=text[:LONGEST], language=table.name, rows=rows(text[:LONGEST], said, items), notes=tuple(notes)
    )


def _intents(cell: Cell, before: Sequence[Cell], *, anchored: bool) -> list[Intent]:
    """What one cell asks for; a text that knows words of mixing only when they are mended is not believed."""
    if cell.dropped or cell.resolved is None:
        return []
    mentions = quantified(cell)
    guarded = any(each.resolved == cell.resolved and each.mentions for each in before[-2:])
    trusted = [mention for mention in mentions if anchored or not mention.repaired]
    if len(trusted) > 1:
        trusted = [mention for mention in trusted if mention.sense is None or mention.sense.name != "solo"]
    out = [intent for mention in trusted if (intent := _intent(mention, cell, guarded=guarded))]
    if cell.keep and not mentions and not cell.numbers and (cell.targets or cell.pronoun or cell.excepted):
        out.append(_made(cell, "all", 0, cell.start, cell.end, 0.95))
    if cell.relation and not mentions and (cell.want or not cell.state):
        name = "level" if cell.relation > 0 else "forwardness"
        out.append(_made(cell, name, cell.relation, cell.start, cell.end, 0.8))
    return out


def _intent(mention: Mention, cell: Cell, *, guarded: bool) -> Intent | None:
    sense = mention.sense
    if sense is None:
        if not cell.targets:
            return None
        sense = _LEVEL if mention.direction > 0 or not mention.direction else Sense("attr", "level", 1, "noun")
    sign = sign_of(mention, cell, sense, guarded=guarded)
    if sign.value is None:
        return None
    sure = attributes()[sense.name].confidence * sign.sure * (_REPAIRED if mention.repaired else 1.0)
    sure *= _INHERITED if cell.inherited else 1.0
    sure *= _STRANGE if cell.strange or (cell.thing and not cell.targets) else 1.0
    sure *= _AIMLESS if mention in cell.moves and not (cell.targets or cell.inherited or cell.pronoun) else 1.0
    sure *= min((item.confidence for item in cell.targets), default=1.0)
    if mention.numbers and sure >= ASK:
        sure = max(sure, _EXPLICIT)
    made = _made(cell, sense.name, sign.value, mention.start, mention.end, sure)
    told: Origin = "explicit" if mention.numbers else "synonym" if mention.repaired else made.origin
    none_at_all = mention.negated and sense.form == "noun" and sign.value == -sense.pole and not mention.direction
    plain = _MOST if none_at_all and attributes()[sense.name].removable else 1.0
    plain = _MILD if mention.too and mention.negated else plain
    amount = min(max(mention.amount if mention.amount is not None else plain, 0.1), _MOST)
    return made.model_copy(
        update={
            "intensity": amount,
            "numbers": tuple(mention.numbers),
            "origin": told if made.acts else "guess",
        }
    )


def _made(cell: Cell, attribute: str, sign: int, start: int, end: int, sure: float) -> Intent:
    target = cell.resolved or MIX
    sure = min(sure, _most_sure(target, attribute))
    than = [item.target for item in cell.than if item.target is not None]
    return Intent(
        target=target,
        attribute=attribute,
        direction=_DIRECTIONS[sign],
        than=joined(than) if than else None,
        span=(start, end),
        origin="lexicon" if sure >= ASK else "guess",
        confidence=round(sure, 3),
    )


def _most_sure(target: Target, attribute: str) -> float:
    """What nothing in this song, or in the console, can do is at most a question."""
    if not target.whole and not target.tracks:
        return 0.2
    if target.whole and attribute in _OF_TRACKS:
        return 0.3
    return 0.45 if attributes()[attribute].aspect == "beyond" else 1.0


def _as_width(said: Sequence[tuple[Cell, list[Intent]]]) -> None:
    """Left and right at once, of the same tracks, is wide: 'backing vocals hard left and right'."""
    seen: dict[tuple[str, ...], tuple[list[Intent], Intent]] = {}
    for _, intents in said:
        for intent in [each for each in intents if each.attribute == "pan"]:
            home, other = seen.get(intent.target.tracks, (intents, intent))
            if other.sign == -intent.sign:
                wide = other.model_copy(update={"attribute": "width", "direction": "more", "numbers": ()})
                home[home.index(other)] = wide
                intents.remove(intent)
            else:
                seen[intent.target.tracks] = (intents, intent)


def _without_repeats(said: Sequence[tuple[Cell, list[Intent]]]) -> list[tuple[Cell, list[Intent]]]:
    """Of intents that ask for the same thing the surest stays, and one with a number before one without."""
    kept: dict[tuple[object, ...], Intent] = {}
    numbered = {_subject(intent) for _, intents in said for intent in intents if intent.numbers}
    moved = {_subject(intent)[:3] for _, intents in said for intent in intents if intent.sign}
    for _, intents in said:
        for intent in intents:
            if not intent.numbers and _subject(intent) in numbered:
                continue
            if intent.direction == "keep" and _subject(intent)[:3] in moved:
                continue  # 'louder, but not too loud'
            key = (*_subject(intent), intent.numbers)
            if key not in kept or intent.confidence > kept[key].confidence:
                kept[key] = intent
    stay = {id(intent) for intent in kept.values()}
    return [(cell, [intent for intent in intents if id(intent) in stay]) for cell, intents in said]


def _subject(intent: Intent) -> tuple[object, ...]:
    return intent.target.whole, intent.target.tracks, intent.attribute, intent.direction


def _contradictions(said: Sequence[list[Intent]]) -> list[str]:
    """Wishes that pull one attribute of one target both ways become questions; a note on each."""
    signs: dict[tuple[object, ...], set[int]] = {}
    for intent in (intent for intents in said for intent in intents if not intent.numbers):
        signs.setdefault(_subject(intent)[:3], set()).add(intent.sign)
    notes = {}
    for intents in said:
        for index, intent in enumerate(intents):
            subject = _subject(intent)[:3]
            if intent.sign and not intent.numbers and signs[subject] >= {1, -1}:
                sure = min(intent.confidence, _UNDECIDED)
                intents[index] = intent.model_copy(update={"confidence": sure, "origin": "guess"})
                attribute = attributes()[intent.attribute]
                notes[subject] = f"{intent.target.label}: both {attribute.plus} and {attribute.minus} were asked for"
    return list(notes.values())

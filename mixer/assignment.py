"""Assignments as people type them: ``kick.fader.gain_db=-3 dB``, ``voice.pan += 0.1``, ``snare.mute=on``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import JsonValue

from mixer.address import resolve
from mixer.edits import apply, at
from mixer.errors import UsageError
from mixer.knobs import target_chain
from mixer.naming import near
from mixer.param import Param
from mixer.roles import Role
from mixer.session import LOUDNESS, SESSION, Edit, Session

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*([a-z%:][a-z%:1]*)?", re.IGNORECASE)
_UNITS: dict[str, dict[str, float]] = {
    "Hz": {"hz": 1, "khz": 1000, "k": 1000},
    "ms": {"ms": 1, "s": 1000},
    "s": {"s": 1, "ms": 0.001},
    "": {"%": 0.01},
}
"""For each unit, what may be written behind a number, and what it multiplies with."""
_ON = frozenset({"on", "true", "yes", "1"})
_OFF = frozenset({"off", "false", "no", "0"})


def assign(session: Session, texts: Sequence[str]) -> Session:
    """The session with all assignments made by hand, each on top of those before it, as one step.

    Raises:
        UsageError: one of them makes no sense; then none is made.
    """
    edits: list[Edit] = []
    drafted = session
    for text in texts:
        edits.append(parse_assignment(drafted, text))
        drafted = apply(drafted, edits[-1:], "set", text)
    return apply(session, edits, "set", f"set {', '.join(texts)}")


def parse_assignment(session: Session, text: str) -> Edit:
    """The edit that ``address=value``, ``address+=value`` or ``address-=value`` asks for.

    Numbers may carry their unit (``-3 dB``, ``2.5kHz``, ``20ms``, ``4:1``, ``30%``); switches and flags take on, off,
    true, false; knobs whose lowest value is off take ``off``. Nothing is changed yet.

    Raises:
        UsageError: the address or the value makes no sense; the line says what would.
    """
    address, sign, given = _split(session, text)
    param = _param(address)
    before = at(session, address)
    if param is not None:
        value = before["value"] if isinstance(before, dict) else before
        if not isinstance(value, int | float):
            raise TypeError(f"{address} holds no number: {value!r}")
        return Edit(address=address, before=value, after=_number(address, param, value, sign, given))
    if sign:
        raise UsageError(f"{address} is no number: use {address}={given}")
    return Edit(address=address, before=before, after=_flag(address, given))


def _split(session: Session, text: str) -> tuple[str, str, str]:
    """Canonical address, sign of a relative change ('' if it is none) and value; names may contain '='."""
    problem = UsageError(f"{text!r} is no assignment: write one such as kick.fader.gain_db=-3")
    for mark in reversed([match.start() for match in re.finditer("=", text)]):
        head, given = text[:mark].rstrip(), text[mark + 1 :].strip()
        sign = head[-1:] if head[-1:] in ("+", "-") else ""
        try:
            address = resolve(session, head.removesuffix(sign))
        except UsageError as error:
            problem = error
            continue
        if not given:
            raise UsageError(f"{text!r} gives no value: write one such as kick.fader.gain_db=-3")
        return address, sign, given
    raise problem


def _param(address: str) -> Param | None:
    """The knob that an address means; None at a flag. UsageError at a whole target or processor."""
    target, _, rest = address.partition(".")
    processor, _, name = rest.partition(".")
    if address == f"{SESSION}.{LOUDNESS.name}":
        return LOUDNESS
    known = target_chain(target)
    if not rest:
        raise UsageError(f"{target} takes no value itself: name one of its knobs, such as {_example(target)}")
    if processor in known and not name:
        raise UsageError(f"{address} takes no value itself: it has {', '.join((*known[processor].knobs, 'bypass'))}")
    return known[processor].param(name) if processor in known and name in known[processor].knobs else None


def _example(target: str) -> str:
    if target == SESSION:
        return f"{SESSION}.{LOUDNESS.name}"
    name, entry = next(iter(target_chain(target).items()))
    return f"{target}.{name}.{entry.knobs[0]}"


def _number(address: str, param: Param, before: float, sign: str, given: str) -> float:
    word = given.replace("−", "-").casefold()
    if param.scale == "switch" and not sign and word in _ON | _OFF:
        return float(word in _ON)
    if param.off_at_low and not sign and (word == "off" or word.startswith("-inf")):
        return param.low
    match = _NUMBER.fullmatch(word)
    factor = 1.0 if match and not match[2] else _factor(param, match[2]) if match else None
    if match is None or factor is None:
        unit = f" in {param.unit}" if param.unit else ""
        raise UsageError(
            f"{address} = {given!r} is not understood: use a number{unit}, {param.low:g} to {param.high:g}"
        )
    value = float(match[1]) * factor
    if sign:
        value = before + value if sign == "+" else before - value
    try:
        return param.check(value)
    except UsageError as error:
        raise UsageError(f"{address.removesuffix(param.name)}{error}") from None


def _factor(param: Param, unit: str) -> float | None:
    return _UNITS.get(param.unit, {param.unit.casefold(): 1.0}).get(unit)


def _flag(address: str, given: str) -> JsonValue:
    flag = address.rpartition(".")[2]
    if flag == "name":
        return given
    word = given.casefold()
    if flag == "role":
        roles = [role.value for role in Role]
        role = re.sub(r"[\s-]+", "_", word)
        if role not in roles:
            raise UsageError(f"there is no role {given!r}{near(given, roles) or ': there are ' + ', '.join(roles)}")
        return role
    if word not in _ON | _OFF:
        raise UsageError(f"{address} = {given!r} is not understood: use on or off")
    return word in _ON

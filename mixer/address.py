"""Addresses: what people type (``LdVox.fader.gain_db``, ``kick.pan``) turned into the one way a session writes it.

A canonical address is ``target``, ``target.processor``, ``target.processor.knob``, ``target.flag`` or
``target.processor.flag``; the target is a track's id, ``reverb``, ``master`` or ``session``. Where many may be meant at
once, one word may stand for them: a stem group (``vocals``), an aspect of the mix (``LdVox.dynamics``), or ``all``.
"""

from __future__ import annotations

from mixer.errors import UsageError
from mixer.knobs import PLACES, target_chain
from mixer.naming import fold, near
from mixer.processor import Aspect
from mixer.roles import Group
from mixer.session import SESSION, Session

TRACK_FLAGS = ("name", "role", "mute", "solo", "locked")
PROCESSOR_FLAGS = ("bypass", "locked")
SESSION_FLAGS = ("name", "loudness_lufs")
ALL = "all"
"""In an address of many: every track, the reverb and the master."""


def resolve(session: Session, text: str) -> str:
    """The canonical address of what somebody typed.

    Tracks go by their id, their name (dots and spaces included) or the beginning of either that fits no other; case
    does not matter. A knob that only one processor of the target has may stand without it: ``kick.pan``.

    Raises:
        UsageError: nothing, or more than one thing, is called that; near matches are named.
    """
    pieces = text.strip().split(".")
    if pieces[0] in (*session.targets, SESSION) and (tail := _tail(pieces[0], pieces[1:])) is not None:
        return _join(pieces[0], tail)
    ambiguous: list[str] = []
    for find in (_exactly, _beginning):
        for cut in range(len(pieces), 0, -1):
            found = find(session, fold(".".join(pieces[:cut])))
            fitting = [(target, tail) for target in found if (tail := _tail(target, pieces[cut:])) is not None]
            if len(fitting) == 1:
                return _join(*fitting[0])
            ambiguous = ambiguous or [target for target, _ in fitting]
    if ambiguous:
        raise UsageError(f"{text!r} could be {_some(ambiguous)}: write out one of them")
    raise UsageError(_unknown(session, pieces))


def resolve_all(session: Session, text: str) -> list[str]:
    """The canonical addresses of what somebody typed, where one word may stand for many.

    Beside what ``resolve`` knows there are the stem groups, whose tracks are meant (``vocals``, ``drums.compressor``),
    the aspects, whose processors are meant, everywhere or at one target or group (``eq``, ``LdVox.space``), and
    ``all``. A track that is called exactly so comes first; a group that has no track is none.

    Raises:
        UsageError: nothing, or more than one thing, is called that; near matches are named.
    """
    head, *rest = text.strip().split(".")
    word = fold(head)
    targets = [] if _exactly(session, word) else stands_for(session, word)
    if not targets and word in _ASPECTS and not _exactly(session, word):
        targets, rest = list(session.targets), [word, *rest]
    if targets:
        found = [address for target in targets for address in _parts(target, rest)]
        if not found:
            raise UsageError(f"{'.'.join(rest)!r} is nothing that {head} has: {text!r} means no knob")
        return found
    try:
        return [resolve(session, text)]
    except UsageError:
        target, _, aspect = text.strip().rpartition(".")
        if not target or fold(aspect) not in _ASPECTS:
            raise
        return _parts(resolve(session, target), [aspect])


def stands_for(session: Session, word: str) -> list[str]:
    """The targets that a folded word stands for: those of a stem group, or ``all``; none for any other word."""
    if word == ALL:
        return list(session.targets)
    return [track.id for track in session.tracks if track.role.group == word]


_ASPECTS = frozenset(Aspect)


def _parts(target: str, pieces: list[str]) -> list[str]:
    """What some pieces mean behind a target: what it has of that name, or its processors of that aspect."""
    if (tail := _tail(target, pieces)) is not None:
        return [_join(target, tail)]
    aspect = fold(".".join(pieces))
    if "." in target:
        return []
    return [f"{target}.{name}" for name, entry in target_chain(target).items() if entry.aspect == aspect]


def _join(target: str, tail: str) -> str:
    return f"{target}.{tail}" if tail else target


def _tail(target: str, pieces: list[str]) -> str | None:
    return _tails(target).get(fold(".".join(pieces))) if pieces else ""


def _tails(target: str) -> dict[str, str]:
    """All that may follow a target, folded, and its canonical form."""
    if target == SESSION:
        return {flag: flag for flag in SESSION_FLAGS}
    processors = target_chain(target)
    knobs = [(knob, name) for name, entry in processors.items() for knob in entry.knobs]
    names = [knob for knob, _ in knobs]
    tails = {knob: f"{name}.{knob}" for knob, name in knobs if names.count(knob) == 1}
    tails |= {f"{name}.{knob}": f"{name}.{knob}" for knob, name in knobs}
    tails |= {name: name for name in processors}
    tails |= {f"{name}.{flag}": f"{name}.{flag}" for name in processors for flag in PROCESSOR_FLAGS}
    return tails if target in PLACES else tails | {flag: flag for flag in TRACK_FLAGS}


def _labels(session: Session) -> list[tuple[str, str]]:
    """Every name that stands for a target, folded, with the target."""
    tracks = [(fold(label), track.id) for track in session.tracks for label in (track.id, track.name)]
    return [*tracks, *((target, target) for target in (*PLACES, SESSION))]


def _exactly(session: Session, head: str) -> list[str]:
    if any(track.id.casefold() == head for track in session.tracks):
        return [track.id for track in session.tracks if track.id.casefold() == head]
    return list(dict.fromkeys(target for label, target in _labels(session) if label == head))


def _beginning(session: Session, head: str) -> list[str]:
    return list(dict.fromkeys(target for label, target in _labels(session) if head and label.startswith(head)))


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" or {len(names) - 5} more" if len(names) > 5 else "")


def _unknown(session: Session, pieces: list[str]) -> str:
    for find in (_exactly, _beginning):
        for cut in range(len(pieces) - 1, 0, -1):
            found = find(session, fold(".".join(pieces[:cut])))
            if len(found) == 1:
                rest = ".".join(pieces[cut:])
                has = ", ".join(SESSION_FLAGS if found[0] == SESSION else target_chain(found[0]))
                return f"{found[0]} has no {rest!r}{near(rest, _tails(found[0])) or f': it has {has}'}"
    known = [*(track.name for track in session.tracks), *session.targets, *Group, SESSION]
    return f"there is no track {pieces[0]!r}{near(pieces[0], known) or f': there are {_some(list(session.targets))}'}"

"""Addresses: what people type (``LdVox.fader.gain_db``, ``kick.pan``) turned into the one way a session writes it.

A canonical address is ``target``, ``target.processor``, ``target.processor.knob``, ``target.flag`` or
``target.processor.flag``; the target is a track's id, ``reverb``, ``master`` or ``session``.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

from mixer.errors import UsageError
from mixer.knobs import PLACES, target_chain
from mixer.session import SESSION, Session

TRACK_FLAGS = ("name", "role", "mute", "solo", "locked")
PROCESSOR_FLAGS = ("bypass", "locked")
SESSION_FLAGS = ("name", "loudness_lufs")


def fold(text: str) -> str:
    """Text as addresses compare it: without case, and with one underscore for each gap.

    >>> fold("Lead - Vox 2")
    'lead_vox_2'
    """
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", text).casefold().strip())


def slug(name: str, taken: Iterable[str] = ()) -> str:
    """An id for a track of this name that is not among those taken.

    >>> slug("Kick In (44.1k)", {"kick_in_44_1k"})
    'kick_in_44_1k_2'
    """
    used = {other.casefold() for other in taken}
    base = re.sub(r"[\W_]+", "_", fold(name)).strip("_") or "track"
    free, count = base, 1
    while free in used:
        count += 1
        free = f"{base}_{count}"
    return free


def near(word: str, known: Iterable[str]) -> str:
    """``": did you mean 'x' or 'y'?"``, or nothing where none is near."""
    folded = {fold(name): name for name in known}
    close = difflib.get_close_matches(fold(word), folded, n=3, cutoff=0.5)
    return f": did you mean {' or '.join(repr(folded[name]) for name in close)}?" if close else ""


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
    known = [*(track.name for track in session.tracks), *session.targets, SESSION]
    return f"there is no track {pieces[0]!r}{near(pieces[0], known) or f': there are {_some(list(session.targets))}'}"

"""Changing a session: every change is a list of edits that makes a new session and one step of its history.

Undo takes the last step back, bit for bit. What is locked can be moved by the user's own hand alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from mixer.address import PROCESSOR_FLAGS, SESSION_FLAGS, TRACK_FLAGS, resolve_all
from mixer.errors import SessionError, UsageError
from mixer.knobs import PLACES, Knob, ProcessorSettings, first_problem, target_chain
from mixer.session import SESSION, Edit, Session, Step, Track

BY_HAND = frozenset({"set", "lock", "unlock", "import", "refuse", "accept"})
"""The kinds of step that may move what is locked."""
_TRACK_FIELDS = (*TRACK_FLAGS, "role_origin", "role_confidence", "role_reason")
_SESSION_FIELDS = (*SESSION_FLAGS, "context")


def at(session: Session, address: str) -> JsonValue:
    """The JSON value that stands at a canonical address; a knob as a ``Knob``, ``session.context`` as a ``Context``."""
    target, _, rest = address.partition(".")
    if target == SESSION and rest not in _SESSION_FIELDS:
        raise UsageError(f"there is nothing at {address!r}: a session has {', '.join(_SESSION_FIELDS)}")
    if target == SESSION or (target not in PLACES and rest in _TRACK_FIELDS):
        owner = session if target == SESSION else session.track(target)
        value: JsonValue = owner.model_dump(mode="json", include={rest})[rest]
        return value
    processor, _, name = rest.partition(".")
    if name in PROCESSOR_FLAGS:
        return bool(getattr(_processor(session, target, processor), name))
    knob = session.knob(f"{target}.{processor}.{name.removesuffix('.locked')}")
    return knob.locked if name.endswith(".locked") else knob.model_dump(mode="json")


def put(session: Session, address: str, value: JsonValue) -> Session:
    """A session with another value at an address, checked; no history. See ``at`` for what stands where."""
    target, _, rest = address.partition(".")
    try:
        if target == SESSION:
            at(session, address)
            return Session.model_validate({**dict(session), rest: value})
        if target not in PLACES and rest in _TRACK_FIELDS:
            return _put_field(session, target, rest, value)
        processor, _, name = rest.partition(".")
        given = _processor(session, target, processor)
        change: dict[str, Any] = {name: value}
        if name not in PROCESSOR_FLAGS:
            knob, _, locked = name.partition(".")
            old = session.knob(f"{target}.{processor}.{knob}")
            new = Knob.model_validate({**dict(old), locked: value} if locked else value)
            change = {"knobs": {**given.knobs, knob: new}}
        settings = {
            **session.target_settings(target),
            processor: ProcessorSettings.model_validate({**dict(given), **change}),
        }
    except ValidationError as error:
        raise UsageError(
            f"{address} cannot be {json.dumps(value, ensure_ascii=False)}: {first_problem(error)}"
        ) from None
    if target in PLACES:
        return Session.model_validate({**dict(session), target: settings})
    return _put_field(session, target, "settings", settings)


def _processor(session: Session, target: str, processor: str) -> ProcessorSettings:
    if processor not in target_chain(target):
        raise UsageError(f"{target} has no processor {processor!r}: it has {', '.join(target_chain(target))}")
    return session.target_settings(target).get(processor, ProcessorSettings())


def _put_field(session: Session, track_id: str, field: str, value: object) -> Session:
    old = session.track(track_id)
    new = Track.model_validate({**dict(old), field: value})
    return session.model_copy(update={"tracks": [new if track is old else track for track in session.tracks]})


def apply(
    session: Session,
    edits: Iterable[Edit],
    kind: str,
    title: str,
    *,
    seed: int | None = None,
    detail: Mapping[str, JsonValue] | None = None,
    always: bool = False,
) -> Session:
    """A new session with these edits made, and one step more in its history; the old one is untouched.

    Edits that change nothing are left out, and so is a step without edits, unless it is to be there ``always``: what a
    user says of the mix is a step that can be undone, although it moves nothing. What each edit says about ``before``
    is not believed: the step records what stood there. A suggestion gives whole knobs, with their source and reason:
    ``Edit(address, before, {"value": -3.0, "source": "reference", "reason": "..."})``; a bare number at a knob's
    address counts as the user's own.

    Raises:
        UsageError: an address does not exist, or a value is not possible there.
        SessionError: the kind of step is not one made by hand, and an edit would move what is locked.
    """
    changed, made = session, []
    for edit in edits:
        for address, after in _in_full(changed, edit):
            before = at(changed, address)
            attempt = put(changed, address, after)
            now = at(attempt, address)
            if now == before:
                continue
            if kind not in BY_HAND and (lock := lock_on(changed, address)):
                raise SessionError(f"{lock} is locked, {address} must stay as it is: unlock it or leave the change out")
            changed = attempt
            made.append(Edit(address=address, before=before, after=now))
    if not made and not always:
        return session
    step = Step(kind=kind, title=title, edits=made, seed=seed, detail=dict(detail or {}))
    return changed.model_copy(update={"history": [*session.history, step]})


def _in_full(session: Session, edit: Edit) -> list[tuple[str, JsonValue]]:
    """An edit as what it means for each address that it touches."""
    old, new = at(session, edit.address), edit.after
    if isinstance(old, dict) and "value" in old:
        if isinstance(new, int | float):
            by_hand: dict[str, JsonValue] = {"value": float(new), "source": "user"}
            new = old if new == old["value"] else by_hand
        if isinstance(new, dict) and "locked" in old:
            new = {"locked": True, **new}
    if edit.address.endswith(".role") and new != old:
        track = edit.address.removesuffix("role")
        said: dict[str, JsonValue] = {"role_origin": "user", "role_confidence": 1.0, "role_reason": ""}
        return [(edit.address, new), *((track + field, value) for field, value in said.items())]
    return [(edit.address, new)]


def lock_on(session: Session, address: str) -> str | None:
    """The track, processor or knob whose lock keeps suggestions from moving what stands at an address, if any."""
    target, _, rest = address.partition(".")
    if target == SESSION:
        return None
    if target not in PLACES and session.track(target).locked:
        return target
    processor, _, name = rest.partition(".")
    if not name:
        return None
    if _processor(session, target, processor).locked:
        return f"{target}.{processor}"
    knob = name.removesuffix(".locked")
    if knob not in PROCESSOR_FLAGS and session.knob(f"{target}.{processor}.{knob}").locked:
        return f"{target}.{processor}.{knob}"
    return None


def undo(session: Session) -> tuple[Session, Step]:
    """The session as it was before its last step, bit for bit, and that step.

    Raises:
        SessionError: there is no step, or it does not fit this session.
    """
    if not session.history:
        raise SessionError("there is nothing to undo: the session's history is empty")
    step, changed = session.history[-1], session
    try:
        for edit in reversed(step.edits):
            changed = put(changed, edit.address, edit.before)
    except UsageError as error:
        raise SessionError(f"the last step ({step.title}) does not fit this session: {error}") from None
    return changed.model_copy(update={"history": session.history[:-1]}), step


def set_locks(session: Session, texts: Iterable[str], locked: bool) -> Session:
    """Lock or unlock what people name: knobs, processors, tracks, groups, aspects; one step for all.

    Raises:
        UsageError: a name fits nothing that can be locked, or would stay locked as part of something larger.
    """
    meant = {text: resolve_all(session, text) for text in texts}
    edits = [
        Edit(address=f"{part}.locked", before=not locked, after=locked)
        for addresses in meant.values()
        for address in addresses
        for part in _lockable(address)
    ]
    kind = "lock" if locked else "unlock"
    named = [addresses[0] if len(addresses) == 1 else text.strip() for text, addresses in meant.items()]
    changed = apply(session, edits, kind, f"{kind} {', '.join(named)}")
    for address in (address for addresses in meant.values() for address in addresses):
        if not locked and (lock := lock_on(changed, address)):
            raise UsageError(f"{address} stays locked because {lock} is: unlock {lock}")
    return changed


def _lockable(address: str) -> list[str]:
    target, _, rest = address.partition(".")
    if not rest and target in PLACES:
        return [f"{target}.{processor}" for processor in target_chain(target)]
    last = rest.rpartition(".")[2]
    if target == SESSION or rest in _TRACK_FIELDS or last in PROCESSOR_FLAGS:
        raise UsageError(f"{address} has no lock of its own: lock a knob, a processor or a track")
    return [address]

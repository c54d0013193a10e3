"""Accepting and refusing parts of the last suggestion.

What is refused goes back to where it was and counts as the user's own value from then on, so that no later suggestion
makes the same change against their word. Where more than a knob is refused, all knobs of the processors that were moved
there count as the user's: who refuses an equaliser does not ask for its other bands instead. All of it can be given up
like any other value of theirs (``suggest --free``). What is accepted stays as it is; that it was is a step of the
history like any other, and so is undone, redone and saved.
"""

from __future__ import annotations

from collections.abc import Sequence

from mixer.address import resolve_all
from mixer.edits import apply
from mixer.errors import SessionError, UsageError
from mixer.knobs import Knob
from mixer.processor import find
from mixer.session import Edit, Session, Step
from style_transfer.choice import within
from style_transfer.suggestion import KIND

_ACCEPT = "accept"
_ACCEPTED = "accepted"
"""In the detail of such a step: the addresses that it says yes to."""
KNOB_DOTS = 2
"""In the address of a knob."""


def refuse(session: Session, texts: Sequence[str]) -> Session:
    """Take back what the last suggestion did to these knobs, processors, tracks, groups or aspects; one step.

    What was changed by hand since then stays.

    Raises:
        SessionError: the history has no suggestion.
        UsageError: something is not there, or the suggestion changed nothing of it that still stands.
    """
    named = _named(session, texts)
    single = {address for text in texts for address in resolve_all(session, text) if address.count(".") == KNOB_DOTS}
    wide = {_processor(edit) for edit in named if edit.address not in single}
    return apply(session, _taken_back(session, named, wide, set()), "refuse", f"refuse {', '.join(texts)}")


def accept(session: Session, texts: Sequence[str], *, refuse_rest: bool = True) -> Session:
    """Say yes to these parts of the last suggestion; one step, or none where all of it was said before.

    Args:
        refuse_rest: whether the rest of it is refused; else nothing is said of the rest.

    Raises:
        SessionError: the history has no suggestion.
        UsageError: something is not there, or the suggestion changed nothing of it that still stands.
    """
    kept = {edit.address for edit in _named(session, texts)}
    rest = [edit for edit in _standing(session) if edit.address not in kept] if refuse_rest else []
    new = sorted(kept - accepted(session))
    refused = _taken_back(session, rest, {_processor(edit) for edit in rest}, kept)
    title = f"{_ACCEPT} {', '.join(texts)}"
    return apply(session, refused, _ACCEPT, title, detail={_ACCEPTED: list(new)}, always=bool(new))


def accepted(session: Session) -> frozenset[str]:
    """The addresses that the user has said yes to since the last suggestion; a knob may have been moved after that."""
    found = set[str]()
    for step in reversed(session.history):
        if step.kind == KIND:
            return frozenset(found)
        if step.kind == _ACCEPT:
            found |= _said_in(step, session)
    return frozenset()


def _said_in(step: Step, session: Session) -> set[str]:
    said = step.detail.get(_ACCEPTED)
    if isinstance(said, list):
        return {str(address) for address in said}
    return {edit.address for edit in _standing(session)}  # an older file: what was not accepted was refused


def _processor(edit: Edit) -> str:
    return edit.address.rpartition(".")[0]


def _named(session: Session, texts: Sequence[str]) -> list[Edit]:
    standing = _standing(session)
    found: dict[str, Edit] = {}
    for text in texts:
        meant = resolve_all(session, text)
        part = {edit.address: edit for edit in standing if within(edit.address, meant)}
        if not part:
            raise UsageError(
                f"{text}: nothing of the last suggestion stands there; `faderwise diff` shows what differs"
            )
        found |= part
    return list(found.values())


def _standing(session: Session) -> list[Edit]:
    """The moves of knobs that the last suggestion made and nobody has changed since."""
    edits = []
    for edit in _last(session).edits:
        if isinstance(edit.after, dict) and "value" in edit.after:
            made, now = Knob.model_validate(edit.after), session.knob(edit.address)
            if (now.value, now.source) == (made.value, made.source):
                edits.append(edit)
    return edits


def _last(session: Session) -> Step:
    for step in reversed(session.history):
        if step.kind == KIND:
            return step
    raise SessionError(
        "there is no suggestion to accept or refuse: the history has none; `faderwise suggest` makes one"
    )


def _taken_back(session: Session, edits: Sequence[Edit], wide: set[str], kept: set[str]) -> list[Edit]:
    """What takes these edits back and makes all knobs of the wide processors, but for those kept, the user's own."""
    owned: dict[str, Knob] = {}
    for processor in sorted(wide):
        for knob in find(processor.partition(".")[2]).knobs:
            now = session.knob(f"{processor}.{knob}")
            if now.source != "user" and f"{processor}.{knob}" not in kept:
                owned[f"{processor}.{knob}"] = now.model_copy(update={"source": "user", "reason": "refused"})
    for edit in edits:
        before, now = Knob.model_validate(edit.before), session.knob(edit.address)
        reason = before.reason if before.source == "user" else f"refused: {now.reason}"
        owned[edit.address] = Knob(value=before.value, locked=now.locked, source="user", reason=reason)
    return [Edit(address=address, before=None, after=knob.model_dump(mode="json")) for address, knob in owned.items()]

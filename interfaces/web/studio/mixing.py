"""A song as the studio holds it: the session, what was undone, what was suggested; every change makes a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from interfaces.suggested import suggestion_document
from mixer.address import resolve
from mixer.edits import apply, lock_on, undo
from mixer.errors import FaderwiseError, SessionError, UsageError
from mixer.knobs import Knob
from mixer.session import Edit, Session, Step
from style_transfer.suggestion import KIND, Suggestion, apply_suggestion
from style_transfer.verdict import KNOB_DOTS, accepted

_REPEATED = frozenset({"set", "lock", "unlock", "import"})
"""Steps that are made again on top of another alternative; verdicts belong to the suggestion that they judge."""

_REFUSED = "refused"
_LOCK = ".locked"


@dataclass(frozen=True, slots=True)
class Offer:
    """One suggestion that was made, as JSON tells it too, and the step that it was when it was applied."""

    suggestion: Suggestion
    document: dict[str, Any]
    step: Step | None = None

    @classmethod
    def of(cls, suggestion: Suggestion) -> Offer:
        """A suggestion that is not applied yet."""
        return cls(suggestion, suggestion_document(suggestion))


@dataclass(frozen=True, slots=True)
class Mix:
    """A song. ``key`` changes when its audio does; ``folder`` is where the session's paths start."""

    key: str
    folder: Path
    session: Session
    undone: tuple[Session, ...] = ()
    """What redo brings back, the next one last."""
    offers: tuple[Offer, ...] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    """Where a saved session had the audio of each track, by the track's id."""

    @property
    def seconds(self) -> float:
        """Of the longest track."""
        return max((track.frames / track.sample_rate for track in self.session.tracks), default=0.0)

    def with_session(self, session: Session) -> Mix:
        """The song changed by hand: what was undone before is lost."""
        return self if session is self.session else replace(self, session=session, undone=())

    def undo(self) -> Mix:
        """One step back; SessionError where there is none."""
        before, _ = undo(self.session)
        return replace(self, session=before, undone=(*self.undone, self.session))

    def redo(self) -> Mix:
        """The last step that was undone, bit for bit; SessionError where there is none."""
        if not self.undone:
            raise SessionError("there is nothing to redo: nothing was undone since the last change")
        return replace(self, session=self.undone[-1], undone=self.undone[:-1])

    def chosen(self) -> int | None:
        """Which of the offers is the last suggestion of the history."""
        last = _last_suggestion(self.session)
        if last is None:
            return None
        step = self.session.history[last]
        return next((index for index, offer in enumerate(self.offers) if offer.step == step), None)

    def at_step(self, number: int) -> Session:
        """The session after so many steps; UsageError where there were never so many."""
        steps = len(self.session.history)
        if not 0 <= number <= steps:
            raise UsageError(f"there is no step {number}: the history has {steps}")
        session = self.session
        for _ in range(steps - number):
            session, _ = undo(session)
        return session


def edited(session: Session, pairs: Sequence[tuple[str, Any]], title: str | None, *, going_on: bool = False) -> Session:
    """Addresses set by hand, as one step.

    Args:
        going_on: whether the hand is still at it: then an edit of the one address of the last step takes its place.

    Raises:
        UsageError: an address does not exist, or a value is not possible there; then nothing is changed.
    """
    edits = [Edit(address=_canonical(session, address), before=None, after=value) for address, value in pairs]
    kind, said = _kind(edits), title or _title(edits)
    if going_on and len(edits) == 1 and _is_of(session, edits[0].address, kind):
        session, _ = undo(session)
    return apply(session, edits, kind, said)


def _canonical(session: Session, address: str) -> str:
    knob = address.removesuffix(_LOCK)
    if knob != address and knob.count(".") == KNOB_DOTS:
        return f"{resolve(session, knob)}{_LOCK}"
    return resolve(session, address)


def _kind(edits: Sequence[Edit]) -> str:
    locks = {edit.after for edit in edits if edit.address.endswith(_LOCK) and isinstance(edit.after, bool)}
    if len(locks) == 1 and all(edit.address.endswith(_LOCK) for edit in edits):
        return "lock" if locks.pop() else "unlock"
    return "set"


def _title(edits: Sequence[Edit]) -> str:
    first = edits[0].address if edits else "nothing"
    return f"set {first}" if len(edits) < 2 else f"set {first} and {len(edits) - 1} more"


def _is_of(session: Session, address: str, kind: str) -> bool:
    last = session.history[-1] if session.history else None
    return last is not None and last.kind == kind == "set" and {edit.address for edit in last.edits} == {address}


def _last_suggestion(session: Session) -> int | None:
    return next((n for n in reversed(range(len(session.history))) if session.history[n].kind == KIND), None)


def suggested(now: Mix, then: Session, made: Sequence[Suggestion]) -> tuple[Mix, list[str]]:
    """The first of these suggestions applied, all of them kept; and what the user should know.

    They were made for ``then``; what was moved or locked by hand since stays as it is.
    """
    fitting = [_fitting(each, then, now.session) for each in made]
    offers = [Offer.of(suggestion) for suggestion, _ in fitting]
    session = apply_suggestion(now.session, offers[0].suggestion)
    notes = [note for note in fitting[0][1:] if note]
    if session is now.session:
        return replace(now, offers=tuple(offers)), [*notes, "the suggestion changes nothing"]
    offers[0] = replace(offers[0], step=session.history[-1])
    return replace(now, session=session, undone=(), offers=tuple(offers)), notes


def _fitting(suggestion: Suggestion, then: Session, now: Session) -> tuple[Suggestion, str]:
    """The suggestion without what has moved or was locked meanwhile."""
    if now is then:
        return suggestion, ""

    def holds(address: str) -> bool:
        return lock_on(now, address) is None and now.knob(address) == then.knob(address)

    changes = [change for change in suggestion.changes if holds(change.address)]
    kept = {
        "changes": changes,
        "freed": [address for address in suggestion.freed if holds(address)],
        "said": [edit for edit in suggestion.said if lock_on(now, edit.address) is None],
    }
    left = len(suggestion.changes) - len(changes)
    if not left:
        return suggestion.model_copy(update=kept), ""
    note = f"{left} of its changes were left out: you moved or locked those knobs while it was being made"
    return suggestion.model_copy(update=kept | {"notes": [*suggestion.notes, note]}), note


def with_alternative(mix: Mix, index: int) -> tuple[Mix, list[str]]:
    """Another of the offers in the place of the chosen one; what was done by hand after it is done again on top.

    Raises:
        UsageError: there is no such offer.
    """
    if not 0 <= index < len(mix.offers):
        raise UsageError(f"there is no alternative {index}: there are {len(mix.offers)}; ask for suggestions again")
    session, later = mix.session, list[Step]()
    if mix.chosen() is not None:
        steps = len(session.history) - (_last_suggestion(session) or 0)
        later = session.history[-steps + 1 :] if steps > 1 else []
        for _ in range(steps):
            session, _ = undo(session)
    base = session
    session = apply_suggestion(session, mix.offers[index].suggestion)
    step = session.history[-1] if session is not base else None
    offers = [replace(offer, step=step if number == index else None) for number, offer in enumerate(mix.offers)]
    notes = []
    for again in later:
        session, missed = _again(session, again)
        notes += missed
    changed = replace(mix, session=session, undone=(), offers=tuple(offers))
    return changed, notes


def _again(session: Session, step: Step) -> tuple[Session, list[str]]:
    if step.kind not in _REPEATED:
        return session, [f"“{step.title}” belonged to the other alternative and was taken back"]
    try:
        return apply(session, step.edits, step.kind, step.title, seed=step.seed, detail=step.detail), []
    except FaderwiseError:
        return session, [f"“{step.title}” does not fit this alternative and was taken back"]


def standing(mix: Mix) -> dict[str, Any]:
    """What the chosen suggestion moved and nobody has moved since, by address, and what the user said to it."""
    last = _last_suggestion(mix.session)
    if last is None:
        return {}
    judged, found = accepted(mix.session), {}
    for edit in mix.session.history[last].edits:
        if not (isinstance(edit.after, dict) and "value" in edit.after):
            continue
        before, made = Knob.model_validate(edit.before), Knob.model_validate(edit.after)
        now = mix.session.knob(edit.address)
        refused = now.source == "user" and now.reason.startswith(_REFUSED)
        if not refused and (now.value, now.source) != (made.value, made.source):
            continue
        found[edit.address] = {
            "before": before.value,
            "after": made.value,
            "source": made.source,
            "reason": made.reason,
            "verdict": _REFUSED if refused else "accepted" if edit.address in judged else "open",
        }
    return found

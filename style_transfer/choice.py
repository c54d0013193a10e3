"""What the user takes of a suggestion and what not, and which of their own values they give up for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from mixer.address import resolve_all
from mixer.edits import put
from mixer.knobs import PLACES, Knob
from mixer.session import Session


@dataclass(frozen=True, slots=True)
class Choice:
    """Which knobs a suggestion may move, by the beginnings of their addresses; ``only`` None: all but ``without``."""

    only: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()

    @classmethod
    def of(cls, session: Session, only: Iterable[str] = (), without: Iterable[str] = ()) -> Self:
        """From what people type: knobs, processors, tracks, groups, aspects. No ``only`` means everything.

        Raises:
            UsageError: something is not there.
        """
        wanted = tuple(address for text in only for address in resolve_all(session, text))
        return cls(wanted or None, tuple(address for text in without for address in resolve_all(session, text)))

    def __contains__(self, address: str) -> bool:
        if self.only is not None and not within(address, self.only):
            return False
        return not within(address, self.without)


def within(address: str, larger: Iterable[str]) -> bool:
    """Whether a knob's address is one of these, or part of one of them.

    >>> within("kick.fader.gain_db", ["kick.fader"]), within("kick_in.fader.gain_db", ["kick"])
    (True, False)
    """
    return any(f"{address}.".startswith(f"{part}.") for part in larger)


def own_knobs(session: Session) -> list[str]:
    """The addresses of the knobs that hold the user's own values and are not locked."""
    return [
        f"{target}.{processor}.{knob}"
        for target in session.targets
        for processor, given in session.target_settings(target).items()
        for knob, state in given.knobs.items()
        if state.source == "user" and not session.is_locked(target, processor, knob)
    ]


def kept_names(session: Session) -> list[str]:
    """What no suggestion moves because it is locked or the user's own, as people say it: ``LdVox``, ``Kick fader``."""
    names = []
    for target in session.targets:
        name = target.capitalize() if target in PLACES else session.track(target).name
        if target not in PLACES and session.track(target).locked:
            names.append(name)
            continue
        for processor, given in session.target_settings(target).items():
            if given.locked or any(state.locked or state.source == "user" for state in given.knobs.values()):
                names.append(f"{name} {processor}")
    return names


def given_up(session: Session, texts: Iterable[str]) -> tuple[Session, list[str]]:
    """The session with the user's own values made free for a suggestion to move, and their addresses.

    The values stay as they are, and locks hold.

    Raises:
        UsageError: something is not there.
    """
    meant = [address for text in texts for address in resolve_all(session, text)]
    freed = [address for address in own_knobs(session) if within(address, meant)]
    for address in freed:
        session = put(session, address, Knob(value=session.knob(address).value).model_dump(mode="json"))
    return session, freed

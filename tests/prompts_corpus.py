"""The prompt corpus: what was said, what would be understood, and how the two are scored."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mixer.roles import Group
from mixer.session import Session
from style_transfer.prompt.intent import Intent
from tests.sessions import make_session, make_track

FOLDER = Path(__file__).parent / "prompts"
HALVES = ("development", "blind")
MEASURED = ("blind", "measure")
"""Sets of which only the score is looked at."""
LATER = ("fresh", "fresher", "last")
"""Sets that were written to find failures when the parser stood, and then worked on."""
_WANT = re.compile(
    r"(?P<optional>\?\s*)?(?P<target>[^:]+):\s*(?P<attribute>[a-z0-9|_]+)\s*(?P<sign>[-+=])\s*(?P<numbers>.*)"
)
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(dB|Hz|%|:1)")
_SIGNS = {"+": 1, "-": -1, "=": 0}

Place = frozenset[str]
"""The tracks that are meant; the whole mix is ``{"*"}``."""


@dataclass(frozen=True)
class Want:
    """One labelled intent: any of these targets with any of these attributes."""

    places: tuple[Place, ...]
    attributes: frozenset[str]
    sign: int
    numbers: frozenset[tuple[float, str]]
    optional: bool

    def about(self, intent: Intent) -> bool:
        """Whether an intent is about the same thing, whichever way it goes."""
        return place(intent) in self.places and intent.attribute in self.attributes

    def met_by(self, intent: Intent) -> bool:
        """Whether an intent is this one, numbers aside."""
        return self.about(intent) and intent.sign == self.sign


@dataclass(frozen=True)
class Prompt:
    """One prompt of the corpus."""

    text: str
    lang: str
    session: str
    want: tuple[Want, ...]


@cache
def sessions() -> dict[str, Session]:
    """The songs that the prompts speak about."""
    raw = tomllib.loads((FOLDER / "sessions.toml").read_text("utf-8"))
    return {
        song: make_session(*(make_track(i, n, role=r, channels=c) for i, (n, r, c) in tracks.items()))
        for song, tracks in raw.items()
    }


@cache
def prompts(half: str) -> tuple[Prompt, ...]:
    """The prompts of a half."""
    raw = tomllib.loads((FOLDER / f"{half}.toml").read_text("utf-8"))["prompt"]
    out = []
    for entry in raw:
        song = entry.get("session", "band")
        want = tuple(_want(line, sessions()[song]) for line in entry["want"])
        out.append(Prompt(entry["text"], entry.get("lang", "en"), song, want))
    return tuple(out)


def place(intent: Intent) -> Place:
    """The tracks that an intent means."""
    return frozenset({"*"}) if intent.target.whole else frozenset(intent.target.tracks)


def _want(line: str, session: Session) -> Want:
    match = _WANT.fullmatch(line)
    assert match is not None, line
    places = tuple(_place(text, session) for text in match["target"].split("|"))
    numbers = frozenset((float(value), unit) for value, unit in _NUMBER.findall(match["numbers"]))
    attributes = frozenset(match["attribute"].split("|"))
    return Want(places, attributes, _SIGNS[match["sign"]], numbers, match["optional"] is not None)


def _place(text: str, session: Session) -> Place:
    plus, *minus = (part.strip() for part in text.split(" - "))
    everything = frozenset(track.id for track in session.tracks)
    if plus == "master" and not minus:
        return frozenset({"*"})
    meant = (
        everything if plus == "master" else frozenset().union(*(_tracks(p.strip(), session) for p in plus.split("&")))
    )
    for part in minus:
        meant -= _tracks(part, session)
    assert meant, text
    return meant


def _tracks(name: str, session: Session) -> Place:
    if name.startswith("#"):
        return frozenset({session.track(name[1:]).id})
    if name == "instruments":
        return frozenset(track.id for track in session.tracks if track.role.group is not Group.VOCALS)
    if name in ("vocals", "drums", "bass", "other"):
        return frozenset(track.id for track in session.tracks if track.role.group == name)
    return frozenset(track.id for track in session.tracks if track.role == name)


@dataclass
class Score:
    """Hits, misses and false alarms over (target, attribute, sign)."""

    hits: int = 0
    missed: int = 0
    false: int = 0
    reversed: int = 0
    numbers_right: int = 0
    numbers: int = 0

    @property
    def precision(self) -> float:
        return self.hits / max(self.hits + self.false, 1)

    @property
    def recall(self) -> float:
        return self.hits / max(self.hits + self.missed, 1)

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(2 * self.hits + self.missed + self.false, 1)

    @property
    def reversed_share(self) -> float:
        """Intents that go the wrong way, of all that are about something asked for."""
        return self.reversed / max(self.hits + self.reversed, 1)

    def add(self, prompt: Prompt, intents: tuple[Intent, ...]) -> tuple[list[Want], list[Intent]]:
        """Count one prompt; what was missed and what nobody asked for is given back."""
        left = list(intents)
        missed = []
        for want in sorted(prompt.want, key=lambda want: want.optional):
            found = next((intent for intent in left if want.met_by(intent)), None)
            if found is None:
                taken = any(want.met_by(intent) for intent in intents)
                if not want.optional and not taken:
                    missed.append(want)
                continue
            left.remove(found)
            if want.optional:
                continue
            self.hits += 1
            if want.numbers:
                self.numbers += 1
                self.numbers_right += {(n.value, n.unit) for n in found.numbers} == set(want.numbers)
        wrong = [intent for intent in left if not any(want.met_by(intent) for want in prompt.want)]
        self.missed += len(missed)
        self.false += len(wrong)
        self.reversed += sum(
            any(want.about(i) and want.sign == -i.sign != 0 for want in prompt.want if not want.optional) for i in wrong
        )
        return missed, wrong

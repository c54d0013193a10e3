"""Which tracks of a session a phrase can mean."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from mixer.roles import Group, Role
from mixer.roles.words import vocabulary
from mixer.session import Session, Track
from style_transfer.prompt.intent import Target
from style_transfer.prompt.text import words
from style_transfer.prompt.vocabulary import LANGUAGES, Phrase, language, same_instrument

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SHORTEST_ALIAS = 3
_NO_INSTRUMENT = frozenset({None, Role.FX, Role.OTHER})
_GROUP_WORDS = {"vocals": Group.VOCALS, "drums": Group.DRUMS, "bass": Group.BASS}
CONTAINED = 0.4
"""How sure it is that a track of the whole kit is meant where one drum was asked for."""

MIX = Target(label="the mix", whole=True)


class Names:
    """The names of one session, ready for look-up. Everything is compared folded, in any of the languages."""

    def __init__(self, session: Session) -> None:
        self._tracks = session.tracks
        self._ids = tuple(track.id for track in session.tracks)
        self._words = {track.id: _name_words(track) for track in session.tracks}
        self.phrases: dict[Phrase, Target] = {}
        for track in session.tracks:
            for phrase in _full_names(track):
                self.phrases.setdefault(phrase, Target(label=track.name, tracks=(track.id,)))
        self._add_single_words()
        self.longest = max(map(len, self.phrases), default=0)

    def _add_single_words(self) -> None:
        """A word of a name that means nothing else stands for the tracks that have it, in any language."""
        holders: dict[str, list[str]] = defaultdict(list)
        for track_id, parts in self._words.items():
            for part in parts:
                holders[part].append(track_id)
        synonyms = defaultdict(list)
        for spelled, name in same_instrument().items():
            synonyms[name].append(spelled)
        for part, owners in holders.items():
            if not _distinctive(part):
                continue
            one = next(track.name for track in self._tracks if track.id == owners[0])
            target = self.ordered(one if len(set(owners)) == 1 else part, owners)
            for spelled in {part, *synonyms.get(part, ())}:
                plural = [spelled + "s"] if spelled.isascii() and spelled[-1] not in "sx" else []
                for form in (spelled, *plural):
                    self.phrases.setdefault(words(form), target)

    def everything_but(self, *targets: Target) -> Target:
        """All tracks that are in none of these."""
        taken = {track for target in targets for track in (self._ids if target.whole else target.tracks)}
        rest = tuple(track for track in self._ids if track not in taken)
        return Target(label="everything else", tracks=rest)

    def instruments(self) -> Target:
        """All that is not sung."""
        ids = [track.id for track in self._tracks if track.role.group is not Group.VOCALS]
        return Target(label="the instruments", tracks=tuple(ids))

    def role(self, name: str, said: str) -> tuple[Target, float]:
        """The tracks of a role or stem group, and how sure that is; empty where the song has none.

        A drum that has no track of its own may be inside a track of the whole kit: then that one is a question.
        """
        if group := _GROUP_WORDS.get(name):
            ids = [track.id for track in self._tracks if track.role.group is group]
            return Target(label=said, tracks=tuple(ids)), 1.0
        role = Role(name)
        ids = [track.id for track in self._tracks if track.role is role]
        if not ids and role is Role.BACKING_VOCAL:
            return Target(label=said), 1.0
        if not ids and role.group in (Group.DRUMS, Group.VOCALS):
            wider = (Role.DRUMS,) if role.group is Group.DRUMS else (Role.BACKING_VOCAL,)
            ids = [track.id for track in self._tracks if track.role in wider]
            return Target(label=said, tracks=tuple(ids)), CONTAINED if ids else 1.0
        return Target(label=said, tracks=tuple(ids)), 1.0

    def instrument(self, word: str) -> Target | None:
        """The tracks that a word of the roles' table may mean, which no language lists for a whole role: 'banjo'.

        Never more than a question, as their names do not say it; empty where they name other instruments.
        """
        entry = vocabulary().get(word) or (vocabulary().get(word[:-1]) if word.endswith("s") else None)
        if entry is None or entry.role in _NO_INSTRUMENT or entry.strength != "word" or len(word) < _SHORTEST_ALIAS:
            return None
        same = [track for track in self._tracks if track.role is entry.role]
        others = [part for track in same for part in self._words[track.id] if _specific(part)]
        return Target(label=word, tracks=() if others else tuple(track.id for track in same))

    def numbered(self, target: Target, number: float) -> Target | None:
        """Those of the tracks that carry this number in their name: 'guitar 2'."""
        digits = f"{number:g}"
        ids = tuple(track for track in target.tracks if digits in self._words[track])
        if not ids or len(ids) == len(target.tracks):
            return None
        return Target(label=f"{target.label} {digits}", tracks=ids)

    def ordered(self, label: str, ids: Sequence[str]) -> Target:
        """A target of these tracks in the session's order."""
        return Target(label=label, tracks=tuple(track for track in self._ids if track in set(ids)))


def _name_words(track: Track) -> list[str]:
    """The words of a track's name, an instrument's under its one name."""
    parts = [word for word in words(_CAMEL.sub(" ", track.name)) if word[:1].isalnum()]
    return [same_instrument().get(part, part) for part in parts]


def _full_names(track: Track) -> list[Phrase]:
    spelled = {words(name) for name in (track.name, _CAMEL.sub(" ", track.name), track.id, track.id.replace("_", " "))}
    joined = {("".join(phrase),) for phrase in spelled if len(phrase) > 1}
    return [phrase for phrase in spelled | joined if phrase and len("".join(phrase)) >= _SHORTEST_ALIAS]


def _distinctive(part: str) -> bool:
    """Whether a word of a name can stand for the track: long enough and with no other meaning."""
    entry = vocabulary().get(part)
    if len(part) < _SHORTEST_ALIAS or (entry is not None and entry.strength == "filler"):
        return False
    return not any((part,) in language(code).phrases for code in LANGUAGES)


def _specific(part: str) -> bool:
    """Whether a word names one instrument, and not a whole role as 'guitar' does."""
    entry = vocabulary().get(part)
    return entry is not None and entry.strength == "word" and _distinctive(part)


def joined(targets: Sequence[Target]) -> Target:
    """Several targets as one.

    >>> joined([Target(label="kick", tracks=("kick",)), Target(label="bass", tracks=("bass",))]).label
    'kick and bass'
    """
    if len(targets) == 1:
        return targets[0]
    counts = Counter(track for target in targets for track in target.tracks)
    labels = list(dict.fromkeys(target.label for target in targets))
    label = ", ".join(labels[:-1]) + f" and {labels[-1]}" if len(labels) > 1 else labels[0]
    return Target(label=label, whole=any(target.whole for target in targets), tracks=tuple(counts))

"""What the user should know about a suggestion, beside its changes."""

from __future__ import annotations

from mixer.processor import Aspect
from mixer.roles import Group
from style_transfer.prepare import Listening
from style_transfer.same_song import Recovered
from style_transfer.stems import Presence

CONTRADICTION_LU = 4.0
"""References that ask for levels of a group further apart than this are named."""


def notes_on(listening: Listening) -> list[str]:
    """For a suggestion that is not a recall."""
    references, session = listening.references, listening.session
    notes = []
    rough_levels = listening.rough is not None and Aspect.LEVEL in listening.rough.keeps
    if references and not rough_levels and not any(reference.groups for reference in references):
        notes.append(
            "The reference was heard as a whole mix: its tone, width and dynamics are matched; the levels of its "
            "vocal, drums and bass cannot be read from it, so balance follows practice for the roles of your tracks."
        )
    if listening.rough is not None:
        kept = " and ".join(sorted(aspect.value for aspect in listening.rough.keeps)) or "nothing"
        notes.append(f"Of the rough mix {kept} is kept; {len(listening.rough.tracks)} tracks were found in it.")
        if references and rough_levels:
            notes.append("The rough mix decides the balance; the reference gives tone, width and dynamics.")
    notes += [_kept(group) for group in sorted(listening.target.kept)]
    notes += [f"{reference.context.name}: {reference.note}." for reference in references if reference.note]
    for reference in references:
        unsure = [group for said in reference.groups if said.presence == Presence.UNSURE for group in said.groups]
        notes += [f"Whether {reference.context.name} has {group} is not certain: it counts half." for group in unsure]
    notes += _contradictions(listening)
    notes.append("How wet a reference is cannot be measured: reverb sends follow practice.")
    guesses = [track.name for track in session.audible_tracks() if track.role_confidence < 0.5]
    if guesses:
        notes.append(
            f"The role of {', '.join(guesses[:4])}{' and others' if len(guesses) > 4 else ''} is a guess: "
            "set it (set TRACK.role=...) and ask again for a better balance."
        )
    return notes


def recall_notes(listening: Listening, recovered: Recovered) -> list[str]:
    """For a reference that is a mix of these very tracks."""
    same = listening.recalled
    if same is None:
        return []
    start_s = same.lag.frames / listening.session.sample_rate
    return [
        f"{same.file.name} is a mix of these very tracks: its settings were recovered rather than imitated. "
        f"The song begins {start_s:.2f} s into it; {same.explained:.0%} of it is explained by the tracks.",
        *(f"Not recovered: {reason}." for reason in recovered.unexplained),
    ]


def _contradictions(listening: Listening) -> list[str]:
    notes = []
    for group in Group:
        asked = [target for target in listening.target.groups if target.groups == {group}]
        if len(asked) < 2:
            continue
        low, high = min(asked, key=lambda t: t.level_lu), max(asked, key=lambda t: t.level_lu)
        if high.level_lu - low.level_lu > CONTRADICTION_LU:
            notes.append(
                f"{high.name} has its {group} {high.level_lu - low.level_lu:.0f} LU louder than {low.name}: "
                "they cannot both be followed, weights decide (FILE*WEIGHT)."
            )
    return notes


def _kept(group: Group) -> str:
    return f"The reference has no {group} to go by: yours keep the level that they have against the rest."

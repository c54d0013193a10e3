"""From a session and what the user handed in to settings: listening once, then one search for each alternative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixer.console import mix_blocks
from mixer.errors import SessionError, UsageError
from mixer.progress import Progress, silent, span
from mixer.render import settings, sources
from mixer.roles import Group
from mixer.session import Session
from style_transfer.balance import groups_of, measure_balance
from style_transfer.desk import Desk, mixed
from style_transfer.evidence import track_states
from style_transfer.features import Features, measure
from style_transfer.field import Field
from style_transfer.guard import keep_audible, keep_groups
from style_transfer.listen import Heard, Segment, cut, hear, telling_seconds
from style_transfer.master import fit_glue, fit_master_tone
from style_transfer.match import Corrections, Search, Standing
from style_transfer.practice import practice
from style_transfer.reference import Reference, ReferenceFile, listen
from style_transfer.setting import Setting
from style_transfer.start import Values, current_values, practice_start, put
from style_transfer.suggestion import Refusal
from style_transfer.target import StyleTarget, target_of
from style_transfer.variant import USUAL, Variant

TURNS = 3
"""Descents, each with what the one before got wrong about the real console."""
LEAST_TAMED_DB = 0.4
"""A compressor that brings loud and usual moments less than this together is left out."""


@dataclass(frozen=True, slots=True)
class Listening:
    """All that was heard before anything is moved: what every alternative starts from."""

    session: Session
    folder: Path
    heard: list[Heard]
    """The tracks that can be used, in the session's order."""
    left_alone: list[Heard]
    seconds: list[tuple[int, int]]
    """Frames of the segments that were chosen."""
    segments: list[Segment]
    order: list[int]
    """How the tracks lie in the segments: indices into ``heard``."""
    references: list[Reference]
    target: StyleTarget
    mix_before: Features
    standing: Standing

    def desk(self, values: Values) -> Desk:
        """A desk with the tracks as they lie in the segments."""
        return Desk(self.session, [self.heard[index] for index in self.order], values, self.session.sample_rate)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    start: Values
    """Where it began: practice, before anything that was handed in had a say."""
    values: Values
    refused: list[Refusal]
    notes: list[str]


def prepare(
    session: Session, folder: Path, references: Sequence[ReferenceFile], progress: Progress = silent
) -> Listening:
    """Listen to the tracks, to the mix as it stands, and to what was handed in.

    Args:
        folder: where the session's audio paths start.
        references: one or more songs that the mix should measure like.

    Raises:
        UsageError: no reference, or a segment out of range.
        AudioError: a track or a reference cannot be used.
        SessionError: every track is silent, muted or too short.
    """
    if not references:
        raise UsageError("there is nothing to suggest from: give at least one reference")
    rate = session.sample_rate
    known = _listen_to(references, rate, folder, span(progress, 0, 0.25))
    everything = hear(session, folder, span(progress, 0.25, 0.6))
    heard = [entry for entry in everything if entry.problem is None]
    if not heard:
        raise SessionError("no track can be heard: all are silent, muted or under half a second")
    seconds = telling_seconds(heard, rate)
    segments, order = cut(heard, seconds, rate, folder)
    desk = Desk(session, [heard[index] for index in order], current_values(session), rate)
    return Listening(
        session,
        folder,
        heard,
        [entry for entry in everything if entry.problem],
        seconds,
        segments,
        order,
        known,
        target_of(known, rate, groups_of(heard)),
        measure_mix(session, folder, span(progress, 0.6, 1)),
        _standing(desk, segments),
    )


def _listen_to(
    references: Sequence[ReferenceFile], sample_rate: int, folder: Path, progress: Progress
) -> list[Reference]:
    share = 1 / len(references)
    return [
        listen(file, sample_rate, folder, span(progress, index * share, (index + 1) * share))
        for index, file in enumerate(references)
    ]


def measure_mix(session: Session, folder: Path, progress: Progress = silent) -> Features:
    """Features of the whole mix as the session stands."""
    progress(0.0, "measuring the mix")
    rate = session.sample_rate
    features = measure(mix_blocks(sources(session, folder), settings(session), rate), rate)
    progress(1.0, "measuring the mix")
    return features


def search(listening: Listening, variant: Variant = USUAL, seed: int = 0, progress: Progress = silent) -> Found:
    """Find settings; the session is not changed.

    Args:
        variant: what this answer weighs differently.
        seed: of the order in which segments are heard.
    """
    session, segments = listening.session, listening.segments
    desk = listening.desk(current_values(session))
    start = _made_up(desk, segments, practice_start(session, desk.heard, variant))
    desk.values = start
    descent = Search(desk, Field.of(desk, segments), listening.target, listening.standing, variant)
    corrections = Corrections()
    for turn in range(TURNS):
        found = descent.fit(corrections, span(progress, turn / TURNS, (turn + 1) / TURNS))
        if turn == 0:
            descent.set_master(_tone(listening, found, variant))
            found["master"] = desk.values["master"]
        found, refused = keep_audible(descent, found)
        real = measure_balance(listening.desk(found), segments, descent.sums())
        corrections = descent.corrections(found, real)
    found, buried = keep_groups(descent, found, real)
    _finish(listening, found, variant)
    refused += buried
    refused += [Refusal(subject=e.track.id, reason=f"left alone: {e.problem}") for e in listening.left_alone]
    return Found(start, found, refused, _notes(listening))


def _tone(listening: Listening, values: Values, variant: Variant) -> dict[str, float]:
    """The master's equaliser, fitted to what the strips really add up to."""
    if listening.target.shape is None or not variant.tone:
        return {}
    there = listening.desk(values)
    return fit_master_tone(there, mixed(there, listening.segments), listening.target.shape)


def _finish(listening: Listening, values: Values, variant: Variant) -> None:
    """The master's compressor and limiter."""
    desk = listening.desk(values)
    if listening.target.crest_db is not None and variant.reduction > 0:
        glue = fit_glue(desk, mixed(desk, listening.segments), listening.target.crest_db)
        put(listening.session, values, "master", "compressor", glue)
    limiter = {"active": 1.0, "ceiling_db": practice().master.ceiling_db}
    put(listening.session, values, "master", "limiter", limiter)


def _standing(desk: Desk, segments: Sequence[Segment]) -> Standing:
    """Audibility and balance of the session as it is."""
    field, own = Field.of(desk, segments), groups_of(desk.heard)
    sums = [groups for group in sorted(own) for groups in (frozenset({group}), own - {group})]
    balance = measure_balance(desk, segments, sums)
    ratios = {group: balance.ratio_lu(frozenset({group}), own - {group}) for group in sorted(own) if own - {group}}
    return Standing(Setting.of(desk, field, desk.values).audibility_db(), ratios)


def _made_up(desk: Desk, segments: Sequence[Segment], start: Values) -> Values:
    """The start with make-up gain for what compressors take away; a compressor that tames nothing is left out."""
    given = current_values(desk.session)
    desk.values = {
        target: {name: given[target][name] if name == "compressor" else knobs for name, knobs in rows.items()}
        for target, rows in start.items()
    }
    plain, _ = track_states(desk, segments)
    desk.values = start
    for name, state in track_states(desk, segments)[0].items():
        if plain[name].range_db - state.range_db < LEAST_TAMED_DB:
            start[name] = {
                processor: given[name][processor] if processor == "compressor" else knobs
                for processor, knobs in start[name].items()
            }
        else:
            lost = round(plain[name].level_db - state.level_db, 1)
            put(desk.session, start, name, "compressor", {"makeup_db": start[name]["compressor"]["makeup_db"] + lost})
    return start


def _notes(listening: Listening) -> list[str]:
    notes = []
    if not any(reference.groups for reference in listening.references):
        notes.append(
            "The reference was heard as a whole mix: its tone, width and dynamics are matched; the levels of its "
            "vocal, drums and bass cannot be read from it, so balance follows practice for the roles of your tracks."
        )
    notes += [_kept(group) for group in sorted(listening.target.kept)]
    notes.append("How wet a reference is cannot be measured: reverb sends follow practice.")
    guesses = [track.name for track in listening.session.audible_tracks() if track.role_confidence < 0.5]
    if guesses:
        notes.append(
            f"The role of {', '.join(guesses[:4])}{' and others' if len(guesses) > 4 else ''} is a guess: "
            "set it (set TRACK.role=...) and ask again for a better balance."
        )
    return notes


def _kept(group: Group) -> str:
    return f"The reference has no {group} to go by: yours keep the level that they have against the rest."

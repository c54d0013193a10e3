"""From what was heard to settings: one search for each alternative."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from mixer.processor import Aspect
from mixer.progress import Progress, silent, span
from style_transfer.balance import measure_balance
from style_transfer.desk import Desk, mixed
from style_transfer.evidence import track_states
from style_transfer.field import Field
from style_transfer.guard import keep_audible, keep_groups
from style_transfer.learned import learned_start
from style_transfer.listen import Segment
from style_transfer.master import fit_glue, fit_master_tone
from style_transfer.match import Corrections, Held, Search
from style_transfer.notes import notes_on, recall_notes
from style_transfer.practice import practice
from style_transfer.prepare import Listening
from style_transfer.same_song import Recovered, SameSong, recover
from style_transfer.start import Values, copied, current_values, practice_start, put
from style_transfer.suggestion import Refusal
from style_transfer.target import StyleTarget
from style_transfer.variant import USUAL, Variant
from style_transfer.worded import follow

TURNS = 3
"""Descents, each with what the one before got wrong about the real console."""
FAST_NOTE = "A fast estimate from one look at tracks and reference: no search, no fit of the master."
FAST_RECALL_NOTE = "A fast estimate: levels, places and tone; dynamics and space were not looked for."
PRACTICE_NOTE = (
    "Good practice as it is: the fast estimate hears references for the whole mix, and a rough mix is not for it."
)
LEAST_TAMED_DB = 0.4
"""A compressor that brings loud and usual moments less than this together is left out."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    start: Values
    """Where it began: practice, before anything that was handed in had a say."""
    values: Values
    refused: list[Refusal]
    notes: list[str]
    recovered: Recovered | None
    """Where the settings are those of a mix of these very tracks: how well they explain it."""
    words: dict[str, str] = dataclasses.field(default_factory=dict)
    """Addresses of the knobs that a prompt moved, and its words."""


def search(
    listening: Listening,
    variant: Variant = USUAL,
    seed: int = 0,
    progress: Progress = silent,
    *,
    fast: bool = False,
) -> Found:
    """Find settings; the session is not changed.

    Args:
        variant: what this answer weighs differently.
        seed: of the order in which segments are heard.
        fast: take the controller's estimate after references as it is, guards apart; of a mix of these very tracks,
            what least squares give.
    """
    if listening.recalled is not None:
        found = _recall(listening, listening.recalled, seed, progress, fast=fast)
    elif listening.references or listening.rough is not None:
        found = _matched(listening, variant, progress, fast=fast)
    else:
        found = _as_it_stands(listening)
    return _worded(listening, found) if listening.wishes else found


def _as_it_stands(listening: Listening) -> Found:
    """Where words alone begin."""
    now = current_values(listening.session)
    values = copied(now)
    if listening.wishes:
        _limit(listening, values)
    return Found(now, values, _left_alone(listening), [], None)


def _worded(listening: Listening, found: Found) -> Found:
    """The words have the last say."""
    done = follow(listening.desk(found.values), listening.segments, listening.wishes)
    return dataclasses.replace(found, values=done.values, refused=found.refused + done.refused, words=done.words)


def _matched(listening: Listening, variant: Variant, progress: Progress, *, fast: bool) -> Found:
    """After references, a rough mix, or both."""
    session, segments = listening.session, listening.segments
    desk = listening.desk(current_values(session))
    start = practice_start(session, desk.heard, variant)
    if listening.rough is not None:
        listening.rough.put(session, start)
    learned = learned_start(listening, start, variant)
    start = _made_up(desk, segments, start)
    learned_values = None if learned is None else learned.values if fast else learned.balanced
    desk.values = start if learned_values is None else _made_up(desk, segments, learned_values)
    descent = Search(desk, Field.of(desk, segments), _target(listening), listening.standing, variant, _held(listening))
    if learned is not None:
        sigmas = [learned.level_sigma_lu[entry.track.id] for entry in desk.heard]
        descent.level_sigmas_lu = torch.tensor(sigmas, dtype=torch.float64)
    if fast:
        return _at_once(listening, descent, start, PRACTICE_NOTE if learned is None else FAST_NOTE)
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
    return Found(start, found, refused + buried + _left_alone(listening), notes_on(listening), None)


def _at_once(listening: Listening, descent: Search, start: Values, note: str) -> Found:
    """The settings that a descent would begin with: guarded, and limited."""
    found, refused = keep_audible(descent, copied(descent.desk.values))
    found, buried = keep_groups(
        descent, found, measure_balance(listening.desk(found), listening.segments, descent.sums())
    )
    _limit(listening, found)
    notes = [note, *notes_on(listening)]
    return Found(start, found, refused + buried + _left_alone(listening), notes, None)


def _recall(listening: Listening, same: SameSong, seed: int, progress: Progress, *, fast: bool) -> Found:
    """The settings of a mix of these very tracks."""
    now = current_values(listening.session)
    recovered = recover(listening.desk(now), same, seed=seed, start_only=fast, progress=progress)
    if not recovered.values["master"].get("limiter", {"active": 1.0})["active"]:
        _limit(listening, recovered.values)  # at another loudness the peaks of the bounce may not fit
    notes = [*([FAST_RECALL_NOTE] if fast else []), *recall_notes(listening, recovered)]
    return Found(now, recovered.values, _left_alone(listening), notes, recovered)


def _left_alone(listening: Listening) -> list[Refusal]:
    return [Refusal(subject=e.track.id, reason=f"left alone: {e.problem}") for e in listening.left_alone]


def _target(listening: Listening) -> StyleTarget:
    """What the references ask for, less what the rough mix has already decided."""
    if listening.rough is None or Aspect.LEVEL not in listening.rough.keeps:
        return listening.target
    return dataclasses.replace(listening.target, groups=(), kept=frozenset())


def _held(listening: Listening) -> Held:
    rough, heard = listening.rough, listening.desk({}).heard
    if rough is None:
        return Held.nothing(len(heard))
    kept = [Aspect.PAN in rough.keeps and entry.track.id in rough.tracks for entry in heard]
    return Held(torch.from_numpy(rough.levels_lu(heard)), torch.tensor(kept))


def _tone(listening: Listening, values: Values, variant: Variant) -> dict[str, float]:
    """The master's equaliser, fitted to what the strips really add up to."""
    if listening.target.shape is None or not variant.tone:
        return {}
    there = listening.desk(values)
    return fit_master_tone(there, mixed(there, listening.segments), listening.target.shape)


def _finish(listening: Listening, values: Values, variant: Variant) -> None:
    """The master's compressor and limiter."""
    desk = listening.desk(values)
    if listening.target.dynamics is not None and variant.reduction > 0:
        glue = fit_glue(desk, mixed(desk, listening.segments), listening.target.dynamics)
        put(listening.session, values, "master", "compressor", glue)
    _limit(listening, values)


def _limit(listening: Listening, values: Values) -> None:
    """The limiter on: whatever the loudness, no true peak goes over the ceiling."""
    put(listening.session, values, "master", "limiter", {"active": 1.0, "ceiling_db": practice().master.ceiling_db})


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

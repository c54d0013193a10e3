"""The verb: a session and references in, a suggestion out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from mixer.console import mix_blocks
from mixer.edits import apply
from mixer.errors import SessionError, UsageError
from mixer.knobs import Knob
from mixer.param import Param
from mixer.processor import find
from mixer.progress import Progress, silent, span
from mixer.render import loudness_gain, settings, sources
from mixer.session import LOUDNESS, Edit, Session
from style_transfer.evidence import MixState, track_states
from style_transfer.explain import Findings, change
from style_transfer.features import Features, distance, measure
from style_transfer.guard import keep_audible
from style_transfer.listen import Segment, cut, hear, telling_seconds
from style_transfer.master import fit_glue, fit_master_tone
from style_transfer.match import Desk, fit_strips, mixed
from style_transfer.practice import practice
from style_transfer.reference import Reference, ReferenceFile, StyleTarget, listen, target_of
from style_transfer.start import Values, current_values, is_free, practice_start, put
from style_transfer.suggestion import KIND, Refusal, Report, Suggestion

LEAST_TAMED_DB = 0.4
"""A compressor that brings loud and usual moments less than this together is left out."""
LEAST_MOVE = {"dB": 0.3, "": 0.02}
"""Moves under this, in the knob's unit, are not worth a change."""


def suggest(
    session: Session,
    folder: Path,
    references: Sequence[ReferenceFile],
    *,
    intensity: float = 100.0,
    loudness_lufs: float | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Suggestion:
    """Listen to the tracks and the references, and propose settings. The session is not changed.

    Args:
        folder: where the session's audio paths start.
        references: one or more songs that the mix should measure like.
        intensity: 0 to 100; how far to go from the session as it is. 0 proposes nothing.
        loudness_lufs: asked loudness of the mix; the session's own by default.
        seed: of the order in which segments are heard.

    Raises:
        UsageError: no reference, or an intensity or segment out of range.
        AudioError: a track or a reference cannot be used.
        SessionError: every track is silent, muted or too short.
    """
    if not references:
        raise UsageError("there is nothing to suggest from: give at least one reference")
    if not 0 <= intensity <= 100:
        raise UsageError(f"an intensity of {intensity:g} is out of range: use 0 to 100")
    loudness = session.loudness_lufs if loudness_lufs is None else LOUDNESS.check(loudness_lufs)
    rate = session.sample_rate
    known = _listen_to(references, rate, folder, span(progress, 0, 0.05))
    everything = hear(session, folder, span(progress, 0.05, 0.15))
    heard = [entry for entry in everything if entry.problem is None]
    if not heard:
        raise SessionError("no track can be heard: all are silent, muted or under half a second")
    seconds = telling_seconds(heard, rate)
    segments, order = cut(heard, seconds, rate, folder)
    desk = Desk(session, [heard[index] for index in order], current_values(session), rate)
    mix_before = _measure(session, folder, span(progress, 0.15, 0.25))
    tracks_before, _ = track_states(desk, segments)
    target = target_of(known, rate)
    start, found, refused = _search(desk, segments, target, seed, span(progress, 0.25, 0.7))
    refused += [Refusal(subject=e.track.id, reason=f"left alone: {e.problem}") for e in everything if e.problem]
    draft = _moved(session, found, intensity / 100)
    if intensity > 0:
        draft, more = _at_loudness(draft, folder, loudness, span(progress, 0.7, 0.9))
        refused += more
    mix_after = _measure(draft, folder, span(progress, 0.9, 1))
    desk.values = start
    practised, practised_shape = track_states(desk, segments)
    desk.values = current_values(draft)
    tracks_after, strips_shape = track_states(desk, segments)
    findings = Findings(
        {entry.track.id: entry for entry in heard},
        MixState(mix_before, tracks_before),
        practised,
        practised_shape,
        strips_shape,
        MixState(mix_after, tracks_after),
        target,
        start,
        loudness,
    )
    return Suggestion(
        changes=[change(findings, *move) for move in _moves(session, draft)],
        refused=refused,
        notes=_notes(session),
        report=_report(mix_before, mix_after, known),
        intensity=intensity,
        seed=seed,
        loudness_lufs=loudness,
        segments=[(start / rate, stop / rate) for start, stop in seconds],
        context=session.context.model_copy(update={"references": [reference.context for reference in known]}),
    )


def _listen_to(
    references: Sequence[ReferenceFile], sample_rate: int, folder: Path, progress: Progress
) -> list[Reference]:
    share = 1 / len(references)
    return [
        listen(file, sample_rate, folder, span(progress, index * share, (index + 1) * share))
        for index, file in enumerate(references)
    ]


def _measure(session: Session, folder: Path, progress: Progress) -> Features:
    progress(0.0, "measuring the mix")
    features = measure(
        mix_blocks(sources(session, folder), settings(session), session.sample_rate), session.sample_rate
    )
    progress(1.0, "measuring the mix")
    return features


def _search(
    desk: Desk, segments: Sequence[Segment], target: StyleTarget, seed: int, progress: Progress
) -> tuple[Values, Values, list[Refusal]]:
    """Where practice starts, what the search found, and what the guard did."""
    session = desk.session
    start = _made_up(desk, segments, practice_start(session, desk.heard))
    desk.values = start
    desk.values = fit_strips(desk, segments, target, seed, progress)
    desk.values, refused = keep_audible(desk)
    mixes = mixed(desk, segments)
    tone = fit_master_tone(desk, mixes, target)
    glue = fit_glue(desk, mixes, tone, target)
    found = desk.values
    put(session, found, "master", "equalizer", tone)
    put(session, found, "master", "compressor", glue)
    put(session, found, "master", "limiter", {"active": 1.0, "ceiling_db": practice().master.ceiling_db})
    return start, found, refused


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


def _moved(session: Session, found: Values, share: float) -> Session:
    """The session with its free knobs moved by a share of the way to where they were found."""
    edits = []
    for target, rows in found.items():
        for processor, knobs in rows.items():
            for knob, value in knobs.items():
                param, before = find(processor).param(knob), session.values(target)[processor][knob]
                after = _on_the_way(param, before, value, share)
                if abs(after - before) >= LEAST_MOVE.get(param.unit, 1e-6):
                    edits.append(_edit(session, target, processor, knob, after))
    return apply(session, edits, KIND, "draft")


def _on_the_way(param: Param, before: float, after: float, share: float) -> float:
    if share <= 0:
        return before
    if share >= 1 or param.scale == "switch":
        return after
    if param.scale == "db" and param.is_off(before) != param.is_off(after):  # from silence: by amplitude
        start, stop = (0.0 if param.is_off(value) else 10 ** (value / 20) for value in (before, after))
        return round(param.clamp(20 * math.log10(start + share * (stop - start))), 2)
    unit = param.to_unit(before) + share * (param.to_unit(after) - param.to_unit(before))
    return round(param.clamp(param.from_unit(unit)), 2)


def _edit(session: Session, target: str, processor: str, knob: str, value: float) -> Edit:
    address = f"{target}.{processor}.{knob}"
    before = session.knob(address).model_dump(mode="json")
    return Edit(address=address, before=before, after=Knob(value=value, source="prior").model_dump(mode="json"))


def _at_loudness(draft: Session, folder: Path, loudness: float, progress: Progress) -> tuple[Session, list[Refusal]]:
    """The draft with its master fader where the mix has the asked loudness."""
    if not is_free(draft, "master", "fader", "gain_db"):
        return draft, [Refusal(subject="master", reason="its fader is locked or yours, so the loudness was not set")]
    try:
        gain = loudness_gain(draft, folder, loudness, progress=progress)
    except UsageError as error:
        return draft, [Refusal(subject="mix", reason=str(error))]
    value = find("fader").param("gain_db").clamp(draft.values("master")["fader"]["gain_db"] + gain)
    return apply(draft, [_edit(draft, "master", "fader", "gain_db", round(value, 2))], KIND, "draft"), []


def _moves(session: Session, draft: Session) -> list[tuple[str, str, str, float, float]]:
    """Every knob that the draft has elsewhere: target, processor, knob, before, after; in the console's order."""
    moves = []
    for target in session.targets:
        old, new = session.values(target), draft.values(target)
        moves += [
            (target, processor, knob, old[processor][knob], value)
            for processor, knobs in new.items()
            for knob, value in knobs.items()
            if value != old[processor][knob]
        ]
    return moves


def _notes(session: Session) -> list[str]:
    notes = [
        "The reference was heard as a whole mix: its tone, width and dynamics are matched; the levels of its vocal, "
        "drums and bass, and how wet it is, cannot be read from it, so balance and sends follow practice for the "
        "roles of your tracks."
    ]
    guesses = [track.name for track in session.audible_tracks() if track.role_confidence < 0.5]
    if guesses:
        notes.append(
            f"The role of {', '.join(guesses[:4])}{' and others' if len(guesses) > 4 else ''} is a guess: "
            "set it (set TRACK.role=...) and ask again for a better balance."
        )
    return notes


def _report(before: Features, after: Features, known: Sequence[Reference]) -> Report:
    """Distances are means over the references, by their weights."""
    total = sum(reference.context.weight for reference in known)

    def far(mix: Features) -> float:
        parts = [distance(mix, reference.features).total_db * reference.context.weight for reference in known]
        return round(sum(parts) / total, 3)

    return Report(
        distance_before_db=far(before),
        distance_after_db=far(after),
        loudness_before_lufs=round(before.loudness_lufs, 2),
        loudness_after_lufs=round(after.loudness_lufs, 2),
        true_peak_after_db=round(after.true_peak_db, 2),
    )

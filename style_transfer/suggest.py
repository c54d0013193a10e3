"""The verb: a session and references in, a suggestion out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from mixer.edits import apply
from mixer.errors import UsageError
from mixer.knobs import Knob
from mixer.param import Param
from mixer.processor import find
from mixer.progress import Progress, silent, span
from mixer.render import loudness_gain
from mixer.session import LOUDNESS, Edit, Session
from style_transfer.evidence import MixState, track_states
from style_transfer.explain import Findings, change
from style_transfer.features import Features, distance
from style_transfer.reference import Reference, ReferenceFile
from style_transfer.search import Found, Listening, measure_mix, prepare, search
from style_transfer.start import Values, current_values, is_free
from style_transfer.suggestion import KIND, Refusal, Report, Suggestion

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
    if not 0 <= intensity <= 100:
        raise UsageError(f"an intensity of {intensity:g} is out of range: use 0 to 100")
    loudness = session.loudness_lufs if loudness_lufs is None else LOUDNESS.check(loudness_lufs)
    listening = prepare(session, folder, references, span(progress, 0, 0.25))
    found = search(listening, seed=seed, progress=span(progress, 0.25, 0.7))
    return _suggestion(listening, found, intensity, loudness, seed, span(progress, 0.7, 1))


def _suggestion(
    listening: Listening, found: Found, intensity: float, loudness: float, seed: int, progress: Progress
) -> Suggestion:
    """What was found, at its intensity and at the asked loudness, measured and explained."""
    session, folder, rate = listening.session, listening.folder, listening.session.sample_rate
    draft, refused = _moved(session, found.values, intensity / 100), list(found.refused)
    if intensity > 0:
        draft, more = _at_loudness(draft, folder, loudness, span(progress, 0, 0.7))
        refused += more
    mix_after = measure_mix(draft, folder, span(progress, 0.7, 1))
    tracks_before, _ = track_states(listening.desk(current_values(session)), listening.segments)
    practised, practised_shape = track_states(listening.desk(found.start), listening.segments)
    tracks_after, strips_shape = track_states(listening.desk(current_values(draft)), listening.segments)
    findings = Findings(
        {entry.track.id: entry for entry in listening.heard},
        MixState(listening.mix_before, tracks_before),
        practised,
        practised_shape,
        strips_shape,
        MixState(mix_after, tracks_after),
        listening.target,
        found.start,
        loudness,
    )
    references = [reference.context for reference in listening.references]
    return Suggestion(
        changes=[change(findings, *move) for move in _moves(session, draft)],
        refused=refused,
        notes=found.notes,
        report=_report(listening.mix_before, mix_after, listening.references),
        intensity=intensity,
        seed=seed,
        loudness_lufs=loudness,
        segments=[(start / rate, stop / rate) for start, stop in listening.seconds],
        context=session.context.model_copy(update={"references": references}),
    )


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

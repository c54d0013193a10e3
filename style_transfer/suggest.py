"""The verb: a session and references in, a suggestion out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixer.edits import apply
from mixer.progress import Progress, silent, span
from mixer.session import LOUDNESS, Context, Session
from style_transfer.achieved import achieved
from style_transfer.analysis import measure_mix
from style_transfer.brief import Brief
from style_transfer.choice import Choice, given_up
from style_transfer.clap.ears import Ears, open_ears
from style_transfer.clap.opinion import Opinion
from style_transfer.draft import at_loudness, moved, moves
from style_transfer.evidence import MixState, track_states
from style_transfer.explain import change
from style_transfer.features import Features, distance
from style_transfer.findings import Findings
from style_transfer.group_findings import group_findings
from style_transfer.intensity import Intensity
from style_transfer.prepare import Listening, prepare
from style_transfer.reference import Reference
from style_transfer.said import Said, read_prompt
from style_transfer.search import Found, search
from style_transfer.start import Values, current_values
from style_transfer.suggestion import Report, Suggestion
from style_transfer.summary import summarise


@dataclass(frozen=True, slots=True)
class Ask:
    """How the user wants it, beside what it should sound like."""

    intensity: Intensity
    choice: Choice
    freed: list[str]
    """Addresses of the user's own values that they gave up."""
    loudness_lufs: float
    seed: int
    said: Said
    ears: Ears | None

    def share(self, target: str, processor: str, knob: str) -> float:
        """How far a knob goes, 0 to 1."""
        chosen = f"{target}.{processor}.{knob}" in self.choice
        return self.intensity.share(target, processor) if chosen else 0.0


def suggest(session: Session, folder: Path, brief: Brief, progress: Progress = silent) -> Suggestion:
    """Listen to the tracks and the references, and propose settings. The session is not changed.

    Args:
        folder: where the session's audio paths start.

    Raises:
        UsageError: nothing to act on, an intensity or segment out of range, or a name that is not there.
        AudioError: a track or a reference cannot be used.
        SessionError: every track is silent, muted or too short.
        ModelError: a listener model was asked for and is not there.
    """
    opened, ask = asked(session, brief)
    listening = prepare(opened, folder, brief.references, brief.rough_mix, ask.said, span(progress, 0, 0.25))
    found = search(listening, seed=brief.seed, progress=span(progress, 0.25, 0.7), fast=brief.fast)
    return explained(listening, found, ask, span(progress, 0.7, 1))


def asked(session: Session, brief: Brief) -> tuple[Session, Ask]:
    """What the user asked for, checked before anything is heard, and the session with what they gave up set free."""
    amount = brief.intensity if isinstance(brief.intensity, Intensity) else Intensity(brief.intensity)
    choice = Choice.of(session, brief.only, brief.without)
    loudness = session.loudness_lufs if brief.loudness_lufs is None else LOUDNESS.check(brief.loudness_lufs)
    opened, freed = given_up(session, brief.free)
    said = read_prompt(brief.prompt, opened, confirm=brief.confirm)
    opened = apply(opened, said.edits, "set", "said")
    loudness += sum(wish.level_lu for wish in said.wishes if wish.place == "mix")
    if opened.loudness_lufs != session.loudness_lufs and brief.loudness_lufs is None:
        loudness = opened.loudness_lufs
    ears = open_ears(brief.clap, said)
    return opened, Ask(amount, choice, freed, LOUDNESS.clamp(loudness), brief.seed, said, ears)


def explained(listening: Listening, found: Found, ask: Ask, progress: Progress = silent) -> Suggestion:
    """What was found, as far as asked and at the asked loudness, measured and explained."""
    session, folder, rate = listening.session, listening.folder, listening.session.sample_rate
    by_words = found.values
    if ask.ears is not None and ask.ears.refine:
        found = ask.ears.refined(listening, found, span(progress, 0, 0.3))
        progress = span(progress, 0.3, 1)
    draft, refused = moved(session, found.values, ask.share), [*found.refused, *ask.said.refused]
    asked_for_a_mix = listening.references or listening.rough is not None or listening.wishes
    if ask.intensity.overall > 0 and asked_for_a_mix:
        draft, more = at_loudness(draft, folder, ask.loudness_lufs, ask.share, span(progress, 0, 0.7))
        refused += more
    measuring, mix_after = span(progress, 0.7, 1), listening.mix_before
    if draft is not session:
        mix_after = measure_mix(draft, folder, measuring).features()
    measuring(1.0, "measuring the mix")
    findings = _findings(listening, found, draft, mix_after, ask.loudness_lufs)
    changes = [change(findings, *move) for move in moves(session, draft)]
    seconds = [(start / rate, stop / rate) for start, stop in listening.seconds]
    references = [reference.context for reference in listening.references]
    rough_mix = None if listening.rough is None else listening.rough.context
    prompt = "" if ask.said.understood is None else ask.said.understood.text
    return Suggestion(
        changes=changes,
        refused=refused,
        notes=found.notes,
        summary=summarise(findings, changes, seconds),
        report=_report(listening.mix_before, mix_after, listening.references),
        intensity=ask.intensity,
        seed=ask.seed,
        loudness_lufs=ask.loudness_lufs,
        segments=seconds,
        freed=ask.freed,
        context=Context(references=references, rough_mix=rough_mix, prompt=prompt),
        recalled=found.recovered is not None,
        understood=ask.said.understood,
        said=list(ask.said.edits),
        achieved=achieved(listening, current_values(draft), mix_after),
        listener=_opinion(listening, ask, current_values(draft), refined=found.values != by_words),
    )


def _opinion(listening: Listening, ask: Ask, values: Values, *, refined: bool) -> Opinion | None:
    return None if ask.ears is None else ask.ears.opinion(listening, values, refined=refined)


def _findings(listening: Listening, found: Found, draft: Session, after: Features, loudness_lufs: float) -> Findings:
    tracks_before, _ = track_states(listening.desk(current_values(listening.session)), listening.segments)
    practised, practised_shape = track_states(listening.desk(found.start), listening.segments)
    tracks_after, strips_shape = track_states(listening.desk(current_values(draft)), listening.segments)
    return Findings(
        listening,
        found,
        {entry.track.id: entry for entry in listening.heard},
        MixState(listening.mix_before, tracks_before),
        practised,
        practised_shape,
        strips_shape,
        MixState(after, tracks_after),
        group_findings(listening, found, draft),
        current_values(draft),
        loudness_lufs,
    )


def _report(before: Features, after: Features, known: Sequence[Reference]) -> Report:
    """Distances are means over the references, by their weights."""
    total = sum(reference.context.weight for reference in known)

    def far(mix: Features) -> float | None:
        if not known:
            return None
        parts = [distance(mix, reference.features).total_db * reference.context.weight for reference in known]
        return round(sum(parts) / total, 3)

    return Report(
        distance_before_db=far(before),
        distance_after_db=far(after),
        loudness_before_lufs=round(before.loudness_lufs, 2),
        loudness_after_lufs=round(after.loudness_lufs, 2),
        true_peak_after_db=round(after.true_peak_db, 2),
    )

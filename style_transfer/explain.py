"""Why each knob was moved: the change with where it came from, its words and its evidence."""

from __future__ import annotations

from mixer.processor import Aspect, find
from style_transfer.findings import Findings, Move
from style_transfer.grounds import ground
from style_transfer.suggestion import Change, Origin
from style_transfer.words import move_text


def change(findings: Findings, target: str, processor: str, knob: str, before: float, after: float) -> Change:
    """One change, explained."""
    param = find(processor).param(knob)
    origin = _origin(findings, target, processor, knob, before, after)
    move = Move(findings, target, processor, param, before, after, origin)
    evidence, because = ground(move)
    if words := findings.found.words.get(f"{target}.{processor}.{knob}"):
        because = f"you asked for it ({words})"
    return Change(
        target=target,
        name=move.heard.track.name if move.on_a_track else target.capitalize(),
        processor=processor,
        knob=knob,
        before=before,
        after=after,
        source=origin,
        move=move_text(processor, param, before, after, move.band_hz if processor == "equalizer" else 0.0),
        because=because,
        evidence=evidence,
    )


def _origin(findings: Findings, target: str, processor: str, knob: str, before: float, after: float) -> Origin:
    """What moved the knob: a rough mix that is kept, else the reference or practice, whichever moved it further."""
    rough, aspect = findings.listening.rough, find(processor).aspect
    if f"{target}.{processor}.{knob}" in findings.found.words:
        return "prompt"
    if findings.found.recovered is not None:
        return "prior" if processor == "limiter" else "reference"
    if rough is not None and target in rough.tracks and aspect in rough.keeps and aspect in (Aspect.LEVEL, Aspect.PAN):
        return "rough_mix"
    if target not in findings.heard:
        return "prior" if processor in ("limiter", "reverb") else "reference"
    start = findings.found.start[target][processor][knob]
    return "reference" if abs(after - start) > abs(start - before) else "prior"

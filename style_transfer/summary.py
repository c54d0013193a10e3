"""A suggestion in sentences: what the mix was, what it was to become, what was moved, and what still differs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from mixer.processor import Aspect
from mixer.session import Session
from style_transfer.choice import kept_names
from style_transfer.features import EDGES_HZ, Features, Shape
from style_transfer.findings import Findings
from style_transfer.practice import practice
from style_transfer.reference import PART_S, Reference
from style_transfer.stems import Presence
from style_transfer.suggestion import Change, Summary
from style_transfer.words import clock, group_words, hertz, listed

REGIONS = {
    "lows": (20, 200),
    "low mids": (200, 630),
    "mids": (630, 2320),
    "presence": (2320, 7700),
    "air": (7700, 20000),
}
"""What producers call the parts of the spectrum, in Hz; the edges are those of bands."""
TOLD_DB = 1.0
"""Differences of tone under this are not told."""
TOLD_WIDTH_DB = 1.5
TOLD_CREST_DB = 1.5
TOLD_LOUDNESS_LU = 0.3
TOLD_GROUP_LU = 1.0


def summarise(findings: Findings, changes: Sequence[Change], segments: Sequence[tuple[float, float]]) -> Summary:
    """The summary of these changes.

    Args:
        segments: of the session's tracks, start and end in seconds.
    """
    references = findings.listening.references
    return Summary(
        was=_was(findings),
        wanted=[*map(_wanted, references), *_old_mixes(findings)],
        moved=[line for line in (tell(changes) for tell in _TOLD) if line],
        kept=_kept(findings.listening.session),
        unmatched=_unmatched(findings),
        heard=_heard(segments, references),
    )


def _was(findings: Findings) -> list[str]:
    mix, target = findings.before.mix, findings.target.shape
    lines = [f"The mix stood at {_measured(mix)}."]
    if target is not None and math.isfinite(mix.loudness_lufs):
        apart = tone_apart(mix.shape(), target)
        if apart:
            lines.append(f"Against {findings.them}, as loud, it had {listed(apart)}.")
    groups = [
        f"{found.name} {abs(off):.1f} LU {'below' if off < 0 else 'above'} those of {found.whose}"
        for found in findings.groups
        if abs(off := found.now_lu - found.target.level_lu) >= TOLD_GROUP_LU
    ]
    return [*lines, f"It had its {listed(groups)}."] if groups else lines


def _measured(mix: Features) -> str:
    if not math.isfinite(mix.loudness_lufs):
        return "silence"
    sides = "in mono" if mix.width_db < -29 else f"its sides {-mix.width_db:.1f} dB under the middle"
    return f"{mix.loudness_lufs:.1f} LUFS, peaks {mix.crest_db:.1f} dB over that, {sides}"


def _wanted(reference: Reference) -> str:
    name = reference.context.name
    if reference.context.segment is not None:
        start, stop = reference.context.segment
        name += f" ({clock(start)}-{clock(stop)})"
    for_what = [role.replace("_", " ") for role in reference.context.roles]
    line = f"{name}{f', for {listed(for_what)}' if for_what else ''}: {_measured(reference.features)}."
    levels = [
        f"{group_words(said.groups)} {-said.level_lu:.1f} LU under the whole"
        for said in reference.groups
        if said.level_lu is not None and said.presence != Presence.ABSENT
    ]
    untold = [
        f"no {group_words(said.groups)}" if said.presence == Presence.ABSENT else f"{group_words(said.groups)} unknown"
        for said in reference.groups
        if said.level_lu is None or said.presence == Presence.ABSENT
    ]
    return " ".join([line, *([f"In it, {listed([*levels, *untold], most=6)}."] if levels or untold else [])])


def _old_mixes(findings: Findings) -> list[str]:
    """What a rough mix gave, and what is left of a mix of these very tracks."""
    rough, recovered = findings.listening.rough, findings.found.recovered
    lines = []
    if rough is not None:
        kept = listed(sorted(aspect.value for aspect in rough.keeps))
        tracks = f"{len(rough.tracks)} of {len(findings.heard)} tracks"
        lines.append(f"{rough.context.name}, a rough mix: {kept} kept, {tracks} found in it.")
    if recovered is not None:
        lines.append(f"It is a mix of these tracks; settings that come within {recovered.residual_db:.0f} dB of it.")
    return lines


def tone_apart(mix: Shape, target: Shape) -> list[str]:
    """Regions in which a mix differs from a target at the same loudness, most first: ``2.1 dB more lows``."""
    apart: dict[str, float] = {}
    for name, (low, high) in REGIONS.items():
        rows = slice(EDGES_HZ.index(low), EDGES_HZ.index(high))
        levels = [float((10 ** (shape.mid_db[rows] / 10)).sum().log10() * 10) for shape in (mix, target)]
        apart[name] = levels[0] - levels[1]
    told = sorted((name for name in apart if abs(apart[name]) >= TOLD_DB), key=lambda name: -abs(apart[name]))
    return [
        f"{abs(apart[name]):.1f} dB {'more' if apart[name] > 0 else 'less'} {name} ({_span(name)})" for name in told
    ]


def _span(region: str) -> str:
    low, high = REGIONS[region]
    return f"below {hertz(high)}" if low == 20 else f"above {hertz(low)}" if high == 20000 else f"{low}-{high} Hz"


def _of(changes: Sequence[Change], aspect: Aspect) -> list[Change]:
    return [change for change in changes if change.aspect == aspect]


def _levels(changes: Sequence[Change]) -> str:
    faders = [change for change in _of(changes, Aspect.LEVEL) if change.target != "master"]
    faders.sort(key=lambda change: -abs(change.after - change.before))
    return f"Levels: {listed([f'{change.name} {change.move}' for change in faders])}." if faders else ""


def _pans(changes: Sequence[Change]) -> str:
    pans = sorted(_of(changes, Aspect.PAN), key=lambda change: -abs(change.after - change.before))
    return f"Panning: {listed([f'{change.name} {change.move}' for change in pans])}." if pans else ""


def _tone(changes: Sequence[Change]) -> str:
    bands = [change for change in _of(changes, Aspect.EQ) if change.knob.endswith("gain_db")]
    bands.sort(key=lambda change: -abs(change.after - change.before))
    passes = sorted({change.name for change in changes if change.knob == "highpass_hz"})
    said = [f"{change.name} {change.move.removeprefix('EQ ')}" for change in bands]
    parts = [listed(said, most=4)] if said else []
    return (
        f"EQ: {'; '.join([*parts, *([f'high-passes on {listed(passes)}'] if passes else [])])}."
        if said or passes
        else ""
    )


def _dynamics(changes: Sequence[Change]) -> str:
    names = list(dict.fromkeys(change.name for change in changes if change.processor == "compressor"))
    limiter = [change.move for change in changes if (change.processor, change.knob) == ("limiter", "active")]
    parts = [f"compression on {listed(names)}"] if names else []
    return f"Dynamics: {'; '.join([*parts, *limiter])}." if parts or limiter else ""


def _space(changes: Sequence[Change]) -> str:
    sends = [f"{change.name} at {change.param.show(change.after)}" for change in changes if change.processor == "send"]
    return f"Reverb sends: {listed(sends)}." if sends else ""


_TOLD: tuple[Callable[[Sequence[Change]], str], ...] = (_levels, _pans, _tone, _dynamics, _space)


def _kept(session: Session) -> list[str]:
    names = kept_names(session)
    return [f"Locked or yours, so left as you have it: {listed(names, most=8)}."] if names else []


def _unmatched(findings: Findings) -> list[str]:
    mix, target = findings.after.mix, findings.target
    lines = []
    if target.shape is not None:
        apart = tone_apart(mix.shape(), target.shape)
        if apart:
            lines.append(f"Against {findings.them} there is still {listed(apart)}.")
        width = mix.width_db - float(target.shape.width_db)
        if abs(width) >= TOLD_WIDTH_DB:
            lines.append(f"The sides are still {abs(width):.1f} dB {'stronger' if width > 0 else 'weaker'} than there.")
    if target.dynamics is not None and abs(mix.crest_db - target.dynamics.crest_db) >= TOLD_CREST_DB:
        crest = mix.crest_db - target.dynamics.crest_db
        lines.append(
            f"Peaks stand {abs(crest):.1f} dB {'higher' if crest > 0 else 'lower'} over the loudness than there."
        )
    for found in findings.groups:
        off, tolerance = found.becomes_lu - found.target.level_lu, found.target.said.level_tolerance_lu
        if abs(off) >= max(TOLD_GROUP_LU, tolerance):
            where = "below" if off < 0 else "above"
            lines.append(f"The {found.name} stay {abs(off):.1f} LU {where} those of {found.whose} (±{tolerance:.1f}).")
    if abs(mix.loudness_lufs - findings.loudness_lufs) >= TOLD_LOUDNESS_LU:
        lines.append(f"The mix is at {mix.loudness_lufs:.1f} LUFS; {findings.loudness_lufs:g} was asked for.")
    if mix.true_peak_db > practice().master.ceiling_db + 0.1:
        lines.append(f"True peaks reach {mix.true_peak_db:.1f} dBTP: the limiter is off.")
    return lines


def _heard(segments: Sequence[tuple[float, float]], references: Sequence[Reference]) -> list[str]:
    spans = [f"{clock(start)}-{clock(math.ceil(stop))}" for start, stop in segments]
    lines = [f"Of your tracks, all were heard from end to end; the moves rest on {listed(spans)}."]
    for reference in references:
        start, stop = reference.part
        part = f"{clock(start)}-{clock(stop)}"
        if reference.context.segment is None:
            part += ", in which most of it plays at once" if stop - start >= PART_S - 1 else ", all of it"
        lines.append(f"Of {reference.context.name}, {part}.")
    return list(dict.fromkeys(lines))

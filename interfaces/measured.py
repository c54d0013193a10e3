"""What ``analyze`` and ``compare`` found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from interfaces.opened import Opened, open_session
from interfaces.output import line, number, table
from mixer.arrays import F64
from mixer.errors import UsageError
from mixer.progress import Progress, span
from mixer.render import sources
from mixer.session import Session
from style_transfer.analysis import Analysis, Tap, measure_file, measure_sources, tonal_centre_hz
from style_transfer.features import Features, distance
from style_transfer.masking import Activity, Part
from style_transfer.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Source:
    """What a mix was made of."""

    session: Session
    folder: Path
    parts: tuple[Part, ...]
    """In which, together, all tracks are heard."""


@dataclass(frozen=True, slots=True)
class Listened:
    """One side of a comparison."""

    path: Path
    sample_rate: int
    features: Features
    short_term_lufs: F64
    """Loudness of each whole 3 s, one every 100 ms."""
    timeline: Timeline
    sound: Path | None = None
    """Where it can be listened to."""
    source: Source | None = None
    """The session that it is a mix of."""

    @property
    def centre_hz(self) -> float:
        return tonal_centre_hz(self.features, self.sample_rate)


def is_session(path: Path) -> bool:
    """Whether a path names a session rather than an audio file."""
    return path.is_dir() or path.suffix.lower() == ".json"


def listen_to(path: Path, progress: Progress, *, keep: Path | None = None) -> Listened:
    """An audio file, or the mix of a session, from end to end.

    Args:
        keep: a WAV that a session's mix is written to, so that it can be listened to afterwards.
    """
    if is_session(path):
        opened = open_session(path)
        opened.check_audio(span(progress, 0, 0.1))
        heard = listen_to_mix(opened.session, opened.folder, span(progress, 0.1, 1), keep=keep)
        return replace(heard, path=path)
    from mixer import audio

    rate = audio.probe(path).sample_rate
    line = Timeline(rate)
    measured = measure_file(path, progress, [line.push])
    return Listened(path, rate, measured.features(), measured.meter.short_term, line, sound=path)


def listen_to_mix(session: Session, folder: Path, progress: Progress, *, keep: Path | None = None) -> Listened:
    """The mix of a session, from end to end; see ``listen_to``."""
    from mixer import audio

    rate = session.sample_rate
    activity, line = Activity(rate), Timeline(rate)
    tracks = [activity.tapped(source) for source in sources(session, folder)]
    with audio.Writer(keep, rate, 2, "float") if keep else nullcontext() as writer:
        taps: list[Tap] = [line.push] if writer is None else [line.push, writer.write]
        measured = measure_sources(session, tracks, progress, taps)
    return Listened(
        Path(session.name),
        rate,
        measured.features(),
        measured.meter.short_term,
        line,
        sound=keep,
        source=Source(session, folder, tuple(activity.parts())),
    )


def checked_report(report: Path, sides: tuple[Path, Path], *, force: bool) -> None:
    """UsageError where a report would take the place of something else."""
    if report.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"{report}: the report is a page: end its name in .html")
    if any(report.resolve() == side.resolve() for side in sides):
        raise UsageError(f"{report}: is one of the two that are compared; choose another name")
    if report.exists() and not force:
        raise UsageError(f"{report}: is there already; --force replaces it")


def balance_text(imbalance: float) -> str:
    """Where the weight lies between left and right.

    >>> balance_text(-0.034), balance_text(0.0)
    ('3 % left', 'centred')
    """
    percent = round(100 * abs(imbalance))
    return f"{percent} % {'left' if imbalance < 0 else 'right'}" if percent else "centred"


def _ranges(features: Features) -> str:
    return " · ".join(number(level, digits=1) for level in features.ranges_db) + " dB"


def rows_of(features: Features, sample_rate: int) -> list[tuple[str, str]]:
    """What is measured on a mix, as name and figure."""
    heard = features.loudness_lufs > float("-inf")
    return [
        ("Loudness", number(features.loudness_lufs, "LUFS")),
        ("Loudness range", number(features.loudness_range_lu, "LU")),
        ("True peak", number(features.true_peak_db, "dBTP")),
        ("Crest (true peak over loudness)", number(features.crest_db if heard else None, "dB")),
        ("Loud moments, 0.1 · 0.4 · 3 s", _ranges(features) if heard else "–"),
        ("Tonal centre", number(tonal_centre_hz(features, sample_rate), "Hz", 0)),
        ("Width (side over mid)", number(features.width_db if heard else None, "dB")),
        ("Balance", balance_text(features.imbalance) if heard else "–"),
        ("Length", number(features.seconds, "s")),
    ]


def _document(features: Features, sample_rate: int) -> dict[str, Any]:
    return asdict(features) | {"tonal_centre_hz": tonal_centre_hz(features, sample_rate)}


def analysis_document(opened: Opened, analysis: Analysis) -> Mapping[str, Any]:
    """An analysis as JSON tells it."""
    rate = opened.session.sample_rate
    tracks = [
        {
            "id": entry.track.id,
            "name": entry.track.name,
            "role": entry.track.role.value,
            "audible": entry.audible,
            "features": _document(entry.features, rate),
        }
        for entry in analysis.tracks
    ]
    mix = None if analysis.mix is None else _document(analysis.mix, rate)
    return {"session": str(opened.path), "tracks": tracks, "mix": mix}


def print_analysis(opened: Opened, analysis: Analysis) -> None:
    """The tracks as recorded in one table, the mix as it stands in another."""
    rate = opened.session.sample_rate
    rows = []
    for entry in analysis.tracks:
        features = entry.features
        heard = features.loudness_lufs > float("-inf")
        rows.append(
            (
                entry.track.name + ("" if entry.audible else " (not in the mix)"),
                entry.track.role.value,
                number(features.loudness_lufs, "LUFS"),
                number(features.true_peak_db, "dBTP"),
                number(features.crest_db if heard else None, "dB"),
                number(tonal_centre_hz(features, rate), "Hz", 0),
            )
        )
    columns = ("Track", "Role", "Loudness", "True peak", "Crest", "Tonal centre")
    table(columns, rows, right=columns[2:], title=f"{opened.session.name}: the tracks as recorded")
    if analysis.mix is None:
        line("all tracks are muted: there is no mix")
    else:
        table(("The mix as it stands", ""), rows_of(analysis.mix, rate), right=("",))


def compare_document(a: Listened, b: Listened, report: Path | None) -> Mapping[str, Any]:
    """A comparison as JSON tells it."""
    apart = distance(a.features, b.features)
    sides = {
        name: {
            "path": str(side.path),
            "sample_rate": side.sample_rate,
            "features": _document(side.features, side.sample_rate),
        }
        for name, side in (("a", a), ("b", b))
    }
    distances = asdict(apart) | {"total_db": apart.total_db}
    return sides | {"distance": distances, "report": None if report is None else str(report)}


def distance_rows(a: Listened, b: Listened) -> list[tuple[str, str]]:
    """How far two mixes are apart at the same loudness, as name and figure."""
    apart = distance(a.features, b.features)
    return [
        ("Tone (mid)", number(apart.mid_db, "dB")),
        ("Tone of the sides", number(apart.side_db, "dB")),
        ("Width", number(apart.width_db, "dB")),
        ("Balance", f"{100 * apart.imbalance:.0f} %"),
        ("Crest", number(apart.crest_db, "dB")),
        ("Loud moments", number(apart.ranges_db, "dB")),
        ("Distance in all", number(apart.total_db, "dB")),
    ]


def print_comparison(a: Listened, b: Listened, report: Path | None) -> None:
    """Both side by side, and how far they are apart."""
    pairs = zip(rows_of(a.features, a.sample_rate), rows_of(b.features, b.sample_rate), strict=True)
    rows = [(name, one, other) for (name, one), (_, other) in pairs]
    table(("", f"A: {a.path}", f"B: {b.path}"), rows, right=(f"A: {a.path}", f"B: {b.path}"))
    table(("At the same loudness, apart by", ""), distance_rows(a, b), right=("",))
    if report is not None:
        line(f"report: {report}")

"""What ``batch`` does around the work itself: what is asked is checked, progress and results are told."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from interfaces.batch.catalogue import Job, Wish
from interfaces.batch.pool import Crew, run
from interfaces.batch.results import CSV, PARQUET, Row, arrow_modules, kept, row_file, write_tables
from interfaces.batch.work import STEMS
from interfaces.output import line, number, say, table
from mixer.errors import AudioError, UsageError
from mixer.progress import Progress
from mixer.session import LOUDNESS
from mixer.session_file import FILE_NAME
from separation.registry import about_separator

INTERRUPTED = 130


def batched(jobs: Sequence[Job], output: Path, crew: Crew, *, force: bool, progress: Progress) -> list[Row]:
    """Do the jobs and write the tables, also of what was done before an interrupt.

    Raises:
        UsageError: the output is a file, or one of the songs; there is no such separator or loudness.
        ModelError: Ray or pyarrow is not installed.
        SystemExit: 130, after an interrupt.
    """
    _check_output(jobs, output)
    _check_wish(jobs[0].wish)
    arrow_modules()  # before hours of work rather than after them
    if force:
        for job in jobs:
            shutil.rmtree(output / job.song.id / STEMS, ignore_errors=True)
            (output / job.song.id / FILE_NAME).unlink(missing_ok=True)
            row_file(output, job).unlink(missing_ok=True)
    progress(0.0, f"starting {min(crew.size, len(jobs))} workers")

    def tell(row: Row, left: int) -> None:
        done = len(jobs) - left
        said = f"{row.song} after {row.reference}: {row.status}"
        progress(done / len(jobs), f"{done}/{len(jobs)} {said}")

    try:
        rows = run(jobs, output, crew, tell)
    except KeyboardInterrupt:
        found = [row for job in jobs if (row := kept(output, job)) is not None]
        if found:
            write_tables(output, found)
        say(f"interrupted: {len(found)} of {len(jobs)} are done and stay so; run the same again to go on")
        raise SystemExit(INTERRUPTED) from None
    write_tables(output, rows)
    return rows


def check_done(rows: Sequence[Row], output: Path) -> None:
    """AudioError that names the songs that failed, if any did."""
    lost = [row for row in rows if row.status == "failed"]
    if lost:
        said = "; ".join(f"{row.song} after {row.reference}: {row.error.partition(';')[0]}" for row in lost[:3])
        more = f"; and {len(lost) - 3} more" if len(lost) > 3 else ""
        raise AudioError(
            f"{len(lost)} of {len(rows)} could not be mixed ({said}{more}): the others are done, see {output / CSV}"
        )


def results_document(rows: Sequence[Row], output: Path) -> Mapping[str, Any]:
    """The table as JSON tells it."""
    files = {"csv": str(output / CSV), "parquet": str(output / PARQUET)}
    return {"output": str(output), **files, "results": [asdict(row) for row in rows]}


def print_results(rows: Sequence[Row], output: Path) -> None:
    """The table, and where it is."""
    shown = [
        (
            row.song,
            row.reference,
            row.status,
            str(row.changes),
            number(row.distance_before_db, "dB"),
            number(row.distance_after_db, "dB"),
            number(row.loudness_lufs, "LUFS"),
            f"{row.seconds:.1f} s",
        )
        for row in rows
    ]
    columns = ("Song", "After", "", "Changes", "Before", "Now", "Loudness", "Took")
    table(columns, shown, right=columns[3:])
    for row in rows:
        if row.error:
            line(f"failed: {row.song} after {row.reference}: {row.error}")
    line(f"wrote {output / CSV} and {output / PARQUET}")


def _check_wish(wish: Wish) -> None:
    """UsageError now rather than from every song."""
    if wish.separator:
        about_separator(wish.separator)
    if wish.loudness_lufs is not None:
        LOUDNESS.check(wish.loudness_lufs)


def _check_output(jobs: Sequence[Job], output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output}: is a file; name a folder for the results")
    place = output.resolve()
    for job in jobs:
        source = job.song.path.resolve()
        source = source if source.is_dir() else source.parent
        if place == source or source.is_relative_to(place / job.song.id):
            raise UsageError(f"{output}: the song {job.song.path} lies there; choose another folder for the results")

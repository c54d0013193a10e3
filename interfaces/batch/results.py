"""What came of each job, kept beside its mix as soon as it is known; and all of it as one table."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from interfaces.batch.catalogue import Job
from interfaces.files import write_text
from mixer.errors import ModelError

CSV, PARQUET = "results.csv", "results.parquet"
_STATUSES = ("done", "failed")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        key: of the job (``Job.key``): what was done is known by it.
        error: one line; empty where it was done.
        distance_before_db: to the reference, as ``faderwise suggest`` reports it; None where there is none.
        memory_mb: the most that the worker has held, this job and those before.
        session: relative to the output folder; so is ``mix``.
    """

    song: str
    reference: str
    status: Literal["done", "failed"]
    error: str
    kind: str
    tracks: int
    changes: int
    distance_before_db: float | None
    distance_after_db: float | None
    loudness_lufs: float | None
    true_peak_db: float | None
    seconds: float
    memory_mb: float
    worker: str
    session: str
    mix: str
    key: str


def failed(job: Job, error: str, seconds: float = 0.0, worker: str = "") -> Row:
    """The row of a job that came to nothing."""
    return Row(
        song=job.song.id,
        reference=job.name,
        status="failed",
        error=error,
        kind=job.song.kind,
        tracks=0,
        changes=0,
        distance_before_db=None,
        distance_after_db=None,
        loudness_lufs=None,
        true_peak_db=None,
        seconds=round(seconds, 2),
        memory_mb=0.0,
        worker=worker,
        session="",
        mix="",
        key=job.key,
    )


def row_file(output: Path, job: Job) -> Path:
    """Where a job's row lies: beside its mix."""
    return output / job.song.id / f"{job.name}.result.json"


def keep(output: Path, job: Job, row: Row) -> None:
    """Write a job's row, whole or not at all; from then on the job is done."""
    path = row_file(output, job)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(asdict(row), indent=2, ensure_ascii=False) + "\n")


def kept(output: Path, job: Job) -> Row | None:
    """A job's row from before; None where there is none, it is damaged, or it belongs to another wish."""
    try:
        row = Row(**json.loads(row_file(output, job).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return row if row.key == job.key and row.status in _STATUSES else None


def write_tables(output: Path, rows: Sequence[Row]) -> tuple[Path, Path]:
    """All rows as CSV and as Parquet; returns where they are.

    Raises:
        ModelError: pyarrow is not installed.
    """
    columns = [field.name for field in fields(Row)]
    dicts: list[Mapping[str, Any]] = [asdict(row) for row in rows]
    plain = output / f".{CSV}"
    with plain.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(dicts)
    plain.replace(output / CSV)
    arrow, parquet = arrow_modules()
    kinds = {"int": arrow.int64(), "float": arrow.float64(), "float | None": arrow.float64()}
    schema = arrow.schema([(field.name, kinds.get(str(field.type), arrow.string())) for field in fields(Row)])
    packed = output / f".{PARQUET}"
    parquet.write_table(arrow.Table.from_pylist(dicts, schema=schema), packed)
    packed.replace(output / PARQUET)
    return output / CSV, output / PARQUET


def arrow_modules() -> tuple[Any, Any]:
    """pyarrow and its Parquet part; ModelError where it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError:
        raise missing_extra("pyarrow") from None
    return pyarrow, pyarrow.parquet


def missing_extra(package: str) -> ModelError:
    """The one line that says how to get what a batch stands on."""
    return ModelError(f"batch needs {package}, which is not installed: pip install 'faderwise[batch]'")

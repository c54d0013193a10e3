"""Arguments and options that several verbs share, so that they read the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

SessionPath = Annotated[
    Path, typer.Argument(metavar="SESSION", help="A session file, or the folder that it lies in.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would come of it; save nothing.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say each stage of the work on stderr.")]
Threads = Annotated[
    int | None, typer.Option("--threads", min=1, metavar="N", help="Processor threads; all cores by default.")
]

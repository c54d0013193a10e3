"""``params`` and ``doctor``: what there is to set, and whether this machine can run it."""

from __future__ import annotations

from typing import Annotated

import typer

from interfaces.commands.options import Json


def params(
    processor: Annotated[
        str | None, typer.Argument(metavar="PROCESSOR", help="One processor; all by default.", show_default=False)
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print it as Markdown, as docs/params.md has it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the processors and their knobs."""
    from interfaces.output import json_document, write
    from interfaces.reference_docs import chosen, params_document, params_markdown, print_params

    entries = chosen(processor)
    if as_json:
        json_document(params_document(entries))
    elif markdown:
        write(params_markdown(entries))
    else:
        print_params(entries)


def doctor(as_json: Json = False) -> None:
    """Check that this machine has what Faderwise needs.

    Versions, caches, audio formats, disk space, and a second of sound on both paths.
    """
    from interfaces.checks import all_checks, checks_document, print_checks
    from interfaces.output import json_document
    from mixer.errors import CheckError

    checks = all_checks()
    if as_json:
        json_document(checks_document(checks))
    else:
        print_checks(checks)
    failed = [check.name for check in checks if check.state == "fail"]
    if failed:
        raise CheckError(
            f"{len(failed)} of {len(checks)} checks failed ({', '.join(failed)}): the table says what to do"
        )

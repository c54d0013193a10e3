"""The command ``faderwise``: runs a verb and turns what goes wrong into one line on stderr and an exit code.

0 done · 1 a bug · 2 usage · 3 bad audio or session · 4 model absent · 5 a check failed · 130 interrupted
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (``sys.argv`` by default) and return its exit code."""
    heed = signal.getsignal(signal.SIGINT)
    try:
        _never_fail_to_print()
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except KeyboardInterrupt:
        return _interrupted()
    finally:
        signal.signal(signal.SIGINT, heed)  # a verb that was about to save ignores it


def _run(arguments: list[str]) -> int:
    from interfaces.app import command
    from interfaces.output import say
    from mixer.errors import FaderwiseError

    try:
        code = command()(arguments, prog_name="faderwise", standalone_mode=False)
    except FaderwiseError as error:
        say(f"faderwise: {error}")
        return error.exit_code
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        say(f"faderwise: {place}{error.strerror or error}; free the way (disk, rights, path) and try again")
        return 3
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    except Exception as error:
        usage = _usage_problem(error, arguments)
        if usage is None:
            return _bug(error)
        say(f"faderwise: {usage}")
        return 2
    return _interrupted() if code == INTERRUPTED else int(code or 0)


def _usage_problem(error: Exception, arguments: Sequence[str]) -> str | None:
    """What typer has to say about the arguments; None where the error is not about them."""
    explain = getattr(error, "format_message", None)
    if explain is None:
        return None
    from interfaces.app import verbs

    verb = next((word for word in arguments if word in verbs()), "")
    said = " ".join(str(explain()).split()).rstrip(".")
    return f"{said[:1].lower()}{said[1:]}; see `{' '.join(('faderwise', *([verb] if verb else []), '--help'))}`"


def _bug(error: Exception) -> int:
    from interfaces.output import say

    if os.environ.get("FADERWISE_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    say(
        f"faderwise: this is a bug ({what}); please report it, with what FADERWISE_DEBUG=1 prints and how you got there"
    )
    return 1


def _interrupted() -> int:
    print("interrupted, nothing was changed", file=sys.stderr)
    return INTERRUPTED


def _never_fail_to_print() -> None:
    """Names of files may hold bytes that are no text, and a terminal may know ASCII alone: print escapes then.

    A stream that was closed (``>&-``) takes what is printed without a word.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - it stays open as long as the program
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def point_of_no_return() -> None:
    """From here on an interrupt is ignored: what follows is quick, and half of it would be a lie to the user."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:
        return  # only the main thread is interrupted


if __name__ == "__main__":
    sys.exit(main())

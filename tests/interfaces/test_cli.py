"""The frame around the verbs: help, exit codes, errors in one line, interrupts, pipes, and what is imported when."""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from interfaces.app import command, verbs
from mixer import errors
from mixer.session import Session
from mixer.session_file import load, save
from tests.interfaces.conftest import Faderwise

HEAVY = ("torch", "numba", "scipy", "numpy", "transformers", "gradio", "pydantic", "soundfile", "dasp_pytorch")
HELP_S = 0.5
PROGRAM = (sys.executable, "-m", "interfaces.cli")
SENTENCE = "the kick is upside down: turn it round"


@pytest.mark.parametrize("verb", verbs())
def test_help_shows_an_example_that_parses(faderwise: Faderwise, verb: str) -> None:
    ran = faderwise(verb, "--help")
    example = verbs()[verb]
    assert ran.code == 0
    assert f"Example: {example}" in " ".join(ran.out.split())
    program, said, *arguments = shlex.split(example)
    assert (program, said) == ("faderwise", verb)
    command().commands[verb].make_context(verb, arguments)


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_prints_json_if_asked(faderwise: Faderwise, verb: str) -> None:
    assert "--json" in faderwise(verb, "--help").out


def test_without_arguments_it_lists_the_verbs(faderwise: Faderwise) -> None:
    ran = faderwise()
    assert ran.code == 0
    assert [verb for verb in verbs() if verb not in ran.out] == []


def test_version(faderwise: Faderwise) -> None:
    ran = faderwise("--version")
    assert (ran.code, ran.out.split()[0]) == (0, "faderwise")


def test_help_is_quick_and_imports_nothing_heavy() -> None:
    listing = "import sys; from interfaces.cli import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert set(HEAVY) & set(ran.stderr.split()) == set()
    # processor time, because what the machine does beside is not ours
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < HELP_S


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("remix",), "no such command 'remix'"),
        (("new",), "missing argument 'FOLDER'; see `faderwise new --help`"),
        (("render", "song"), "missing option '--output' / '-o'; see `faderwise render --help`"),
        (("undo", "song", "--steps", "0"), "invalid value for '--steps'"),
        (("undo", "song", "--steps", "two"), "see `faderwise undo --help`"),
        (("diff", "a", "b", "c"), "see `faderwise diff --help`"),
        (("params", "--colour"), "no such option: --colour"),
        (("suggest", "song", "--choose", "0"), "invalid value for '--choose'"),
    ],
)
def test_wrong_usage_is_one_line(faderwise: Faderwise, arguments: tuple[str, ...], said: str) -> None:
    ran = faderwise(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError(SENTENCE), 2),
        (errors.AudioError(SENTENCE), 3),
        (errors.SessionError(SENTENCE), 3),
        (errors.ModelError(SENTENCE), 4),
        (errors.CheckError(SENTENCE), 5),
    ],
)
def test_each_error_has_its_exit_code(
    faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int
) -> None:
    _failing(monkeypatch, error)
    ran = faderwise("analyze", "song")
    assert (ran.code, ran.out, ran.error) == (code, "", f"faderwise: {SENTENCE}")


def test_an_error_stays_one_line_whatever_a_file_is_called(
    faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch
) -> None:
    _failing(monkeypatch, errors.AudioError("new\nline\x1b[31m.wav: is broken"))
    assert faderwise("analyze", "song").error == "faderwise: new line [31m.wav: is broken"


def test_the_system_says_no(faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch) -> None:
    _failing(monkeypatch, OSError(28, "No space left on device", "/tmp/premaster.wav"))
    ran = faderwise("analyze", "song")
    assert (ran.code, ran.error[:57]) == (3, "faderwise: /tmp/premaster.wav: No space left on device; f")


def test_a_bug_asks_to_be_reported(faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FADERWISE_DEBUG", raising=False)
    _failing(monkeypatch, ZeroDivisionError("float division\nby zero"))
    ran = faderwise("analyze", "song")
    assert ran.code == 1
    assert ran.error.startswith("faderwise: this is a bug (ZeroDivisionError: float division by zero); please report")


def test_a_bug_shows_where_it_is_if_asked(faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FADERWISE_DEBUG", "1")
    _failing(monkeypatch, ZeroDivisionError("float division by zero"))
    ran = faderwise("analyze", "song")
    assert ran.code == 1
    assert "Traceback" in ran.err
    assert ran.err.splitlines()[-1].startswith("faderwise: this is a bug")


def test_an_interrupt_says_that_nothing_was_changed(faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch) -> None:
    _failing(monkeypatch, KeyboardInterrupt())
    ran = faderwise("analyze", "song")
    assert (ran.code, ran.out, ran.error) == (130, "", "interrupted, nothing was changed")


def _failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr("interfaces.opened.load", fail)


def test_an_interrupt_once_saving_has_begun_comes_too_late(
    faderwise: Faderwise, session: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    def interrupted(changed: Session, place: Path) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        save(changed, place)

    heed = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("interfaces.opened.save", interrupted)
    ran = faderwise("set", session, "kick.mute=on")
    assert (ran.code, ran.out.splitlines()[-1]) == (0, f"saved {session}")
    assert signal.getsignal(signal.SIGINT) is heed


def test_a_reader_who_leaves_is_no_error() -> None:
    listing = subprocess.Popen([*PROGRAM, "params", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert listing.stdout is not None
    assert listing.stderr is not None
    listing.stdout.close()
    said = listing.stderr.read()
    listing.stderr.close()
    assert (listing.wait(), said) == (0, b"")


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_stream_that_was_closed_is_no_bug(closed: str) -> None:
    line = f"{shlex.join(PROGRAM)} lock nowhere kick {closed}"
    ran = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (3, "")
    assert "Traceback" not in ran.stderr


def test_names_print_where_the_terminal_knows_ascii_alone(stems: Path) -> None:
    (stems / "Kick.wav").rename(stems / "Große Trommel 🥁.wav")
    both = (
        "import sys; from interfaces.cli import main; sys.exit(main(sys.argv[1:] + ['--json']) or main(sys.argv[1:]))"
    )
    ascii_alone = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    arguments = [sys.executable, "-c", both, "new", str(stems), "--dry-run"]
    printed = subprocess.run(arguments, capture_output=True, env=ascii_alone, check=True).stdout.decode("ascii")
    document, end = json.JSONDecoder().raw_decode(printed)
    assert "Große Trommel 🥁" in [track["name"] for track in document["tracks"]]
    assert "Gro\\xdfe Trommel" in printed[end:]


def test_a_session_saved_by_another_meanwhile_is_not_overwritten(
    faderwise: Faderwise, session: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(path: Path) -> Session:
        found = load(path)
        session.write_text(session.read_text().replace('"stems"', '"another name"'))
        return found

    monkeypatch.setattr("interfaces.opened.load", meanwhile)
    ran = faderwise("set", session, "kick.mute=on")
    assert ran.code == 3
    assert "was changed by another program meanwhile" in ran.error
    assert '"another name"' in session.read_text()

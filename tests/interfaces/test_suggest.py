"""``suggest``: one step that is explained, saved whole, and undone bit for bit."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.edits import undo
from mixer.session import Session
from mixer.session_file import load
from tests.interfaces.conftest import Faderwise
from tests.signals import RATE


def test_every_change_is_saved_with_its_reason(faderwise: Faderwise, session: Path, reference: Path) -> None:
    before = session.read_bytes()
    made = faderwise("suggest", session, "-r", f"{reference}@0-4*0.5", "--json").document
    saved = load(session)
    assert list(made)[:2] == ["session", "saved"]
    assert {"changes", "refused", "notes", "summary", "report", "intensity", "seed"} <= made.keys()
    assert made["saved"] is True
    assert len(made["changes"]) > 3
    for change in made["changes"]:
        knob = saved.knob(f"{change['target']}.{change['processor']}.{change['knob']}")
        assert (knob.value, knob.reason) == (change["after"], change["reason"])
        assert {"feature", "now", "becomes"} <= change["evidence"].keys()
    (heard,) = saved.context.references
    assert (heard.name, heard.segment, heard.weight) == ("hit.flac", (0.0, 4.0), 0.5)
    assert faderwise("undo", session).code == 0
    assert session.read_bytes() == before


def test_what_it_prints(faderwise: Faderwise, session: Path, reference: Path) -> None:
    before = session.read_bytes()
    ran = faderwise("suggest", session, "--reference", reference, "--dry-run", "--verbose")
    assert (ran.code, session.read_bytes()) == (0, before)
    lines = [line.strip() for line in ran.out.splitlines()]
    assert {"Kick", "LdVox", "Master"} <= set(lines)
    assert lines[0].startswith("The mix stood at ")
    assert any(re.fullmatch(r"fader +0.0 dB → [+-]\d+\.\d dB", line) for line in lines)
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("distance to the reference: ") for line in lines)
    assert lines[-1] == "not saved (--dry-run)"
    stages = [line[7:] for line in ran.err.splitlines()]
    assert stages[:2] == ["checking audio files", "hit.flac: looking into the cache"]
    assert "listening to hit.flac" in stages


@pytest.mark.slow
def test_no_intensity_changes_nothing(faderwise: Faderwise, session: Path, reference: Path) -> None:
    before = session.read_bytes()
    ran = faderwise("suggest", session, "-r", reference, "--no-separation", "--intensity", 0)
    assert (ran.code, session.read_bytes()) == (0, before)
    assert ran.out.splitlines()[-1] == "nothing to change"


@pytest.mark.slow
def test_parts_are_weighed_left_out_refused_and_given_up_again(
    faderwise: Faderwise, session: Path, reference: Path, tmp_path: Path
) -> None:
    page = tmp_path / "why.md"
    by = ("suggest", session, "-r", reference, "--no-separation")
    asked = (*by, "--intensity", "level=0", "--without", "vocals", "--explain", page)
    made = faderwise(*asked, "--json").document
    moved = {(change["target"], change["processor"]) for change in made["changes"]}
    assert moved
    assert "ldvox" not in {target for target, _ in moved}
    assert "fader" not in {processor for _, processor in moved}
    assert made["intensity"] == {"overall": 100.0, "aspects": {"level": 0.0}, "tracks": {}}
    text = page.read_text(encoding="utf-8")
    assert {"## The mix as it was", "## What was moved", "## Master"} <= set(text.splitlines())
    before = session.read_bytes()
    ran = faderwise(*asked)
    assert (ran.code, session.read_bytes()) == (2, before)
    assert "--force replaces it" in ran.error
    assert faderwise("refuse", session, "master.eq").code == 0
    assert load(session).values("master")["equalizer"] == load_before(session, 2).values("master")["equalizer"]
    again = faderwise(*by, "--dry-run", "--json").document
    assert not [change for change in again["changes"] if change["address"].startswith("master.equalizer")]
    freed = faderwise(*by, "--free", "all", "--dry-run", "--json").document
    assert [change for change in freed["changes"] if change["address"].startswith("master.equalizer")]


def load_before(session: Path, steps: int) -> Session:
    """The session as it was some steps ago."""
    made = load(session)
    for _ in range(steps):
        made, _ = undo(made)
    return made


def test_what_must_stay_stays_and_the_loudness_is_met(faderwise: Faderwise, stems: Path, reference: Path) -> None:
    audio.write(stems / "one sample.wav", np.full((1, 1), 0.5, np.float32), RATE)
    audio.write(stems / "silence.wav", np.zeros((2, RATE), np.float32), RATE)
    faderwise("new", stems)
    faderwise("lock", stems, "kick", "LdVox.equalizer")
    arguments = ("suggest", stems, "-r", reference, "--no-separation", "--loudness", "-20", "--seed", 3, "--json")
    made = faderwise(*arguments).document
    moved = {(change["target"], change["processor"]) for change in made["changes"]}
    assert {"one_sample", "silence"} <= {refusal["subject"] for refusal in made["refused"]}
    assert {"kick", "one_sample", "silence"} & {target for target, _ in moved} == set()
    assert ("ldvox", "equalizer") not in moved
    assert made["report"]["loudness_after_lufs"] == pytest.approx(-20, abs=0.1)
    assert load(stems).history[-1].seed == 3


HEEDING = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from interfaces.cli import main; sys.exit(main())"
)
"""The command line where a shell has told its background jobs to ignore Ctrl-C, as some that run tests do."""


def test_an_interrupt_in_the_middle_leaves_the_session(session: Path, reference: Path) -> None:
    before = session.read_bytes()
    files = sorted(session.parent.iterdir())
    command = [
        sys.executable,
        "-c",
        HEEDING,
        "suggest",
        str(session),
        "-r",
        str(reference),
        "--no-separation",
        "--verbose",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as work:
        assert work.stdout is not None
        assert work.stderr is not None
        while "listening to the tracks" not in work.stderr.readline():
            assert work.poll() is None
        work.send_signal(signal.SIGINT)
        err, out = work.stderr.read(), work.stdout.read()
    assert (work.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "interrupted, nothing was changed"
    assert "Traceback" not in err
    assert (session.read_bytes(), sorted(session.parent.iterdir())) == (before, files)


@pytest.mark.slow
def test_alternatives_are_shown_and_one_is_saved(faderwise: Faderwise, session: Path, reference: Path) -> None:
    before = session.read_bytes()
    ran = faderwise("suggest", session, "-r", reference, "--no-separation", "--alternatives", 2, "--choose", 2)
    lines = ran.out.splitlines()
    first, second = (line[3:] for line in lines if re.match(r"\d  ", line))
    assert (ran.code, first != second) == (0, True)
    assert any(line.strip().startswith("beside 1: ") for line in lines)
    assert any(f": 2, {second} (" in line for line in lines)
    saved = load(session)
    assert saved.history[-1].title == f"suggestion after hit.flac ({second})"
    assert saved.values("master") != load_before(session, 1).values("master")
    assert faderwise("undo", session).code == 0
    assert session.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "nothing to go by"),
        (("--prompt", "warmer", "--fast"), "--fast: what answers at once hears a reference"),
        (("-r", "x.wav", "--fast", "--alternatives", 2), "--fast gives one answer"),
        (("-r", "x.wav", "--choose", 2), "nothing to choose from without --alternatives"),
        (("-r", "x.wav", "--rough-keeps", "levels"), "did you mean 'level'"),
        (("-r", "x.wav", "--intensity", "loud"), "'loud' is no intensity"),
        (("-r", "x.wav", "--explain", "why.html"), "end its name in .md"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_heard(
    faderwise: Faderwise, session: Path, options: tuple[object, ...], said: str
) -> None:
    before = session.read_bytes()
    ran = faderwise("suggest", session, *options)
    assert (ran.code, ran.out, session.read_bytes()) == (2, "", before)
    assert said in ran.error

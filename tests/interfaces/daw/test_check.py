"""The check of an export against our own render: with an Ardour that is played by a script, and without any."""

from __future__ import annotations

import math
import os
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from interfaces.daw.ardour import export_ardour, export_ardour_stock
from interfaces.daw.ardour_check import LIMITED_DB, NO_ARDOUR, SCRIPTS_DB, STOCK_DB, check_ardour, promise_db
from interfaces.daw.ardour_tool import ardour_tool
from interfaces.daw.exporter import Check, Exported
from interfaces.daw.fidelity import checked
from interfaces.daw.stems import check_stems, export_stems
from mixer import audio
from mixer.edits import apply
from mixer.errors import CheckError
from mixer.progress import Progress, silent
from mixer.render import render
from mixer.session import Edit, Session
from tests.interfaces.conftest import contents
from tests.interfaces.daw.sessions import song

TOOL = """#!/bin/sh
# ardour7-export -b float -s RATE -o OUT FOLDER NAME
while [ "$1" != -o ]; do shift; done
echo x >> "{played}/runs"
run=$(wc -l < "{played}/runs")
echo left by Ardour > "$3/instant.xml"
[ -f "$3/$4.ardour" ] || exit 3
[ -f "{played}/$run.wav" ] && cp "{played}/$run.wav" "$2" || cp "{played}/all.wav" "$2"
[ -f "{played}/slow" ] && echo $$ > "{played}/pid" && exec sleep 60
exit {code}
"""


class Played:
    """An ``ardour7-export`` that gives prepared files: ``1.wav`` at its first run, ``all.wav`` at any other."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, code: int = 0) -> None:
        self.folder = folder
        folder.mkdir()
        tool = folder / "ardour7-export"
        tool.write_text(TOOL.format(played=folder, code=code))
        tool.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    @property
    def runs(self) -> int:
        return len((self.folder / "runs").read_text().split())


@pytest.fixture
def made(tmp_path: Path) -> tuple[Session, Exported]:
    session = song(tmp_path / "song", 0.3)
    (tmp_path / "project").mkdir()
    return session, export_ardour(session, tmp_path / "song", tmp_path / "project", silent)


@pytest.fixture
def played(tmp_path: Path, made: tuple[Session, Exported], monkeypatch: pytest.MonkeyPatch) -> Played:
    """Ardour as it should be, apart from crashing while it quits."""
    tool = Played(tmp_path / "tool", monkeypatch, code=139)
    render(made[0], tmp_path / "song", tool.folder / "all.wav", depth="float")
    return tool


def check(made: tuple[Session, Exported], tmp_path: Path, progress: Progress = silent) -> Check:
    (tmp_path / "scratch").mkdir()
    return check_ardour(made[0], tmp_path / "song", made[1], tmp_path / "scratch", progress)


def test_a_render_that_is_ours_passes(made: tuple[Session, Exported], played: Played, tmp_path: Path) -> None:
    before = contents(made[1].folder)
    found = check(made, tmp_path)
    assert (found.status, found.null_db, played.runs) == ("passed", -math.inf, 1)
    assert contents(made[1].folder) == before  # what Ardour leaves lies elsewhere


def test_a_fader_that_is_a_tenth_of_a_decibel_off_fails(
    made: tuple[Session, Exported], played: Played, tmp_path: Path
) -> None:
    sound, rate = audio.read(played.folder / "all.wav")
    audio.write(played.folder / "all.wav", sound * np.float32(10 ** (0.1 / 20)), rate, depth="float")
    found = check(made, tmp_path)
    assert found.status == "failed"
    assert found.null_db == pytest.approx(-38.7, abs=0.1)
    assert played.runs == 1  # it is no accident, so it is not tried again
    said = " ".join(checked(Exported(Path("x"), Path("x/y"), [], check=found)))
    assert "by 0.1 dB" in said
    assert "FAILED" in said


@pytest.mark.parametrize("level", [1e12, np.nan])
def test_absurd_levels_are_rendered_again(
    made: tuple[Session, Exported], played: Played, tmp_path: Path, level: float
) -> None:
    sound, rate = audio.read(played.folder / "all.wav")
    sound[0, 100] = level
    soundfile.write(played.folder / "1.wav", sound.T, rate, subtype="FLOAT")
    found = check(made, tmp_path)
    assert (found.status, played.runs) == ("passed", 2)
    assert "absurd" in found.how


def test_levels_that_stay_absurd_fail(made: tuple[Session, Exported], played: Played, tmp_path: Path) -> None:
    sound, rate = audio.read(played.folder / "all.wav")
    sound[0, 100] = np.nan
    soundfile.write(played.folder / "all.wav", sound.T, rate, subtype="FLOAT")
    assert (check(made, tmp_path).status, played.runs) == ("failed", 3)


def test_a_render_that_is_cut_short_is_tried_again_and_then_given_up(
    made: tuple[Session, Exported], played: Played, tmp_path: Path
) -> None:
    sound, rate = audio.read(played.folder / "all.wav")
    (played.folder / "all.wav").rename(played.folder / "2.wav")
    audio.write(played.folder / "1.wav", sound[:, :-1], rate, depth="float")
    assert check(made, tmp_path).status == "passed"
    audio.write(played.folder / "all.wav", sound[:, :-1], rate, depth="float")
    (tmp_path / "scratch").rename(tmp_path / "before")
    with pytest.raises(CheckError, match=rf"wrote {sound.shape[1] - 1} of {sound.shape[1]} frames of Song"):
        check(made, tmp_path)


def test_raising_from_progress_ends_ardour_too(made: tuple[Session, Exported], played: Played, tmp_path: Path) -> None:
    (played.folder / "slow").touch()
    pid = played.folder / "pid"

    def stop(_: float, stage: str) -> None:
        if "Ardour" in stage and pid.exists() and pid.read_text().strip():
            raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        check(made, tmp_path, stop)
    assert time.monotonic() - start < 30  # it would have slept for a minute
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_without_ardour_it_is_said(
    made: tuple[Session, Exported], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = check(made, tmp_path)
    assert found == Check(NO_ARDOUR)
    assert list(checked(Exported(Path("x"), Path("x/y"), [], check=found))) == [f"Not checked: {NO_ARDOUR}."]


def test_the_newest_ardour_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (6, 7, 10, 9):
        (tmp_path / f"ardour{number}-export").touch(0o755)
    (tmp_path / "ardour11-export").touch(0o644)
    monkeypatch.setenv("PATH", str(tmp_path))
    tool = ardour_tool()
    assert tool is not None
    assert (tool.path.name, tool.version) == ("ardour10-export", 10)


def test_what_is_promised_depends_on_what_is_in_it(tmp_path: Path) -> None:
    plain = song(tmp_path, 0.2)

    def promised(address: str, stock: bool) -> float:
        session = apply(plain, [Edit.model_validate({"address": address, "before": None, "after": 1.0})], "set", "x")
        folder = tmp_path / f"{address} {stock}"
        folder.mkdir()
        exporter = export_ardour_stock if stock else export_ardour
        return promise_db(session, exporter(session, tmp_path, folder, silent))

    assert promised("master.fader.gain_db", stock=False) == SCRIPTS_DB
    assert promised("master.fader.gain_db", stock=True) == SCRIPTS_DB
    assert promised("master.limiter.active", stock=False) == LIMITED_DB
    assert promised("t1.equalizer.low_gain_db", stock=True) == STOCK_DB


def test_stems_are_added_up(tmp_path: Path) -> None:
    session = song(tmp_path / "song", 0.5)
    (tmp_path / "out").mkdir()
    made = export_stems(session, tmp_path / "song", tmp_path / "out", silent)
    assert check_stems(session, tmp_path / "song", made, tmp_path, silent).status == "passed"
    (*_, stem) = sorted((tmp_path / "out" / "stems").iterdir())
    sound, rate = audio.read(stem)
    audio.write(stem, sound[::-1].copy(), rate, depth="float")  # two swapped channels
    assert check_stems(session, tmp_path / "song", made, tmp_path, silent).status == "failed"

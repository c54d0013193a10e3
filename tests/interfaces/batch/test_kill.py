"""A batch outlives its workers and itself: killed the hard way, it loses the song in work and no other."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mixer import audio

RATE = 44_100
PATIENCE_S = 600.0  # the machine may be busy with other tests


def _songs(folder: Path) -> None:
    time_s = np.arange(6 * RATE) / RATE
    for song in ("a", "b"):
        (folder / song).mkdir(parents=True)
        for name, hertz in (("Kick", 60.0), ("Bass", 110.0), ("Vox", 440.0)):
            tone = 0.3 * np.sin(2 * np.pi * hertz * time_s) * (1 + np.sin(4 * np.pi * time_s)) / 2
            audio.write(folder / song / f"{name}.wav", tone[None].astype(np.float32), RATE)
    (folder / "bad").mkdir()
    (folder / "bad" / "Kick.wav").write_bytes(b"no audio")


def _start(songs: Path, output: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "interfaces.cli", "batch", str(songs), "-o", str(output)]
    command += ["--prompt", "louder bass", "--workers", "1"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _until(what: Callable[[], object], driver: "subprocess.Popen[str]") -> object:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if found := what():
            return found
        assert driver.poll() is None, driver.communicate()
        time.sleep(0.05)
    raise TimeoutError


def _workers_of(driver: int) -> list[int]:
    """Processes that Ray started for this driver and that do songs."""
    parents, names = {}, {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(place.name)] = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            names[int(place.name)] = (place / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue  # it has ended meanwhile
    found = []
    for process, name in names.items():
        above = process
        while above in parents and above != driver:
            above = parents[above]
        if above == driver and name.startswith(b"ray::Worker"):
            found.append(process)
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for Ray's processes in /proc")
def test_kills_lose_at_most_the_song_in_work(tmp_path: Path) -> None:
    songs, output = tmp_path / "songs", tmp_path / "out"
    _songs(songs)
    first = _start(songs, output)
    workers = _until(lambda: _workers_of(first.pid), first)
    assert isinstance(workers, list)
    os.kill(workers[0], signal.SIGKILL)  # in work on a; another one goes on with b
    _until((output / "b" / "words.result.json").is_file, first)
    replaced = _workers_of(first.pid)
    first.kill()
    assert first.communicate() == ("", ""), "Ray talks"
    kept = json.loads((output / "b" / "words.result.json").read_text())
    assert kept["status"] == "done"
    gone = time.monotonic() + 60
    while any(Path(f"/proc/{process}").exists() for process in replaced):
        assert time.monotonic() < gone, "workers outlive their driver"
        time.sleep(0.2)

    second = _start(songs, output)
    _, told = second.communicate(timeout=PATIENCE_S)
    assert second.returncode == 3, told  # the bad one, and it alone
    assert "1 of 3 could not be mixed (bad after words:" in told
    assert len(told.splitlines()) == 1, "Ray talks on stderr"
    with (output / "results.csv").open(newline="") as file:
        rows = {row["song"]: row for row in csv.DictReader(file)}
    assert {song: row["status"] for song, row in rows.items()} == {"a": "done", "b": "done", "bad": "failed"}
    assert json.loads((output / "b" / "words.result.json").read_text()) == kept  # not done again
    assert not (output / ".work").exists()
    for song in ("a", "b"):
        mix, rate = audio.read(output / song / "words.flac")
        assert rate == RATE
        assert np.abs(mix).max() > 0.05
        assert abs(float(rows[song]["loudness_lufs"]) + 16) < 0.2  # what sessions ask for by default

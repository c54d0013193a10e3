"""``demo``: all of it or nothing, and never in the place of somebody's files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from interfaces.demonstration import print_demo
from mixer import audio
from mixer.loudness import integrated_loudness
from mixer.session_file import check_audio, load
from tests.interfaces.conftest import Faderwise
from tests.signals import RATE, music, sine

LEFT_BEHIND = {"faderwise.json", "song", "reference.ogg", "mix.wav", "raw.wav", "explanation.md", "compare.html"}


@pytest.fixture
def small_song(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A song of four seconds in place of the bundled one."""
    song = tmp_path / "package" / "demo" / "song"
    song.mkdir(parents=True)
    audio.write(song / "Kick.ogg", music(4, 1, seed=1), RATE)
    audio.write(song / "Bass.ogg", 0.5 * sine(82, 4), RATE)
    audio.write(song.parent / "reference.ogg", np.float32(0.5) * music(5, 2, seed=7), RATE)
    monkeypatch.setattr("interfaces.demonstration.files", lambda _: tmp_path / "package")


@pytest.mark.usefixtures("small_song")
def test_it_leaves_a_session_a_mix_and_its_explanation_in_place_of_an_older_one(
    faderwise: Faderwise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "mix.wav").write_bytes(b"old")
    ran = faderwise("demo", "-o", "mixed")
    assert (ran.code, (folder / "mix.wav").read_bytes()) == (2, b"old")
    assert ran.error == "faderwise: mixed: is there already; --force replaces it, -o takes another place"
    ran = faderwise("demo", "-o", "mixed", "--force", "--json")
    made = ran.document
    assert ran.code == 0
    assert {path.name for path in folder.iterdir()} == LEFT_BEHIND
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mixed", "package"]
    session = load("mixed")
    check_audio(session, "mixed")
    assert [track.path for track in session.tracks] == ["song/Bass.ogg", "song/Kick.ogg"]
    assert (session.context.references[0].path, session.history[-1].kind) == ("reference.ogg", "suggest")
    # both at the asked loudness: what differs is the mix, not the level; 0.1 LU for a master fader of two decimals
    for name in ("mix", "raw"):
        assert integrated_loudness(*audio.read(made[name])) == pytest.approx(session.loudness_lufs, abs=0.1)
    explanation = (folder / "explanation.md").read_text()
    moved = [edit["address"] for edit in json.loads(session.model_dump_json())["history"][-1]["edits"]]
    knobs = [address.partition(".")[2] for address in moved if address.count(".") == 2]
    assert len(knobs) == made["changes"] > 3
    assert [knob for knob in knobs if f"| {knob} |" not in explanation] == []
    assert (
        str(tmp_path)
        not in explanation + (folder / "compare.html").read_text() + (folder / "faderwise.json").read_text()
    )


def test_somebodys_folder_is_never_replaced(faderwise: Faderwise, tmp_path: Path) -> None:
    (tmp_path / "taxes.ods").write_bytes(b"numbers")
    (tmp_path / "file").write_bytes(b"")
    for place, said in (
        (tmp_path, "holds files that are not the demo's (file)"),
        (tmp_path / "file", "is there already and is no folder of a demo"),
        (tmp_path / "no" / "where", "there is no folder"),
    ):
        ran = faderwise("demo", "-o", place, "--force")
        assert ran.code == 2
        assert said in ran.error
    assert (tmp_path / "taxes.ods").read_bytes() == b"numbers"


@pytest.mark.usefixtures("small_song")
@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_what_goes_wrong_leaves_nothing(
    faderwise: Faderwise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    old = tmp_path / "mixed"
    old.mkdir()
    (old / "mix.wav").write_bytes(b"old")
    monkeypatch.setattr("interfaces.demonstration.suggestions", fail)
    ran = faderwise("demo", "-o", old, "--force")
    assert ran.code == (130 if isinstance(failure, KeyboardInterrupt) else 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mixed", "package"]
    assert [path.name for path in old.iterdir()] == ["mix.wav"]


def test_an_installation_without_the_song(
    faderwise: Faderwise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("interfaces.demonstration.files", lambda _: tmp_path / "package")
    ran = faderwise("demo", "-o", tmp_path / "mixed")
    assert (ran.code, list(tmp_path.iterdir())) == (3, [])
    assert "the demo song is missing from this installation; install Faderwise again" in ran.error


BUNDLED = Path(__file__).resolve().parents[2] / "interfaces" / "demo" / "song"


@pytest.mark.slow
@pytest.mark.skipif(not BUNDLED.is_dir(), reason="the demo song has not been made")
def test_the_song_that_ships(faderwise: Faderwise, tmp_path: Path) -> None:
    made = faderwise("demo", "-o", tmp_path / "mixed", "--json").document
    report = made["report"]
    assert made["tracks"] >= 8
    assert report["distance_after_db"] < report["distance_before_db"]
    assert report["loudness_after_lufs"] == pytest.approx(load(tmp_path / "mixed").loudness_lufs, abs=0.1)


def test_what_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    made = {
        "folder": "demo dir",
        "tracks": 2,
        "changes": 5,
        "summary": ["loudness: as asked"],
        **{name: f"demo dir/{name}" for name in ("mix", "raw", "reference", "explanation", "page", "session")},
    }
    print_demo(made)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "A song of 2 raw tracks, mixed after another song: 5 knobs moved."
    assert "  demo dir/mix  the mix" in lines
    assert "faderwise render 'demo dir' -o" in lines[-1]

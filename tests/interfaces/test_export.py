"""``export``: projects built whole, nothing overwritten unasked, and an account of what they carry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from interfaces.daw import registry, stems
from interfaces.daw.exporter import Carried, Check, Exported
from interfaces.daw.fidelity import counts, differing, fidelity_markdown
from mixer.errors import AudioError
from mixer.processor import find
from mixer.progress import Progress
from mixer.session import Session
from tests.interfaces.conftest import Faderwise, contents
from tests.sessions import make_session

KINDS = ("ardour", "reaper", "dawproject", "stems")


def test_the_kinds_are_those_of_the_design() -> None:
    assert set(registry.kinds()) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_project_and_its_account(faderwise: Faderwise, session: Path, tmp_path: Path, kind: str) -> None:
    before = contents(session.parent)
    faderwise("set", session, "kick.send.level_db=-12", "ldvox.equalizer.low_gain_db=-3", "master.limiter.active=on")
    made = faderwise("export", session, "--to", kind, "-o", tmp_path / "project", "--json").document
    folder = tmp_path / "project"
    assert (folder / made["project"]).is_file()
    saved = json.loads((folder / "fidelity.json").read_text(encoding="utf-8"))
    assert saved["rows"] == made["rows"]
    assert sum(made["counts"].values()) == len(made["rows"])
    carried = {(row["target"], row["what"]) for row in made["rows"]}
    assert {("ldvox", f"equalizer.{knob}") for knob in find("equalizer").knobs} <= carried
    report = (folder / "fidelity.md").read_text(encoding="utf-8")
    assert report.count("### LdVox\n") == 1
    assert "-3.0 dB" in report
    assert {path: data for path, data in contents(session.parent).items() if path != session} == {
        path: data for path, data in before.items() if path != session
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted({session.parent.name, "project"})


def test_nothing_is_overwritten_unasked(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    place = tmp_path / "project"
    assert faderwise("export", session, "--to", "ardour", "-o", place).code == 0
    first = contents(place)
    ran = faderwise("export", session, "--to", "ardour", "-o", place)
    assert ran.code == 2
    assert "--force" in ran.error
    assert contents(place) == first
    faderwise("set", session, "kick.fader.gain_db=-9")
    assert faderwise("export", session, "--to", "ardour", "-o", place, "--force").code == 0
    assert contents(place) != first


def test_two_exports_stand_side_by_side(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    for place in ("a", "b"):
        assert faderwise("export", session, "--to", "ardour", "-o", tmp_path / place).code == 0
    a, b = (
        {path.relative_to(tmp_path / name): data for path, data in contents(tmp_path / name).items()} for name in "ab"
    )
    assert a == b


def test_force_takes_no_folder_that_is_no_export(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "lyrics.txt").write_text("la la")
    for place in (mine, session.parent):
        before = contents(place)
        assert faderwise("export", session, "--to", "ardour", "-o", place, "--force").code == 2
        assert contents(place) == before


def test_an_exporter_that_fails_leaves_nothing(
    faderwise: Faderwise, session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Session, __: Path, folder: Path, ___: Progress) -> Exported:
        (folder / "half.wav").write_bytes(b"RIFF")
        raise AudioError("the disk is full: free some space")

    monkeypatch.setattr(registry, "exporter_for", lambda *_, **__: fail)
    before = contents(tmp_path)
    ran = faderwise("export", session, "--to", "ardour", "-o", tmp_path / "project")
    assert (ran.code, ran.error) == (3, "faderwise: the disk is full: free some space")
    assert contents(tmp_path) == before
    assert not (tmp_path / "project").exists()


@pytest.mark.parametrize(("kind", "status"), [("stems", "passed"), ("reaper", "not measured")])
def test_a_check_is_part_of_the_account(
    faderwise: Faderwise, session: Path, tmp_path: Path, kind: str, status: str
) -> None:
    made = faderwise("export", session, "--to", kind, "-o", tmp_path / "check", "--check", "--json").document
    assert made["check"]["status"] == status
    saved = json.loads((tmp_path / "check" / "fidelity.json").read_text(encoding="utf-8"))
    assert saved["check"] == made["check"]
    report = (tmp_path / "check" / "fidelity.md").read_text(encoding="utf-8")
    assert ("Not checked: " if status == "not measured" else "Checked: ") in report
    unchecked = faderwise("export", session, "--to", kind, "-o", tmp_path / "replaced", "--json").document
    assert unchecked["check"] is None


def test_a_check_that_fails_says_so_and_leaves_the_project(
    faderwise: Faderwise, session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stems, "PROMISE_DB", -1000.0)
    faderwise("set", session, "kick.fader.gain_db=-9", "ldvox.fader.gain_db=-7")  # so that sums are rounded
    ran = faderwise("export", session, "--to", "stems", "-o", tmp_path / "project", "--check", "--json")
    assert ran.code == 5
    assert "at most -1000 dB" in ran.error
    assert ran.document["check"]["status"] == "failed"
    assert "THE CHECK FAILED" in (tmp_path / "project" / "fidelity.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "cubase", "-o", "x"), "use one of ardour"),
        (("--to", "stems", "--stock", "-o", "x"), "no processors of its own"),
        (("--to", "ardour", "-o", "no/such/x"), "there is no folder"),
        (("--to", "ardour"), "-o"),
    ],
)
def test_what_makes_no_sense_is_said(
    faderwise: Faderwise,
    session: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = faderwise("export", session, *arguments)
    assert ran.code == 2
    assert said in ran.error


def test_the_account_reads_well() -> None:
    """Knobs that share a fate share a line, and so do tracks; names stay plain text."""
    session = make_session()
    knobs = [f"equalizer.{knob}" for knob in find("equalizer").knobs]
    rows = [Carried(target, knob, "approximate", "another EQ") for target in ("kick", "ldvox") for knob in knobs]
    rows += [Carried("kick", "fader.gain_db", "exact"), Carried("ldvox", "panner.width", "not carried")]
    rows += [Carried("ldvox", "name", "not carried")]
    assert list(differing(session, rows)) == [
        f"Kick, LdVox: equalizer ({len(knobs)} knobs): approximate (another EQ)",
        "LdVox: panner.width, name: not carried",
    ]
    assert counts(rows) == {"exact": 1, "approximate": 2 * len(knobs), "not carried": 2}
    named = session.model_copy(update={"name": "A|B <script>"})
    text = fidelity_markdown(
        named, "ardour", Exported(Path("x"), Path("x/y"), rows, check=Check("rendered there", -120.0, -100.0))
    )
    assert "A\\|B \\<script>" in text
    assert "-120 dB" in text

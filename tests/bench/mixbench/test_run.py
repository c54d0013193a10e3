"""The run: what was measured is kept, failures are told, and the page tells development from test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.mixbench import run as bench
from tests.bench.mixbench.cases import Table, all_cases, known_cases, paired_cases
from tests.bench.mixbench.page import page
from tests.bench.mixbench.run import Row
from tests.bench.mixbench.score import PLAIN, ScoreIsCheatedError
from tests.bench.mixbench.songs import load, names
from tests.bench.mixbench.systems import OURS
from tests.bench.mixbench.tables import by_system, check_score, ranked

CHEAT = "adversary: vocals muted"


def row(system: str, song: str, spectral_db: float, *, test: bool = False, lost: float = 0.0) -> Row:
    right = ("mid_db", "side_db", "track_lu", "group_lu", "group_rms_lu", "pan", "time_frequency_db", "envelope_db")
    figures = dict.fromkeys((*right, "dynamics_lu", "crest_db"), 1.0) | {"spectral_db": spectral_db, "lost": lost}
    return Row(f"paired: {song} after {song}", Table.PAIRED, song, test, "clean", system, figures)


def test_there_are_forty_paired_mixes_of_eight_songs_and_no_song_is_in_both_parts() -> None:
    cases = paired_cases(names())
    assert len(cases) >= 40
    assert len({case.song for case in cases}) >= 8
    assert len({case.key for case in all_cases(names())}) == len(all_cases(names()))
    tested = {case.song for case in cases if case.test}
    assert {"country", "britpop"} < tested
    assert tested.isdisjoint({"rock", "demo"})
    for case in known_cases(names()):  # development songs are not mixed after test songs, nor the other way
        assert (case.song in tested) == (case.reference in tested)


def test_a_song_that_is_not_there_is_left_out_and_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.bench.mixbench.songs.SONGS", tmp_path)
    found, missing = load(["rock"])
    assert found == []
    assert missing[0].startswith("rock was left out: ")


@pytest.mark.slow
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path) -> None:
    cases, said = paired_cases(["demo"])[:1], list[str]()
    first = bench.run(cases, [PLAIN, CHEAT], 1, said.append, tmp_path / "rows.jsonl")
    assert [entry.system for entry in first] == [PLAIN, CHEAT]
    assert first[0].score < first[1].score
    before = len(said)
    assert bench.run(cases, [PLAIN, CHEAT], 1, said.append, tmp_path / "rows.jsonl") == first
    assert len(said) == before  # nothing was measured again


def test_a_cheated_score_fails_the_benchmark() -> None:
    honest = [row(PLAIN, "a", 3.0), row(CHEAT, "a", 1.0, lost=0.2)]
    check_score(honest)
    with pytest.raises(ScoreIsCheatedError):
        check_score([row(PLAIN, "a", 3.0), row(CHEAT, "a", 1.0)])
    with pytest.raises(ScoreIsCheatedError):  # in one part alone, too
        check_score([*honest, row(PLAIN, "b", 3.0, test=True), row(CHEAT, "b", 1.0, test=True)])


def test_systems_are_compared_on_the_cases_that_all_have() -> None:
    rows = [row(PLAIN, "a", 3.0), row(PLAIN, "b", 4.0), row(OURS.name, "b", 1.0)]
    assert {name: [entry.song for entry in some] for name, some in by_system(rows).items()} == {
        PLAIN: ["b"],
        OURS.name: ["b"],
    }


def test_the_better_system_stands_first_with_its_interval() -> None:
    rows = [row(PLAIN, song, 4.0) for song in "abc"] + [row(OURS.name, song, 1.0) for song in "abc"]
    lines = ranked(Table.PAIRED, rows).splitlines()
    assert lines[2].startswith(f"| {OURS.name} | 3.00 [3.00, 3.00] | 1.0 | 0.250 [0.250, 0.250] |")
    assert lines[3].startswith(f"| {PLAIN} | 6.00 [6.00, 6.00] | 2.0 | 1.000 [1.000, 1.000] |")
    assert "100 %" in lines[3]


def test_the_page_shows_both_parts_apart_and_what_failed_has_no_figures() -> None:
    failed = Row("paired: c after c", Table.PAIRED, "c", True, "clean", OURS.name, {}, failed="ValueError: no")
    rows = [row(PLAIN, "a", 4.0), row(OURS.name, "a", 1.0), row(PLAIN, "b", 4.0, test=True), failed]
    text = page([], ["desert was left out: mma is not installed"], rows, 1.0)
    assert "desert was left out: mma is not installed." in text
    development, test = text.split("### A mix of the same tracks, test songs")
    assert f"| {OURS.name} | 3.00" in development
    assert f"| {OURS.name} |" not in test.split("##")[0]
    assert f"- {OURS.name}, paired: c after c: ValueError: no" in text
    assert "| paired: spectral distance, fraction of the plain sum's | 0.035 | not measured | 0.25 |  |" in text

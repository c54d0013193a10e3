"""Scores become tracks: only files that say they are free, the notes asked for, and everybody has a part to play."""

import tomllib
import zipfile
from pathlib import Path
from typing import Any

import make_music21_songs
import numpy as np
import pytest
from make_mma_songs import LENGTH_S
from make_music21_songs import Excerpt, read, recipes, scored, sounded, starting
from make_pattern_songs import role_named
from read_scores import Line, Sound, lines_of, said_rights

TABLES: dict[str, Any] = tomllib.loads(make_music21_songs.PIECES.read_text(encoding="utf-8"))
SCORE = """<?xml version="1.0"?><score-partwise>
<identification><rights>Encoding &amp; all: CC0</rights></identification>
<credit><credit-words font-size="8">typeset by nobody</credit-words></credit></score-partwise>"""


def test_rights_are_read_from_plain_and_packed_scores(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.musicxml", tmp_path / "b.mxl"
    plain.write_text(SCORE, encoding="utf-8")
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("mimetype", "application/vnd.recordare.musicxml")
        file.writestr("META-INF/container.xml", "<rights>of the container</rights>")
        file.writestr("b.musicxml", SCORE)
    assert said_rights(plain) == said_rights(packed) == "Encoding & all: CC0\ntypeset by nobody"


def test_a_file_that_does_not_say_that_it_is_free_is_refused() -> None:
    pytest.importorskip("music21", reason="music21 is not installed")
    from corpus_manifest import NotThisSongError

    table = TABLES["pieces"]["corelli-grave"]
    lines, keys = read(table)
    assert [len(lines), len(keys)] == [3, 0]
    with pytest.raises(NotThisSongError, match="does not say 'CC0'"):
        read(table | {"says": "CC0"})


def test_of_a_staff_the_notes_asked_for() -> None:
    staff = [Sound(0.0, 1.0, (48, 60, 64)), Sound(1.0, 1.0, (50,))]
    asked = {text: [sound.pitches for sound in lines_of([staff], f"0 {text}")] for text in ("all", "top", "lower")}
    assert asked == {"all": [(48, 60, 64), (50,)], "top": [(64,), (50,)], "lower": [(48, 60)]}
    assert [sound.pitches for sound in lines_of([staff], "0 bottom")] == [(48,), (50,)]
    assert [sound.pitches for sound in lines_of([staff], "0 upper")] == [(60, 64)]


def _lines(count: int) -> list[Line]:
    return [[Sound(float(at), 1.0, (80 - 10 * line,)) for at in range(8)] for line in range(count)]


@pytest.mark.parametrize("name", sorted(TABLES["pieces"]))
def test_everybody_has_a_part_and_a_role_and_no_line_is_lost(name: str) -> None:
    table = TABLES["pieces"][name]
    lines = _lines(len(table.get("lines", range(4))))
    keys = _lines(len(table.get("keys", [])))
    for ensemble in table["ensembles"]:
        parts = scored(lines, keys, TABLES["ensembles"][ensemble])
        assert len(parts) >= 3
        heard = {pitch for _, part, _ in parts for sound in part for pitch in sound.pitches}
        assert heard >= {pitch for line in lines for sound in line for pitch in sound.pitches}
        for (instrument, program), part, _ in parts:
            assert part
            assert 0 <= program < 128
            assert instrument.endswith("choir") or role_named(instrument)


def test_a_short_piece_is_played_again_and_a_long_one_begins_somewhere() -> None:
    rng = np.random.default_rng(1)
    quarters = LENGTH_S / 0.5
    assert quarters == 68
    short: Line = [Sound(float(at), 1.0, (60 + at,)) for at in range(5)]  # another voice plays to the end of bar two
    notes = sounded(short, Excerpt(0.0, 8.0, 0.5, 0.0), 1.0, rng)
    assert len(notes) == 8 * 5 + 4  # five notes in each two bars, and the bar that is left
    assert notes[5].pitch == notes[0].pitch
    assert notes[5].start_s == pytest.approx(4.0, abs=0.06)
    long: Line = [Sound(float(at), 1.0, (60,)) for at in range(400)]
    starts = {starting(400.0, quarters, np.random.default_rng(seed)) for seed in range(20)}
    assert len(starts) > 5
    assert all(start % 4 == 0 and start + quarters <= 400 for start in starts)
    assert len(sounded(long, Excerpt(max(starts), 400.0, 0.5, 0.0), 1.0, rng)) == quarters


def test_each_piece_stays_on_one_side_of_a_split_and_names_its_licence() -> None:
    songs = recipes(TABLES, 2, 1)
    assert len({song.id for song in songs}) == len({song.seed for song in songs}) == 2 * len(TABLES["pieces"])
    for name, table in TABLES["pieces"].items():
        assert {song.split_key for song in songs if song.id.startswith(f"music21-{name}-")} == {f"piece-{name}"}
        assert ("tune" in table) != ({"says", "licence", "file", "lines"} <= set(table))

"""What the recipes for songs write: tunes in range, patterns as long as their bars, two builds alike, roles known."""

import shutil
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import make_mma_songs
import make_music21_songs
import make_pattern_songs
import numpy as np
import pytest
from corpus_manifest import make_songs
from make_melody import Metre, chords, tune
from make_pattern_songs import harmony_of, pitched_notes, role_named

from mixer import audio
from style_transfer.corpus import MANIFEST, read_manifest

MMA: dict[str, Any] = tomllib.loads(make_mma_songs.STYLES.read_text(encoding="utf-8"))
MUSIC21: dict[str, Any] = tomllib.loads(make_music21_songs.PIECES.read_text(encoding="utf-8"))
PATTERNS: dict[str, Any] = tomllib.loads(make_pattern_songs.STYLES.read_text(encoding="utf-8"))
LARGEST_SHARE = 0.3


def test_tunes_stay_in_range_in_order_and_on_their_scale() -> None:
    bars, metre = chords("Am Dm E7 Am") * 4, Metre(4, 0.5, swing=1 / 3)
    scale = frozenset({9, 0, 2, 4, 7})
    notes = tune(bars, metre, 60, 80, np.random.default_rng(1), scale=scale)
    assert all(60 <= note.pitch <= 80 and note.pitch % 12 in scale for note in notes)
    assert all(a.start_s < b.start_s for a, b in pairwise(notes))
    on_beats = [note for note in tune(bars, metre, 60, 80, np.random.default_rng(1)) if round(note.start_s, 1) % 2 == 0]
    assert all(note.pitch % 12 in bars[round(note.start_s / 2)].notes for note in on_beats)


@pytest.mark.parametrize("style", sorted(PATTERNS))
def test_patterns_fill_their_bars_and_their_instruments_have_roles(style: str) -> None:
    table = PATTERNS[style]
    steps = table.get("beats", 4) * table.get("steps", 4)
    for part in table["parts"]:
        assert {len(p) for p in [*part.get("drums", {}).values(), *part.get("patterns", [])]} == {steps}, part["name"]
        if "drums" not in part:
            role_named(part["name"])
    for lead, program in table["leads"].items():
        assert program == -1 or role_named(lead)


def test_scales_of_other_tunings_are_played_as_such() -> None:
    table = PATTERNS["gamelan-like"]
    harmony = harmony_of(table, np.random.default_rng(3))
    notes = pitched_notes(table["parts"][0], harmony, np.random.default_rng(3), set())
    assert {note.cents for note in notes} <= {float(cents) for cents in table["cents"]}
    assert len({note.cents for note in notes}) > 2


def test_no_region_and_no_family_is_more_than_the_largest_share() -> None:
    """Of the songs that the recipes draw, which are of one length."""
    recipes = [*make_mma_songs.recipes(MMA, 2, 1), *make_pattern_songs.recipes(PATTERNS, 2, 1)]
    recipes += make_music21_songs.recipes(MUSIC21, 2, 1)
    for kind in ("region", "family"):
        names = [getattr(recipe, kind) for recipe in recipes]
        shares = {name: names.count(name) / len(names) for name in names}
        assert max(shares.values()) <= LARGEST_SHARE, shares


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not make_mma_songs.FONTS[0].path.is_file(),
    reason="fluidsynth or its sound font is not installed",
)
def test_two_builds_with_one_seed_are_identical(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mido")
    for recipes in (make_mma_songs, make_pattern_songs):
        monkeypatch.setattr(recipes, "LENGTH_S", 6.0)
    monkeypatch.setattr(make_pattern_songs, "FONT_SHARES", (1.0, 0.0, 0.0))  # the others take longer to load
    recipe = next(r for r in make_pattern_songs.recipes(PATTERNS, 2, 1) if r.id == "pattern-huayno-1")
    for build in ("one", "two"):
        make_songs(tmp_path / build, [recipe], lambda r, p: make_pattern_songs.make(PATTERNS, r, p))
    assert (tmp_path / "one" / MANIFEST).read_bytes() == (tmp_path / "two" / MANIFEST).read_bytes()
    (song,) = read_manifest(tmp_path / "one")
    assert len(song.tracks) == len(PATTERNS["huayno"]["parts"]) + 1
    for track in song.tracks:
        sound, _ = audio.read(track.path)
        assert 0.01 < np.abs(sound).max() <= 0.98  # it plays, and does not clip

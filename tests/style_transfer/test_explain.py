"""What is said: words for moves, stem groups against a reference's, and the summary of a whole suggestion."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from interfaces.suggested import markdown, rows_by_target
from mixer import audio
from mixer.edits import apply, set_locks
from mixer.processor import find
from mixer.roles import Group, Role
from mixer.session import Edit, Session
from style_transfer.brief import Brief
from style_transfer.features import BANDS, CENTRES_HZ, EDGES_HZ, Power, Shape
from style_transfer.group_findings import GroupFound
from style_transfer.reference_file import ReferenceFile
from style_transfer.stems import GroupSaid, Presence, ReferenceStems
from style_transfer.suggest import suggest
from style_transfer.suggestion import Suggestion
from style_transfer.summary import REGIONS, tone_apart
from style_transfer.target import GroupTarget
from style_transfer.words import clock, group_words, listed, move_text, role_words
from tests.signals import RATE, music
from tests.songs import write_song

FLAT = Power(*torch.ones(3, BANDS, dtype=torch.float64).unbind())


@pytest.mark.parametrize(
    ("address", "before", "after", "said"),
    [
        ("fader.gain_db", 0.0, 2.1, "up 2.1 dB"),
        ("fader.gain_db", -3.0, -60.0, "at off"),
        ("panner.pan", 0.0, -0.42, "42% left"),
        ("panner.pan", 0.5, 0.0, "centre"),
        ("panner.width", 1.0, 1.25, "wider, width 1.25"),
        ("equalizer.highpass_hz", 20.0, 80.0, "high-pass 80 Hz"),
        ("equalizer.peak1_gain_db", 0.0, -1.5, "EQ -1.5 dB at 315 Hz"),
        ("compressor.threshold_db", -18.0, -24.0, "compressor threshold -24.0 dB"),
        ("compressor.attack_ms", 10.0, 6.0, "compressor attack 6.0 ms"),
        ("send.level_db", -60.0, -17.0, "reverb send -17.0 dB"),
        ("reverb.decay_s", 1.2, 2.0, "reverb decay 2.0 s"),
        ("limiter.active", 0.0, 1.0, "limiter on"),
    ],
)
def test_moves_in_words(address: str, before: float, after: float, said: str) -> None:
    processor, knob = address.split(".")
    assert move_text(processor, find(processor).param(knob), before, after, 315.2) == said


def test_places_roles_and_rows() -> None:
    assert [clock(seconds) for seconds in (0.4, 62.0, 3599.9)] == ["0:00", "1:02", "59:59"]
    assert [role_words(role) for role in (Role.LEAD_VOCAL, Role.KICK, Role.KEYS)] == [
        "lead vocals",
        "kick drums",
        "keys",
    ]
    assert group_words(frozenset({Group.OTHER, Group.BASS})) == "bass and other instruments"
    assert [listed(["a"]), listed(["a", "b"]), listed(list("abcdefg"))] == ["a", "a and b", "a, b, c, d, e and 2 more"]


def shape(**boost_db: float) -> Shape:
    """A flat spectrum with regions raised."""
    factors = torch.ones(BANDS, dtype=torch.float64)
    for name, amount in boost_db.items():
        low, high = REGIONS[name.replace("_", " ")]
        factors[EDGES_HZ.index(low) : EDGES_HZ.index(high)] *= 10 ** (amount / 10)
    return Shape.of(FLAT * factors, RATE)


def test_tone_is_told_by_region_the_widest_first() -> None:
    assert tone_apart(shape(), shape()) == []
    (lows,) = tone_apart(shape(lows=6.0), shape())
    assert lows.endswith(" dB more lows (below 200 Hz)")
    assert float(lows.split()[0]) == pytest.approx(6.0, abs=0.7)  # as loud again, for the lows made the whole louder
    first, second, *_ = tone_apart(shape(lows=8.0, low_mids=-5.0), shape())
    assert first.endswith(" dB more lows (below 200 Hz)")
    assert second.endswith(" dB less low mids (200-630 Hz)")


def found(now_lu: float, becomes_lu: float, groups: frozenset[Group] = frozenset({Group.VOCALS})) -> GroupFound:
    owned = tuple(hz > 1000 for hz in CENTRES_HZ)
    tone = tuple(shape().mid_db.tolist())
    said = GroupSaid(groups, Presence.PRESENT, -3.0, 1.0, None, 2.0, None, 0.2, tone, owned)
    target = GroupTarget(said, (groups, frozenset({Group.DRUMS})), -3.0, 1.0, "hit.flac")
    return GroupFound(target, now_lu, becomes_lu, "the reference", shape(presence=4.0), shape(presence=1.0))


@pytest.mark.parametrize(
    ("now", "becomes", "said"),
    [
        (-6.4, -4.2, "it sat 3.4 LU below the vocals of the reference, now 1.2"),
        (-6.4, -3.1, "it sat 3.4 LU below the vocals of the reference, now level"),
        (-1.0, -4.0, "it sat 2.0 LU above the vocals of the reference, now 1.0 below"),
    ],
)
def test_a_group_against_the_references(now: float, becomes: float, said: str) -> None:
    assert found(now, becomes).said(alone=True) == said


def test_several_tracks_are_one_group() -> None:
    assert found(-6, -4).said(alone=False) == "the vocals together sat 3.0 LU below those of the reference, now 1.0"
    bass = found(-6, -4, frozenset({Group.BASS})).said(alone=False)
    assert bass == "the bass together sat 3.0 LU below that of the reference, now 1.0"


def test_a_groups_tone_is_told_where_the_reference_tells_it() -> None:
    there, elsewhere = (found(-6, -4).tone_apart(hz) for hz in (4000.0, 1500.0))
    assert there is not None
    assert elsewhere is not None
    # 4 dB over it by practice and 1 dB now, against the bands that are left alone
    assert [a - b for a, b in zip(there, elsewhere, strict=True)] == pytest.approx([4.0, 1.0], abs=0.1)
    assert found(-6, -4).tone_apart(100.0) is None
    nothing = replace(found(-6, -4).target.said, tone_db=None)
    assert replace(found(-6, -4), target=replace(found(-6, -4).target, said=nothing)).tone_apart(4000.0) is None


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Suggestion]:
    """A suggestion after another song that comes with its true stems, with something locked and something set."""
    folder = tmp_path_factory.mktemp("told")
    session = set_locks(write_song(folder / "song", seconds=4.0), ["pad"], True)
    session = apply(session, [Edit(address="hh.fader.gain_db", before=0, after=-4.0)], "set", "mine")
    mixture, files = np.zeros((2, 4 * RATE), np.float32), {}
    for group, (seed, gain) in {Group.VOCALS: (11, 0.4), Group.DRUMS: (12, 0.2), Group.OTHER: (13, 0.2)}.items():
        part = np.float32(gain) * music(4, 2, seed=seed)
        files[group] = folder / f"{group}.wav"
        audio.write(files[group], part, RATE)
        mixture += part
    audio.write(folder / "hit.wav", np.float32(0.5) * mixture, RATE)
    for path in files.values():
        part, _ = audio.read(path)
        audio.write(path, np.float32(0.5) * part, RATE)
    reference = ReferenceFile(folder / "hit.wav", stems=ReferenceStems(files))
    return session, suggest(session, folder / "song", Brief((reference,)))


def test_levels_rest_on_the_reference_s_stems(told: tuple[Session, Suggestion]) -> None:
    _, suggestion = told
    (voice,) = [change for change in suggestion.changes if change.address == "ldvox.fader.gain_db"]
    assert voice.because.startswith("it sat ")
    assert "the vocals of the reference, now " in voice.because
    assert voice.evidence.target is not None
    before, after = (abs(level - voice.evidence.target) for level in (voice.evidence.now, voice.evidence.becomes))
    assert after < before


def test_the_summary_says_what_was_heard_kept_and_moved(told: tuple[Session, Suggestion]) -> None:
    session, suggestion = told
    summary = suggestion.summary
    assert summary is not None
    assert summary.was[0].startswith("The mix stood at ")
    assert any(" of the reference" in line and line.startswith("It had its ") for line in summary.was)
    assert "no bass" in summary.wanted[0]
    assert summary.kept == ["Locked or yours, so left as you have it: HH fader and Pad."]
    assert any(line.startswith("Levels: ") and "LdVox" in line for line in summary.moved)
    assert summary.heard[-1] == "Of hit.wav, 0:00-0:04, all of it."
    page = markdown(session, suggestion).splitlines()
    assert {"## What was moved", "## What was left to you", "## LdVox"} <= set(page)


def test_the_bands_of_an_equaliser_are_one_row(told: tuple[Session, Suggestion]) -> None:
    _, suggestion = told
    for _, rows in rows_by_target(suggestion):
        processors = [row.processor for row in rows]
        assert len(set(processors)) == len(processors)
        for row in rows:
            assert 1 <= len(row.reasons) <= 2
            assert row.moves


def test_what_is_measured_is_a_number(told: tuple[Session, Suggestion]) -> None:
    for change in told[1].changes:
        assert math.isfinite(change.evidence.now)
        assert math.isfinite(change.evidence.becomes)
        assert change.reason == f"{change.name} {change.move}: {change.because}"

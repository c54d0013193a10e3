"""A listener model moves only what it may, no further than it may, and only to where it hears the words better.

The model is a tiny one with random weights: what it hears means nothing, but what comes of it obeys all the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mixer.assignment import assign
from mixer.edits import set_locks
from mixer.session import Session
from style_transfer.audibility import AUDIBLE_DB
from style_transfer.clap.hearing import ANCHOR, nearness
from style_transfer.clap.model import Clap, ClapChoice, load
from style_transfer.clap.opinion import LEAST_SHIFT
from style_transfer.clap.refine import MOST_DB, Refined, leads, refine
from style_transfer.desk import Desk
from style_transfer.listen import Heard, Segment
from style_transfer.start import Values, copied, current_values
from tests.songs import write_song
from tests.style_transfer.clap.tiny import write_clap
from tests.style_transfer.desks import desk_of, heard_song

pytestmark = pytest.mark.slow
TEXT = "brighter hats and a deeper bass, guitars up"
MOVED = (
    "hh.equalizer.high_gain_db",
    "bass_di.equalizer.low_gain_db",
    "kick.equalizer.low_gain_db",
    "gtr.fader.gain_db",
)
EQ = tuple(address for address in MOVED if "equalizer" in address)


@pytest.fixture(scope="module")
def clap(tmp_path_factory: pytest.TempPathFactory) -> Clap:
    return load(ClapChoice(str(write_clap(tmp_path_factory.mktemp("clap")))))


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, list[Heard], list[Segment]]:
    folder: Path = tmp_path_factory.mktemp("song")
    session = write_song(folder, seconds=1.0)
    return session, *heard_song(session, folder)


def worded(session: Session) -> Values:
    """As words left it: brighter hats, more low end of bass and kick, the guitar up."""
    values = copied(current_values(session))
    for address, value in zip(MOVED, (4.0, 3.0, 2.0, 3.0), strict=True):
        target, processor, knob = address.split(".")
        values[target][processor][knob] = value
    return values


@pytest.fixture(scope="module")
def desk(song: tuple[Session, list[Heard], list[Segment]]) -> Desk:
    return desk_of(song[0], song[1], worded(song[0]))


@pytest.fixture(scope="module")
def refined(clap: Clap, desk: Desk, song: tuple[Session, list[Heard], list[Segment]]) -> Refined:
    return refine(clap, TEXT, song[2], desk, MOVED, torch.full((len(desk.heard),), AUDIBLE_DB - 1))


def near(clap: Clap, desk: Desk, segments: list[Segment], values: Values) -> float:
    there = Desk(desk.session, desk.heard, values, desk.sample_rate)
    with torch.no_grad():
        return float(nearness(clap, clap.texts([TEXT, ANCHOR]), there, segments[0]))


def test_the_model_hears_the_words_better_afterwards(
    clap: Clap, desk: Desk, refined: Refined, song: tuple[Session, list[Heard], list[Segment]]
) -> None:
    assert refined.moved
    assert near(clap, desk, song[2], refined.values) > near(clap, desk, song[2], desk.values) + LEAST_SHIFT


def test_only_gains_that_words_moved_move_and_within_their_leads(desk: Desk, refined: Refined) -> None:
    now = current_values(desk.session)
    for target, rows in refined.values.items():
        for processor, knobs in rows.items():
            for knob, value in knobs.items():
                before, address = desk.values[target][processor][knob], f"{target}.{processor}.{knob}"
                if address not in EQ:
                    assert value == before, address
                    continue
                assert abs(value - before) <= MOST_DB["equalizer"] + 0.051, address  # rounded to 0.1 dB
                asked = before - now[target][processor][knob]
                assert (value - now[target][processor][knob]) / asked >= 0.5 - 0.06 / abs(asked), address


def test_it_is_the_same_each_time(
    clap: Clap, desk: Desk, song: tuple[Session, list[Heard], list[Segment]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("style_transfer.clap.refine.STEPS", 2)
    nobody = torch.full((len(desk.heard),), AUDIBLE_DB - 1)
    one, other = (refine(clap, TEXT, song[2], desk, MOVED, nobody) for _ in range(2))
    assert one == other


def test_gradients_reach_the_knobs(clap: Clap, desk: Desk, song: tuple[Session, list[Heard], list[Segment]]) -> None:
    gains = {
        ("equalizer", "peak1_gain_db"): torch.zeros(len(desk.heard), dtype=torch.float64, requires_grad=True),
        ("master", "high_gain_db"): torch.zeros(1, dtype=torch.float64, requires_grad=True),
    }
    heard = nearness(clap, clap.texts([TEXT, ANCHOR]), desk, song[2][0], gains)
    slopes = torch.autograd.grad(heard, list(gains.values()))
    assert all(bool(torch.isfinite(slope).all()) for slope in slopes)
    assert int((slopes[0] != 0).sum()) == len(desk.heard)
    step = 0.05
    for key, gain, slope in zip(gains, gains.values(), slopes, strict=True):
        row = int(slope.abs().argmax())
        with torch.no_grad():
            sides = []
            for sign in (1, -1):
                moved = gain.detach().clone()
                moved[row] += sign * step
                sides.append(nearness(clap, clap.texts([TEXT, ANCHOR]), desk, song[2][0], {key: moved}))
        # float32 audio through a float32 model: a few per cent over a tenth of a decibel
        assert float(slope[row]) == pytest.approx(float(sides[0] - sides[1]) / (2 * step), rel=0.1)


def test_locked_and_own_knobs_have_no_lead(desk: Desk) -> None:
    assert set(leads(desk, MOVED)) == {tuple(address.split(".")) for address in EQ}
    session = set_locks(desk.session, ["hh"], True)
    session = assign(session, [f"{EQ[1]}=3", f"{EQ[2]}=2"])
    assert leads(Desk(session, desk.heard, desk.values, desk.sample_rate), MOVED) == {}


def test_what_words_did_not_move_leaves_nothing_to_refine(
    clap: Clap, desk: Desk, song: tuple[Session, list[Heard], list[Segment]]
) -> None:
    done = refine(clap, TEXT, song[2], desk, ["gtr.fader.gain_db"], torch.zeros(len(desk.heard)))
    assert done.values == desk.values
    assert "nothing to refine" in done.note

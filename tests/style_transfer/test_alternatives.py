"""Alternatives: what sets them apart, which are worth telling, and what they are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mixer.edits import apply
from mixer.errors import UsageError
from mixer.render import render
from mixer.scan import scan
from mixer.session import Edit
from style_transfer.alternatives import RECALL, Answer, alternatives, named_apart, worth_telling
from style_transfer.brief import Brief
from style_transfer.reference_file import ReferenceFile
from style_transfer.search import Found
from style_transfer.suggest import suggest
from style_transfer.traits import TOLD, Traits, differences, dominated, promises, tell
from style_transfer.variant import USUAL, VARIANTS, Variant
from tests.sessions import make_session
from tests.songs import SHARED, write_song

TRAITS = Traits(
    distance_db=3.0,
    balance_lu=1.0,
    moves=1.0,
    vocals_lu=-3.0,
    width_db=-10.0,
    wet_db=-18.0,
    reduction_db=2.0,
    eq_db=1.0,
)
NOTHING = Found({}, {}, [], [], None)


def variant(name: str) -> Variant:
    return next(each for each in VARIANTS if each.name == name)


def answer(name: str, **changed: float) -> Answer:
    traits = replace(TRAITS, **changed)
    return Answer(variant(name), NOTHING, traits, differences(traits, TRAITS))


def names(answers: list[Answer]) -> list[str]:
    return [about.name for about in named_apart(answers)]


def test_every_variant_but_the_usual_one_promises_something_that_can_be_told() -> None:
    for each in VARIANTS:
        assert bool(promises(each)) == (each != USUAL)
        assert promises(each).keys() <= TOLD.keys()


def test_what_is_not_heard_is_no_difference() -> None:
    assert differences(replace(TRAITS, vocals_lu=-2.5, wet_db=-18.9), TRAITS) == {}
    louder = differences(replace(TRAITS, vocals_lu=-1.0, wet_db=-20.0), TRAITS)
    assert tell(louder) == ["vocals 2.0 LU up against the rest", "2.0 dB less reverb"]


def test_an_answer_is_called_by_what_it_delivers() -> None:
    whole = answer("vocals forward", vocals_lu=-1.0, wet_db=-20.0)
    part = answer("tight and dry", wet_db=-24.0)
    again = answer("wide and wet", wet_db=-14.0)
    assert names([answer("balanced"), whole, part, again]) == ["balanced", "vocals forward", "drier", "wetter"]
    both = [answer("balanced"), answer("vocals forward", wet_db=-20.0), answer("tight and dry", wet_db=-24.0)]
    assert names(both) == ["balanced", "drier", "6.0 dB less reverb"]
    assert named_apart(both)[0].differs == []


def test_what_sounds_the_same_is_told_once() -> None:
    same = answer("closer to the reference", moves=1.2)
    assert names(worth_telling([answer("balanced"), same])) == ["balanced"]


def test_what_another_makes_needless_is_left_out() -> None:
    closer = answer("closer to the reference", distance_db=2.5, moves=1.4)
    better = answer("tight and dry", distance_db=2.0, moves=0.9, wet_db=-24.0, reduction_db=3.0, width_db=-11.0)
    kept = worth_telling([answer("balanced"), closer, better])
    assert names(kept) == ["tight and dry"]  # nearer with smaller moves: neither of the others has anything on it
    wide = answer("wide and wet", distance_db=3.5, moves=1.2, width_db=-7.0, wet_db=-14.0)
    assert len(worth_telling([answer("balanced"), wide])) == 2  # worse on every count, but only it is wide and wet


def test_being_dominated_is_about_all_counts() -> None:
    none: dict[str, float] = {}
    assert dominated(TRAITS, replace(TRAITS, distance_db=2.0), none)
    assert not dominated(TRAITS, replace(TRAITS, distance_db=2.0, balance_lu=1.1), none)
    assert not dominated(TRAITS, replace(TRAITS, distance_db=2.95), none)  # no more than a rounding
    assert not dominated(TRAITS, replace(TRAITS, distance_db=2.0, vocals_lu=-4.0), {"vocals_lu": 1.0})


@pytest.mark.slow
def test_alternatives_of_a_real_song() -> None:
    folder, path = SHARED / "songs" / "rock", SHARED / "references" / "beach_pop.flac"
    if not folder.is_dir() or not path.is_file():
        pytest.skip("the songs and references for tests are not beside this checkout")
    session, brief = scan(folder).session, Brief((ReferenceFile(path, (5.0, 12.0)),))
    made = alternatives(session, folder, brief, 2)
    told = [each.alternative for each in made if each.alternative is not None]
    assert len(made) == len(told) == 2
    assert len({about.name for about in told}) == 2
    assert told[0].name == USUAL.name
    assert made[0].model_copy(update={"alternative": None}) == suggest(session, folder, brief)
    assert all(about.differs for about in told[1:])
    for one in told:
        for other in told:
            assert not dominated(Traits(**one.traits), Traits(**other.traits), promises_of(one.name))
    assert len({tuple((c.address, c.after) for c in each.changes) for each in made}) == 2


def promises_of(name: str) -> dict[str, float]:
    """What an answer of this name has more or less of: that of its variant, or what its words say."""
    words = {
        word: (trait, sign) for trait, told in TOLD.items() for word, sign in ((told.more, 1.0), (told.less, -1.0))
    }
    named = [each for each in VARIANTS if each.name == name]
    return promises(named[0]) if named else dict(words[word] for word in name.split(" and "))


def test_how_many_can_be_asked_for(tmp_path: Path) -> None:
    for count in (0, len(VARIANTS) + 1):
        with pytest.raises(UsageError, match=f"{count} alternatives cannot be had: ask for 1 to {len(VARIANTS)}"):
            alternatives(make_session(), tmp_path, Brief(), count)


@pytest.mark.slow
def test_a_mix_of_these_very_tracks_has_one_answer(tmp_path: Path) -> None:
    session = write_song(tmp_path / "song", seconds=4.0)
    bounce, faders = tmp_path / "bounce.wav", {"ldvox": 15.0, "hh": -9.0, "kick": -4.0}
    edits = [Edit(address=f"{track}.fader.gain_db", before=None, after=gain_db) for track, gain_db in faders.items()]
    render(apply(session, edits, "set", "an old mix"), tmp_path / "song", bounce)
    (only,) = alternatives(session, tmp_path / "song", Brief((ReferenceFile(bounce),)), 3)
    assert only.recalled
    assert only.alternative is not None
    assert only.alternative.name == RECALL.name
    assert "3 alternatives were asked for; no more than 1 differ in anything that is heard." in only.notes
    (voice,) = [change for change in only.changes if change.address == "ldvox.fader.gain_db"]
    assert "as in bounce.wav" in voice.because

"""Wishes: what an intent asks of the measurements."""

from __future__ import annotations

import numpy as np
import pytest

from mixer.roles import Group
from style_transfer.features import CENTRES_HZ
from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.understand import understand
from style_transfer.prompt.wishes import ASPECTS, Wish, wishes
from tests.prompts_corpus import sessions

SONG = sessions()["band"]
HZ = np.array(CENTRES_HZ)


def wished(text: str) -> tuple[Wish, ...]:
    return wishes(understand(text, SONG).intents, SONG)


def test_places() -> None:
    places = [(wish.place, wish.group) for wish in wished("warmer mix, punchier drums, brighter piano")]
    assert places == [("mix", None), ("group", Group.DRUMS), ("tracks", None)]


def test_a_curve_has_the_sign_of_its_words() -> None:
    bands = np.array(wished("darker guitars")[0].bands_db)
    assert bands[HZ < 300].mean() > 0.5
    assert bands[HZ > 5000].mean() < -1.5


@pytest.mark.parametrize(("one", "other"), [("a bit wider", "much wider"), ("slightly warmer", "way warmer")])
def test_offsets_grow_with_intensity(one: str, other: str) -> None:
    less, more = wished(f"strings {one}")[0], wished(f"strings {other}")[0]
    assert more.width_db == pytest.approx(3 * less.width_db)  # 0.5 and 1.5
    assert np.allclose(more.bands_db, 3 * np.array(less.bands_db))


@pytest.mark.parametrize("name", [name for name, each in attributes().items() if not each.less_tone])
def test_less_mirrors_more(name: str) -> None:
    attribute = attributes()[name]
    assert np.allclose(attribute.bands_db(1), -np.array(attribute.bands_db(-1)))


@pytest.mark.parametrize("name", [name for name, each in attributes().items() if each.less_tone])
def test_less_of_a_complaint_lowers_where_more_of_it_rises(name: str) -> None:
    attribute = attributes()[name]
    more, less = np.array(attribute.bands_db(1)), np.array(attribute.bands_db(-1))
    assert less[np.argmax(more)] < -0.5 or name in ("muffle", "tinny")
    assert more @ less < 0


def test_curves_stay_moderate() -> None:
    for name, attribute in attributes().items():
        most = 16.0 if name in ("telephone", "underwater") else 7.0
        assert max(np.abs(attribute.bands_db(1))) <= most, name
        assert max(abs(attribute.level_lu), abs(attribute.width_db)) <= 3, name
        assert abs(attribute.wet_db) <= 5, name


def test_every_attribute_does_something_or_says_why_not() -> None:
    knobs = {"centre", "all", "mute", "solo", "eq", "highpass"}
    for name, attribute in attributes().items():
        moves = any(attribute.bands_db(1)) or any(
            (
                attribute.level_lu,
                attribute.width_db,
                attribute.pan,
                attribute.wet_db,
                attribute.reduction_db,
                attribute.crest_db,
            )
        )
        assert moves or name in knobs or attribute.nearest.startswith("nothing"), name
        assert attribute.doc.endswith(".")


def test_keep_holds_everything_or_what_it_names() -> None:
    everything, width = wished("keep the drums as they are. keep the width of the strings")
    assert everything.held == ASPECTS
    assert everything.moves == ()
    assert width.held == ("width", "pan")


def test_guesses_are_left_out_until_confirmed() -> None:
    understood = understand("dreamy vocals", SONG)
    assert wishes(understood.intents, SONG) == ()
    confirmed = [intent.confirmed() for intent in understood.intents]
    assert wishes(confirmed, SONG)[0].wetness_db > 0


def test_knob_talk_is_no_wish() -> None:
    assert wished("cut 3 dB at 250 Hz on the bass, vocals up 2 dB") == ()
    assert wished("vocals up")[0].level_lu == attributes()["level"].level_lu


def test_what_it_is_compared_with_is_carried() -> None:
    assert wished("vocals louder than the guitars")[0].than == ("gtr1", "gtr2", "acgtr")

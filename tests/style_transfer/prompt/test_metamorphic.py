"""What must not matter to the meaning of a prompt, and what must turn it around."""

from __future__ import annotations

import random

import pytest

from style_transfer.prompt.intent import Intent
from style_transfer.prompt.understand import understand
from style_transfer.prompt.vocabulary import language
from tests.prompts_corpus import sessions

SONG = sessions()["band"]
Meaning = set[tuple[frozenset[str], str, int]]
# one noun and one adjective of each kind of sound that has both ends
NOUNS = (
    *("warmth", "brightness", "air", "presence", "mud", "boom", "punch", "compression"),
    *("reverb", "width", "clarity", "body", "bite", "room", "depth", "sibilance"),
)
ADJECTIVES = (
    *("warm", "bright", "airy", "present", "muddy", "boomy", "punchy", "compressed"),
    *("wet", "wide", "clear", "full", "harsh", "nasal", "aggressive", "spacious"),
)
CLAUSES = (
    "vocals a bit louder",
    "punchier drums",
    "less mud in the guitars",
    "pan the piano to the left",
    "the snare is too boxy",
    "wider strings",
    "cut 3 dB at 250 Hz on the bass",
)


def meaning(text: str) -> Meaning:
    return {key(intent) for intent in understand(text, SONG).intents}


def key(intent: Intent) -> tuple[frozenset[str], str, int]:
    return frozenset({"*"} if intent.target.whole else intent.target.tracks), intent.attribute, intent.sign


def mirrored(said: Meaning) -> Meaning:
    return {(place, attribute, -sign) for place, attribute, sign in said}


@pytest.mark.parametrize("noun", NOUNS)
def test_more_of_a_noun_mirrors_less_of_it(noun: str) -> None:
    more = meaning(f"more {noun} on the guitars")
    assert len(more) == 1
    assert meaning(f"less {noun} on the guitars") == mirrored(more)


@pytest.mark.parametrize("adjective", ADJECTIVES)
def test_more_of_an_adjective_mirrors_less_and_too(adjective: str) -> None:
    more = meaning(f"make the vocals more {adjective}")
    assert len(more) == 1
    assert meaning(f"make the vocals less {adjective}") == mirrored(more)
    assert meaning(f"the vocals are too {adjective}") == mirrored(more)
    assert meaning(f"the vocals aren't {adjective} enough") == more


def test_the_order_of_clauses_does_not_matter() -> None:
    straight = meaning(", ".join(CLAUSES))
    assert len(straight) == len(CLAUSES)
    draw = random.Random(1)
    for _ in range(10):
        shuffled = draw.sample(CLAUSES, len(CLAUSES))
        assert meaning(", ".join(shuffled)) == straight
        assert meaning(". ".join(shuffled)) == straight


@pytest.mark.parametrize("text", CLAUSES)
def test_case_spacing_and_end_marks_do_not_matter(text: str) -> None:
    plain = meaning(text)
    assert plain
    for other in (
        text.upper(),
        text.title(),
        f"  {text.replace(' ', '   ')} ",
        text + "!!!",
        text + " please",
        f"pls {text}",
    ):
        assert meaning(other) == plain, other


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("make the vocals brighter", "make teh voclas brigther"),
        ("guitars wider", "gutars wyder"),
        ("less reverb on the drums", "les rever on teh durms"),
        ("snare punchier", "snair puncheir"),
        ("compress the guitars", "compres the guitras"),
    ],
)
def test_misspelling_does_not_matter(right: str, wrong: str) -> None:
    assert meaning(wrong) == meaning(right) != set()
    assert {intent.origin for intent in understand(wrong, SONG).intents} <= {"synonym", "lexicon"}


@pytest.mark.parametrize(
    "template", ["more reverb on the {}", "{} louder", "the {} is too bright", "cut 2 dB at 400 Hz on the {}"]
)
def test_swapping_names_swaps_targets(template: str) -> None:
    kick, snare = meaning(template.format("kick")), meaning(template.format("snare"))
    assert {(frozenset({"snare"}), *rest) for _, *rest in kick} == {tuple(each) for each in snare}


@pytest.mark.parametrize("attribute", ["louder", "wider", "more reverb", "warmer", "less mud"])
def test_intensity_grows_with_the_words(attribute: str) -> None:
    words = ("a hair", "a bit", "", "much", "extremely")
    strengths = [understand(f"guitars {word} {attribute}", SONG).intents[0].intensity for word in words]
    assert strengths == sorted(set(strengths))


@pytest.mark.parametrize(
    "text",
    [
        "keep the drums as they are",
        "don't touch the drums",
        "leave the drums alone",
        "keep the drums punchy",
        "keep the level of the drums",
        "no Drums changes: leave the drums exactly as they are",
        "die Drums bleiben wie sie sind",
        "garde la batterie telle quelle",
        "no toques la batería",
    ],
)
def test_keep_never_moves(text: str) -> None:
    assert {sign for _, _, sign in meaning(text)} == {0}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("more warmth but no more reverb", {("warmth", 1), ("reverb", 0)}),
        ("brighter but not harsh", {("brightness", 1), ("harshness", 0)}),
        ("no mud", {("mud", -1)}),
        ("there's no punch", {("punch", 1)}),
        ("it lacks air", {("air", 1)}),
        ("it isn't wide enough", {("width", 1)}),
        ("not too bright", {("brightness", -1)}),
        ("sounds boxy", {("box", -1)}),
        ("drier", {("reverb", -1)}),
        ("turn off the reverb on the vocals", {("reverb", -1)}),
        ("reverb off", {("reverb", -1)}),
        ("vocals off", {("mute", 1)}),
        ("louder guitars, but not too loud", {("level", 1)}),
        ("make it punchier without making it louder", {("punch", 1), ("level", 0)}),
        ("the reverb is too loud", {("reverb", -1)}),
        ("the master sounds squashed", {("compression", -1)}),
    ],
)
def test_polarity(text: str, wanted: set[tuple[str, int]]) -> None:
    assert {(attribute, sign) for _, attribute, sign in meaning(text)} == wanted


def test_bass_is_an_instrument_or_a_band() -> None:
    assert meaning("more bass") == {(frozenset({"bass"}), "level", 1)}
    assert meaning("less bass on the kick") == {(frozenset({"kick"}), "lows", -1)}


@pytest.mark.parametrize(
    ("text", "tracks"),
    [
        ("guitar 2 louder", {"gtr2"}),
        ("acoustic guitar louder", {"acgtr"}),
        ("all drums except the kick louder", {"snare", "hats", "toms", "oh", "tamb"}),
        ("kick and snare louder", {"kick", "snare"}),
        ("LdVox louder", {"ldvox"}),
        ("the kick shouldn't be quieter than the snare", {"kick"}),
    ],
)
def test_targets(text: str, tracks: set[str]) -> None:
    assert meaning(text) == {(frozenset(tracks), "level", 1)}


def test_every_language_has_its_most_used_words() -> None:
    attributes = {
        code: {sense.name for senses in language(code).phrases.values() for sense in senses if sense.kind == "attr"}
        for code in ("en", "es", "de", "fr", "pt", "ja")
    }
    assert all(len(known) >= 60 for known in attributes.values()), {code: len(a) for code, a in attributes.items()}
    assert len(attributes["en"]) >= 80


def test_none_at_all_is_the_strongest_wish() -> None:
    strengths = [
        understand(text, SONG).intents[0].intensity for text in ("less reverb", "no reverb", "turn off the reverb")
    ]
    assert strengths == [1.0, 3.0, 3.0]


def test_contradictions_are_named_and_asked() -> None:
    understood = understand("vocals too loud in the chorus, vocals too quiet in the verse", SONG)
    assert understood.sure == ()
    assert understood.notes == ("vocals: both louder and quieter were asked for",)

"""``python -m tests.bench.words`` measures how words are understood and writes ``docs/words.md``."""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

from style_transfer.prompt.attributes import Attribute, attributes
from style_transfer.prompt.intent import ASK
from style_transfer.prompt.semantic import model_folder, nearest
from style_transfer.prompt.understand import understand
from style_transfer.prompt.vocabulary import LANGUAGES, language
from tests.bench.words import agreement, goals, on_sound, unknown
from tests.prompts_corpus import FOLDER, HALVES, LATER, MEASURED, Score, prompts, sessions

PAGE = Path(__file__).resolve().parents[3] / "docs" / "words.md"
TEXT = Path(__file__).with_name("words.md")
SCORED = (*HALVES, "measure")
_EXAMPLES = 4
_FIRST_SCORE = re.compile(r"First score: F1 ([\d.]+), ([\d.]+) %")


def halves_table() -> str:
    """Both halves and the set for measuring: all that was understood, and what is acted on without asking."""
    lines = ["| half | prompts | intents | F1 | precision | recall | wrong way | numbers | median time |"]
    lines.append("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for half in SCORED:
        for name, sure in (("all readings", False), ("acted on", True)):
            score, took_ms = scored(half, sure=sure)
            lines.append(
                f"| {half}, {name} | {len(prompts(half))} | {score.hits + score.missed} | **{score.f1:.3f}** "
                f"| {score.precision:.3f} | {score.recall:.3f} | {100 * score.reversed_share:.1f} % "
                f"| {score.numbers_right} of {score.numbers} | {took_ms:.1f} ms |"
            )
    return "\n".join(lines)


def later_table() -> str:
    """The sets that were written later: their first score, which their first lines keep, and what they score now."""
    lines = ["| set | prompts | first score | wrong way | now |", "|---|---:|---:|---:|---:|"]
    for half in LATER:
        opening = (FOLDER / f"{half}.toml").read_text("utf-8").partition("\n")[0]
        first = _FIRST_SCORE.search(opening)
        assert first is not None, opening
        score, _ = scored(half, sure=False)
        lines.append(f"| {half} | {len(prompts(half))} | **{first[1]}** | {first[2]} % | {score.f1:.3f} |")
    return "\n".join(lines)


def measured_on_sound() -> on_sound.Tally:
    """What the first strokes do to real songs."""
    if not on_sound.SONGS.is_dir():
        sys.exit(f"{PAGE.name} is not written: there are no songs to measure on in {on_sound.SONGS}")
    return on_sound.run()


def unknown_table() -> str:
    """What is proposed for words that the lexicon does not have."""
    if model_folder() is None:
        sys.exit(f"{PAGE.name} is not written: the extra `semantic` is not installed")
    return unknown.table(nearest())


def scored(half: str, *, sure: bool) -> tuple[Score, float]:
    """The score of a half, and the median time of a prompt in ms of one core."""
    score, took = Score(), []
    for prompt in prompts(half):
        start = time.thread_time()
        understood = understand(prompt.text, sessions()[prompt.session])
        took.append(1000 * (time.thread_time() - start))
        score.add(prompt, understood.sure if sure else understood.intents)
    return score, statistics.median(took)


def goals_table(sound: on_sound.Tally) -> str:
    """Every goal and what was measured."""
    blind, took_ms = scored("blind", sure=False)
    acted = [scored(half, sure=True)[0] for half in MEASURED]
    engineers = agreement.safe()
    return goals.table(blind, acted, took_ms, sound.share(), engineers.lexicon, engineers.people)


def languages_table() -> str:
    """F1 by language, both halves."""
    lines = ["| language | phrases known | development | blind |", "|---|---:|---:|---:|"]
    for code in LANGUAGES:
        cells = []
        for half in HALVES:
            score = Score()
            chosen = [prompt for prompt in prompts(half) if prompt.lang == code]
            for prompt in chosen:
                score.add(prompt, understand(prompt.text, sessions()[prompt.session]).intents)
            cells.append(f"{score.f1:.2f} ({len(chosen)})")
        known = sum(any(s.kind == "attr" for s in senses) for senses in language(code).phrases.values())
        lines.append(f"| {language(code).name} | {known} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


def people_table() -> str:
    """The lexicon's curves against what people chose, with the ceilings."""
    if not agreement.FOLDER.is_dir():
        sys.exit(f"{PAGE.name} is not written: the people's choices are not here, put them into {agreement.FOLDER}")
    rows = [
        ("SAFE, engineers", agreement.safe(), "one engineer against the rest"),
        ("SocialEQ, laypeople, English", agreement.social(), "half of them against the other half"),
        ("SocialEQ, laypeople, Spanish", agreement.social("Español"), "half of them against the other half"),
    ]
    lines = [
        "| choices of | words | lexicon | lexicon, words acted on | people | who |",
        "|---|---:|---:|---:|---:|---|",
    ]
    for name, found, who in rows:
        ours = f"**{found.lexicon:.2f}** | {found.acted_on():.2f}"
        lines.append(f"| {name} | {len(found.words)} | {ours} | {found.people:.2f} | {who} |")
    best = sorted(rows[0][1].words.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{word} {r:.2f}" for word, r in best)
    english, spanish = agreement.coverage(), agreement.coverage("Español")
    lines += [
        "",
        f"Word by word against the engineers: {listed}.",
        "",
        f"Of the words that laypeople gave to a sound of their own accord the lexicon knows {100 * english[0]:.0f} % "
        f"of the answers in English ({english[1]} different words) and {100 * spanish[0]:.0f} % in Spanish "
        f"({spanish[1]}). What it does not know, it says so and asks.",
    ]
    return "\n".join(lines)


def lexicon_table() -> str:
    """Every attribute with a few of its English words."""
    said: dict[tuple[str, int], list[str]] = defaultdict(list)
    for phrase, senses in language("en").phrases.items():
        for sense in senses:
            if sense.kind == "attr" and sense.form in ("adj", "noun"):
                said[sense.name, sense.pole].append(" ".join(phrase))
    lines = ["| more | less | aspect | what it is | words, for instance |", "|---|---|---|---|---|"]
    for attribute in attributes().values():
        words = [*said[attribute.name, 1][:_EXAMPLES], *said[attribute.name, -1][: _EXAMPLES - 2]]
        doubt = " (asks)" if attribute.confidence < ASK and attribute.aspect != "beyond" else ""
        cells = (attribute.plus, attribute.minus, attribute.aspect + doubt, _doc(attribute), ", ".join(words))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _doc(attribute: Attribute) -> str:
    if attribute.aspect != "beyond":
        return attribute.doc
    return f"{attribute.doc} Not in the console; the nearest: {attribute.nearest}."


def counts() -> dict[str, str]:
    """Figures inside the text."""
    phrases = sum(any(s.kind == "attr" for s in senses) for senses in language("en").phrases.values())
    told = sum(len(prompts(half)) for half in (*SCORED, *LATER))
    return {"attributes": str(len(attributes())), "phrases": str(phrases), "prompts": str(told), "ask": f"{ASK:g}"}


def main() -> None:
    """Measure, and write the page."""
    sound = measured_on_sound()
    tables = {
        "goals": goals_table(sound),
        "halves": halves_table(),
        "languages": languages_table(),
        "later": later_table(),
        "sound": on_sound.table(sound),
        "unknown": unknown_table(),
        "people": people_table(),
        "lexicon": lexicon_table(),
    }
    text = TEXT.read_text("utf-8")
    for name, value in (tables | counts()).items():
        text = text.replace("{{" + name + "}}", value)
    PAGE.write_text(text, "utf-8")
    sys.stdout.write(tables["halves"] + "\n")


if __name__ == "__main__":
    main()

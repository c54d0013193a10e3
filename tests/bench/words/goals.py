"""The goals that this part of the project set itself, beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from tests.prompts_corpus import Score

F1, WRONG_WAY, SIGN, ENGINEERS, TIME_MS = 0.85, 0.01, 0.95, 0.65, 20.0


def table(
    blind: Score, acted_on: Sequence[Score], took_ms: float, sign: float, engineers: float, one_engineer: float
) -> str:
    """As Markdown.

    Args:
        blind: all readings of the blind half.
        acted_on: what is acted on without asking, of each set of which only the score is looked at.
        took_ms: median time of a prompt.
        sign: share of moves in the asked direction.
        engineers: the lexicon's correlation with engineers' curves; ``one_engineer``: one of them with the rest.
    """
    reversed_ = sum(score.reversed for score in acted_on)
    share = reversed_ / sum(score.hits + score.reversed for score in acted_on)
    beats = "above" if engineers > one_engineer else "below"
    rows = [
        ("blind prompts, F1 without extras", f"{F1:g}", f"{blind.f1:.3f}", blind.f1 >= F1),
        (
            "wrong way, of what is acted on",
            f"{100 * WRONG_WAY:g} % or fewer",
            f"{100 * share:.1f} %",
            share <= WRONG_WAY,
        ),
        (
            "wrong way, blind half, questions too",
            f"{100 * WRONG_WAY:g} % or fewer",
            f"{100 * blind.reversed_share:.1f} %",
            blind.reversed_share <= WRONG_WAY,
        ),
        ("moves the asked way on sound", f"{100 * SIGN:g} %", f"{100 * sign:.1f} %", sign >= SIGN),
        (
            "agreement with engineers (SAFE)",
            f"r {ENGINEERS:g}, above one engineer against the rest",
            f"r {engineers:.2f}, {beats} ({one_engineer:.2f})",
            engineers >= ENGINEERS and engineers > one_engineer,
        ),
        ("parse time, median", f"under {TIME_MS:g} ms", f"{took_ms:.1f} ms", took_ms < TIME_MS),
    ]
    lines = ["| what | goal | measured | met |", "|---|---|---|---|"]
    lines += [f"| {what} | {goal} | {found} | {'yes' if met else '**no**'} |" for what, goal, found, met in rows]
    return "\n".join(lines)

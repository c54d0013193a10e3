"""What was understood from a prompt, as data that can be shown, edited and stored before anything runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Direction = Literal["more", "less", "keep"]
Origin = Literal["explicit", "lexicon", "synonym", "guess"]
Status = Literal["understood", "guessed", "not_understood", "no_request"]

ASK = 0.5
"""A confidence below this is a question to the user; nothing acts on it by itself."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Target(_Model):
    """Which part of the song: the whole mix, or some of its tracks."""

    label: Annotated[str, Field(description="As a person calls it: 'the mix', 'guitars', 'Gtr 2'.")]
    whole: Annotated[bool, Field(description="The mix itself, and not its tracks.")] = False
    tracks: Annotated[tuple[str, ...], Field(description="Ids in the session's order; empty if nothing fits.")] = ()


class Number(_Model):
    """A number that was said, with its unit: dB, LUFS (below 0, without the sign), Hz, %, :1, ms, s or none."""

    value: float
    unit: Literal["dB", "LUFS", "Hz", "%", ":1", "ms", "s", ""] = ""


class Intent(_Model):
    """One thing that was asked for. ``attribute`` is a key of ``attributes.toml``."""

    target: Target
    attribute: str
    direction: Direction
    intensity: Annotated[float, Field(ge=0, le=3, description="1 is what the word means by itself.")] = 1.0
    numbers: tuple[Number, ...] = ()
    than: Annotated[Target | None, Field(description="What it is compared with: 'louder than the guitars'.")] = None
    span: Annotated[tuple[int, int], Field(description="Where in the text, in characters.")] = (0, 0)
    origin: Origin = "lexicon"
    confidence: Annotated[float, Field(ge=0, le=1)] = 0.9

    @property
    def acts(self) -> bool:
        """Whether it is sure enough to be acted on without asking."""
        return self.confidence >= ASK

    @property
    def sign(self) -> int:
        """1 for more, -1 for less, 0 for keep."""
        return {"more": 1, "less": -1, "keep": 0}[self.direction]

    def number(self, unit: str) -> float | None:
        """The number with this unit, if one was said."""
        return next((number.value for number in self.numbers if number.unit == unit), None)

    def confirmed(self) -> Intent:
        """The same, now that the user said yes to it."""
        return self.model_copy(update={"confidence": 1.0, "origin": "explicit"})


class Row(_Model):
    """One clause of the prompt, and what became of it."""

    text: str
    span: tuple[int, int]
    status: Status
    intents: tuple[Intent, ...] = ()
    note: Annotated[str, Field(description="What the user should know or answer; may be empty.")] = ""
    unknown: Annotated[
        tuple[tuple[int, int], ...], Field(description="Words that nothing here knows, in characters.")
    ] = ()


class Understanding(_Model):
    """A prompt as it was understood."""

    text: str
    language: str
    rows: tuple[Row, ...] = ()
    notes: Annotated[tuple[str, ...], Field(description="About the prompt as a whole, contradictions among it.")] = ()

    @property
    def intents(self) -> tuple[Intent, ...]:
        """All intents, guesses included, in the order of the text."""
        return tuple(intent for row in self.rows for intent in row.intents)

    @property
    def sure(self) -> tuple[Intent, ...]:
        """The intents that may be acted on without asking; empty for a prompt that asks for nothing."""
        return tuple(intent for intent in self.intents if intent.acts)

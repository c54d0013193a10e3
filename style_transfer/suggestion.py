"""A suggestion: changes against the session as it stands, each with its evidence, and what was refused."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mixer.edits import apply
from mixer.errors import UsageError
from mixer.knobs import Knob
from mixer.param import Param
from mixer.processor import Aspect, find
from mixer.session import Context, Edit, Session, Step
from style_transfer.choice import Choice
from style_transfer.clap.opinion import Opinion
from style_transfer.intensity import Intensity
from style_transfer.prompt.intent import Understanding

KIND = "suggest"
"""The kind of history step that an applied suggestion makes."""
_CONTEXT = "context"
"""A session has it beside its history, and the step tells how it changed."""

Origin = Literal["reference", "prior", "rough_mix", "prompt"]
"""What moved a knob; ``prior`` is good practice for the role."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Evidence(_Model):
    """What was measured that speaks for a change."""

    feature: Annotated[str, Field(description="What was measured, in words.")]
    unit: str
    now: Annotated[float, Field(description="As the session stands.")]
    target: Annotated[float | None, Field(description="In the reference or in practice; None: nothing to compare.")]
    becomes: Annotated[float, Field(description="After the whole suggestion, measured.")]


class Change(_Model):
    """One knob moved."""

    target: Annotated[str, Field(description="A track's id, `reverb` or `master`.")]
    name: Annotated[str, Field(description="What the target is called.")]
    processor: str
    knob: str
    before: float
    after: float
    source: Origin
    move: Annotated[str, Field(description="What is done, in a producer's words: `up 2.1 dB`.")]
    because: Annotated[str, Field(description="Why, with what was measured.")]
    evidence: Evidence

    @property
    def reason(self) -> str:
        """One sentence for a producer."""
        return f"{self.name} {self.move}: {self.because}"

    @property
    def aspect(self) -> Aspect:
        """What of the mix it is about."""
        return find(self.processor).aspect

    @property
    def address(self) -> str:
        """Where the knob is, as the command line and the session write it."""
        return f"{self.target}.{self.processor}.{self.knob}"

    @property
    def param(self) -> Param:
        """The knob's schema."""
        return find(self.processor).param(self.knob)


class Refusal(_Model):
    """Something that the suggestion did not do, and why."""

    subject: Annotated[str, Field(description="A track's id, an address, `reverb`, `master` or `mix`.")]
    reason: str


class Report(_Model):
    """The mix before, after, and the reference, in numbers."""

    distance_before_db: Annotated[float | None, Field(description="To the references; None where there are none.")]
    distance_after_db: float | None
    loudness_before_lufs: float | None
    loudness_after_lufs: float
    true_peak_after_db: float


class Achieved(_Model):
    """One aspect of one wish of the prompt, measured."""

    words: str
    aspect: str
    asked: float
    achieved: Annotated[float | None, Field(description="None where it cannot be measured.")]
    unit: str
    met: Annotated[bool, Field(description="Whether at least half of it came, or it cannot be measured.")]
    reason: Annotated[str, Field(description="Why it fell short; empty where it did not.")]


class Summary(_Model):
    """The whole suggestion in sentences, as a colleague would tell it."""

    was: Annotated[list[str], Field(description="The mix before, against the reference.")]
    wanted: Annotated[list[str], Field(description="What it was to become: the references.")]
    moved: Annotated[list[str], Field(description="The moves that count most.")]
    kept: Annotated[list[str], Field(description="What is locked or the user's own, and was left as it is.")]
    unmatched: Annotated[list[str], Field(description="What still differs, and by how much.")]
    heard: Annotated[list[str], Field(description="Which seconds the suggestion rests on.")]


class Alternative(_Model):
    """What makes one of several suggestions different from the first."""

    name: str
    means: Annotated[str, Field(description="What a producer would hear of it.")]
    differs: Annotated[list[str], Field(description="Measured differences from the first, in words.")]
    traits: Annotated[dict[str, float], Field(description="What was measured on it; units in the names.")]


class Suggestion(_Model):
    """What Faderwise proposes. Nothing is changed until it is applied."""

    changes: list[Change]
    refused: list[Refusal]
    notes: Annotated[list[str], Field(description="What the user should know, in sentences.")]
    summary: Annotated[Summary | None, Field(description="None where only a part is left of what was measured.")]
    report: Annotated[Report | None, Field(description="None where only a part is left of what was measured.")]
    understood: Annotated[Understanding | None, Field(description="The prompt, clause by clause.")] = None
    said: Annotated[list[Edit], Field(description="Knobs that the prompt set by name and number.")] = []
    achieved: Annotated[list[Achieved], Field(description="What the prompt asked for, against what came of it.")] = []
    listener: Annotated[Opinion | None, Field(description="What a listener model made of it, if one was asked.")] = None
    recalled: Annotated[bool, Field(description="Whether a reference was a mix of these very tracks.")] = False
    alternative: Annotated[Alternative | None, Field(description="Which one it is, of several.")] = None
    intensity: Intensity
    seed: int
    loudness_lufs: Annotated[float, Field(description="Asked loudness of the mix.")]
    segments: Annotated[list[tuple[float, float]], Field(description="What was listened to, in seconds.")]
    freed: Annotated[list[str], Field(description="Addresses of the user's own values that they gave up.")]
    context: Context

    @property
    def after(self) -> str:
        """The names of what it follows."""
        rough = self.context.rough_mix
        names = [reference.name for reference in self.context.references]
        names = names if rough is None or rough.name in names else [*names, rough.name]
        return ", ".join([*names, f"“{self.context.prompt}”"] if self.context.prompt else names)

    def only(self, session: Session, *texts: str) -> Self:
        """The same with no other changes than those to these knobs, processors, tracks, groups or aspects.

        What was measured after the whole suggestion is left out, for it is true no longer.

        Raises:
            UsageError: something is not there, or nothing of the suggestion is.
        """
        return self._chosen(Choice.of(session, only=texts), texts)

    def without(self, session: Session, *texts: str) -> Self:
        """The same without its changes to these; see ``only``."""
        return self._chosen(Choice.of(session, without=texts), texts)

    def _chosen(self, choice: Choice, texts: tuple[str, ...]) -> Self:
        changes = [change for change in self.changes if change.address in choice]
        if len(changes) in (0, len(self.changes)):
            part = "everything" if changes or choice.only is None else "nothing"
            raise UsageError(f"{', '.join(texts)}: that is {part} that the suggestion changes; name a part of it")
        return self.model_copy(update={"changes": changes, "report": None, "summary": None})

    def edits(self, session: Session) -> list[Edit]:
        """The changes as edits of this session, and the context that they came from."""
        moved = {
            change.address: Knob(value=change.after, source=change.source, reason=change.reason)
            for change in self.changes
        }
        knobs = {address: Knob(value=session.knob(address).value) for address in self.freed} | moved
        edits = [
            Edit(
                address=address,
                before=session.knob(address).model_dump(mode="json"),
                after=knob.model_dump(mode="json"),
            )
            for address, knob in knobs.items()
        ]
        context = self.context.model_dump(mode="json")
        loudness = Edit(address="session.loudness_lufs", before=session.loudness_lufs, after=self.loudness_lufs)
        return [
            *self.said,
            *edits,
            loudness,
            Edit(address="session.context", before=session.context.model_dump(mode="json"), after=context),
        ]


def apply_suggestion(session: Session, suggestion: Suggestion) -> Session:
    """The session with the suggestion made, as one step that can be undone; without changes the session itself."""
    if not suggestion.changes and not suggestion.said:
        return session
    detail = suggestion.model_dump(mode="json", exclude={_CONTEXT})
    kind = "" if suggestion.alternative is None else f" ({suggestion.alternative.name})"
    title = f"suggestion after {suggestion.after}{kind}"
    return apply(session, suggestion.edits(session), KIND, title, seed=suggestion.seed, detail=detail)


def last_suggestion(session: Session) -> tuple[Step, Suggestion] | None:
    """The last suggestion of the history with the step that applied it, as a session file remembers it.

    None where there is none, or the file does not hold it whole: older ones left the evidence out.
    """
    step = next((step for step in reversed(session.history) if step.kind == KIND), None)
    if step is None:
        return None
    try:
        found = Suggestion.model_validate({**step.detail, _CONTEXT: session.context})
        for change in found.changes:
            session.knob(change.address)
    except (ValidationError, UsageError):
        return None
    return step, found

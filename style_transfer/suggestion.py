"""A suggestion: changes against the session as it stands, each with its evidence, and what was refused."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from mixer.edits import apply
from mixer.knobs import Knob
from mixer.param import Param
from mixer.processor import find
from mixer.session import Context, Edit, Session

KIND = "suggest"
"""The kind of history step that an applied suggestion makes."""


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
    processor: str
    knob: str
    before: float
    after: float
    source: Literal["reference", "prior"]
    reason: Annotated[str, Field(description="One sentence for a producer.")]
    evidence: Evidence

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

    distance_before_db: float
    distance_after_db: float
    loudness_before_lufs: float | None
    loudness_after_lufs: float
    true_peak_after_db: float


class Suggestion(_Model):
    """What Faderwise proposes. Nothing is changed until it is applied."""

    changes: list[Change]
    refused: list[Refusal]
    notes: Annotated[list[str], Field(description="What the user should know, in sentences.")]
    report: Report | None
    intensity: Annotated[float, Field(ge=0, le=100)]
    seed: int
    loudness_lufs: Annotated[float, Field(description="Asked loudness of the mix.")]
    segments: Annotated[list[tuple[float, float]], Field(description="What was listened to, in seconds.")]
    context: Context

    def edits(self, session: Session) -> list[Edit]:
        """The changes as edits of this session, and the context that they came from."""
        moved = [
            Edit(
                address=change.address,
                before=session.knob(change.address).model_dump(mode="json"),
                after=Knob(value=change.after, source=change.source, reason=change.reason).model_dump(mode="json"),
            )
            for change in self.changes
        ]
        context = self.context.model_dump(mode="json")
        loudness = Edit(address="session.loudness_lufs", before=session.loudness_lufs, after=self.loudness_lufs)
        return [
            *moved,
            loudness,
            Edit(address="session.context", before=session.context.model_dump(mode="json"), after=context),
        ]


def apply_suggestion(session: Session, suggestion: Suggestion) -> Session:
    """The session with the suggestion made, as one step that can be undone; without changes the session itself."""
    if not suggestion.changes:
        return session
    names = ", ".join(reference.name for reference in suggestion.context.references)
    detail = suggestion.model_dump(mode="json", exclude={"context", "changes"})
    title = f"suggestion after {names}"
    return apply(session, suggestion.edits(session), KIND, title, seed=suggestion.seed, detail=detail)

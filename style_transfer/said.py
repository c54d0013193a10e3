"""A prompt as the search takes it: what to do with named knobs at once, and what to look for."""

from __future__ import annotations

from dataclasses import dataclass

from mixer.errors import UsageError
from mixer.session import Edit, Session
from style_transfer.prompt.guesses import guessed
from style_transfer.prompt.intent import Understanding
from style_transfer.prompt.knobs import knob_edits
from style_transfer.prompt.rows import confirmed
from style_transfer.prompt.understand import understand
from style_transfer.prompt.wishes import Wish, wishes
from style_transfer.suggestion import Refusal


@dataclass(frozen=True, slots=True)
class Said:
    """What was understood of a prompt and may be acted on."""

    understood: Understanding | None = None
    wishes: tuple[Wish, ...] = ()
    edits: tuple[Edit, ...] = ()
    """Named knobs and numbers: the user's own word, as if set by hand."""
    refused: tuple[Refusal, ...] = ()


def read_prompt(text: str, session: Session, *, confirm: bool = False) -> Said:
    """Understand a prompt; an empty one says nothing.

    Args:
        confirm: the user says yes to whatever is only guessed.

    Raises:
        UsageError: nothing in it can be acted on; the line tells what was guessed, to be said more plainly.
        ModelError: the model for unknown words is installed and its files are broken.
    """
    if not text.strip():
        return Said()
    understood = guessed(understand(text, session), session)
    understood = confirmed(understood) if confirm else understood
    if not understood.sure:
        guesses = "; ".join(row.note for row in understood.rows if row.intents)
        asks = f"{guesses}; --confirm says yes" if guesses else "say what should be how, as in 'vocals up'"
        raise UsageError(f"{text.strip()[:60]!r} asks for nothing that can be acted on: {asks}")
    talk = knob_edits(understood, session)
    return Said(
        understood,
        wishes(understood.sure, session),
        tuple(_own(edit) for edit in talk.edits),
        tuple(Refusal(subject=subject, reason=reason) for subject, reason in talk.refused),
    )


def _own(edit: Edit) -> Edit:
    """What was said with a number stays when a later suggestion is asked for, as what was set by hand does."""
    after = edit.after
    return edit.model_copy(update={"after": {**after, "source": "user"}}) if isinstance(after, dict) else edit

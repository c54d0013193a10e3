"""The listener model at a suggestion's side: what it may refine, and what it thinks of the result."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from mixer.errors import UsageError
from mixer.progress import Progress, silent
from style_transfer.clap.hearing import opinion
from style_transfer.clap.model import Clap, ClapChoice, load
from style_transfer.clap.opinion import Opinion
from style_transfer.clap.refine import refine
from style_transfer.prepare import Listening
from style_transfer.said import Said
from style_transfer.search import Found
from style_transfer.start import Values, current_values


@dataclass(frozen=True, slots=True)
class Ears:
    """A model that was read, the prompt that it goes by, and whether it may refine."""

    clap: Clap
    text: str
    refine: bool

    def refined(self, listening: Listening, found: Found, progress: Progress = silent) -> Found:
        """What was found, with what words moved refined within bounds; and a note on it."""
        done = refine(
            self.clap,
            self.text,
            listening.segments,
            listening.desk(found.values),
            list(found.words),
            listening.standing.audibility_db,
            progress,
        )
        return dataclasses.replace(found, values=done.values, notes=[*found.notes, done.note])

    def opinion(self, listening: Listening, values: Values, *, refined: bool) -> Opinion:
        """Of the mix at these values against the mix as the session stands.

        Args:
            refined: whether the model had a hand in it.
        """
        before, after = listening.desk(current_values(listening.session)), listening.desk(values)
        return opinion(self.clap, self.text, listening.segments, before, after, refined=refined)


def open_ears(choice: ClapChoice | None, said: Said) -> Ears | None:
    """Read the model that was chosen, before anything is listened to.

    Raises:
        UsageError: there are no words to hold the mix against.
        ModelError: the model is not there.
    """
    if choice is None:
        return None
    if said.understood is None:
        raise UsageError("a listener model compares the mix with words: add --prompt")
    return Ears(load(choice), said.understood.text, choice.refine)

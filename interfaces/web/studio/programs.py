"""What programs may ask of the studio: each call is told everything and keeps nothing. Gradio makes endpoints of these.

Annotations are not postponed here: Gradio reads what a function returns as a type, not as text.
"""

import shutil
import uuid
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import gradio as gr
from gradio.data_classes import FileData

from interfaces.rendering import checked_depth
from interfaces.suggested import suggestion_document
from interfaces.suggesting import Request, suggestions
from interfaces.web.studio.answers import BUG, Refused, for_the_page
from interfaces.web.studio.outs import FORMATS
from interfaces.web.studio.program_files import desk
from interfaces.web.studio.songs import SEPARATORS
from interfaces.web.studio.studio import Studio
from mixer.errors import FaderwiseError, UsageError
from mixer.render import render
from separation.outputs import each_stem
from separation.registry import open_separator
from separation.separator import Options
from separation.song import Format, separate_song
from style_transfer.suggestion import Suggestion, apply_suggestion

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Programs:
    """The endpoints. Files come in from ``uploads`` and go out by a folder in it."""

    def __init__(self, studio: Studio, uploads: Path) -> None:
        self._studio, self._uploads = studio, uploads

    def endpoints(self) -> dict[str, Callable[..., Any]]:
        """By name; each has its own documentation and types."""
        found: list[Callable[..., Any]] = [self.session, self.suggest, self.render, self.separate]
        return {function.__name__: _in_one_line(function) for function in found}

    def session(self, stems: list[FileData], name: str = "song") -> tuple[str, list[str]]:
        """Make a session of stems: roles are guessed from the names of the files and from their sound.

        Args:
            stems: audio files, one for each track.
            name: of the song.

        Returns:
            The session as JSON, and what should be known about the files. Saved as faderwise.json beside the stems, the
            session can be opened by the command line.
        """
        with desk(self._studio, self._uploads) as at:
            made, notes = at.session(at.take_all(stems, self._studio.limits.stems, "stems"), "", name)
            return at.text(made), notes

    def suggest(
        self,
        stems: list[FileData],
        references: list[FileData] = [],  # noqa: B006 - Gradio shows it in its schema, and nobody changes it
        prompt: str = "",
        rough_mix: FileData | None = None,
        session: str = "",
        intensity: float = 100.0,
        loudness_lufs: float | None = None,
        separation: bool = True,
        seed: int = 0,
        fast: bool = False,
    ) -> tuple[str, dict[str, Any]]:
        """Suggest a mix after references, a rough mix or words, with a reason for every knob that moves.

        Args:
            stems: audio files, one for each track.
            references: songs that the mix should sound like.
            prompt: what is wanted, in words.
            rough_mix: a mix of these very stems whose balance and panning are kept.
            session: JSON as /session or an earlier /suggest gave it; its locks and its user's own values hold.
            intensity: how far to go, in per cent.
            loudness_lufs: asked loudness of the mix; by default the session's.
            separation: whether references are separated, to learn from their stem groups one by one.
            seed: of what is drawn at random.
            fast: take what the learned controller says after one look at tracks and references, without a search.

        Returns:
            The session with the suggestion applied, as JSON, and the suggestion: its changes with their evidence.
        """
        with desk(self._studio, self._uploads) as at:
            paths = at.take_all(stems, self._studio.limits.stems, "stems")
            raw, _ = at.session(paths, session, "song")
            others = at.elsewhere()
            request = Request(
                references=tuple(
                    str(path) for path in others.take_all(references, self._studio.limits.references, "references")
                ),
                separation=separation,
                rough_mix=others.take(rough_mix) if rough_mix else None,
                prompt=prompt[: self._studio.limits.prompt_characters],
                intensity=intensity,
                loudness_lufs=loudness_lufs,
                seed=seed,
                fast=fast,
            )
            (made,) = suggestions(raw, at.folder, request)
            named = Suggestion.model_validate_json(at.called(made.model_dump_json(), in_json=True))
            mixed = apply_suggestion(raw, named)
            return at.text(mixed), suggestion_document(named) | {"context": None}

    def render(
        self,
        stems: list[FileData],
        session: str = "",
        format: str = "wav",  # noqa: A002 - what users call it
        bits: str = "24",
        loudness_lufs: float | None = None,
    ) -> FileData:
        """Render the mix of a session; without one, the plain sum of the stems.

        Args:
            stems: the audio files of the session's tracks, in any order: they are known by their content.
            session: JSON as /session or /suggest gave it.
            format: wav, flac or ogg.
            bits: 16, 24 or float.
            loudness_lufs: move the master fader of this render until the mix is that loud.

        Returns:
            The mix as a file.
        """
        if format not in FORMATS:
            raise UsageError(f"format is one of {', '.join(FORMATS)}")
        depth = checked_depth(bits)
        with desk(self._studio, self._uploads) as at:
            made, _ = at.session(at.take_all(stems, self._studio.limits.stems, "stems"), session, "song")
            target = at.folder.parent / f"mix.{format}"
            render(made, at.folder, target, depth=depth, loudness_lufs=loudness_lufs)
            return self._handed_out(target)

    def separate(self, song: FileData, stems: int = 4) -> tuple[str, list[FileData]]:
        """Separate a stereo song into stems that add up to it.

        Args:
            song: the audio file.
            stems: 4 (vocals, drums, bass, other) or 2 (vocals and the rest).

        Returns:
            A session of the stems as JSON, and the stems as files.
        """
        if stems not in SEPARATORS:
            raise UsageError("stems is 2 or 4")
        with desk(self._studio, self._uploads) as at:
            path, folder = at.take(song), at.folder.parent / "separated"
            separator = open_separator(SEPARATORS[stems], Options())
            outputs = each_stem(separator.about.stems)
            made = separate_song(path, folder, separator, outputs, format=Format(".flac", "24"))
            named = made.session.model_copy(update={"name": Path(at.labels[path.stem]).stem})
            return at.text(named), [self._handed_out(file) for file in made.files]

    def _handed_out(self, file: Path) -> FileData:
        """A file where Gradio may give it away, under a name that nobody guesses."""
        folder = self._uploads / uuid.uuid4().hex
        folder.mkdir()
        target = shutil.move(file, folder / file.name)
        return FileData(path=str(target), orig_name=file.name)


def _in_one_line(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """What goes wrong in it becomes one line for the caller, without any place on this machine."""

    @wraps(function)
    def told(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except (FaderwiseError, Refused) as error:
            raise gr.Error(for_the_page(str(error)), print_exception=False) from None
        except gr.Error:
            raise
        except Exception as error:
            raise gr.Error(BUG) from error

    return told

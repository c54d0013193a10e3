"""The verbs of the command line for programs: one song, from a folder of stems to a mix.

>>> from interfaces.api import Song
>>> song = Song.new("my song")  # doctest: +SKIP
>>> suggestion = song.suggest("reference.flac")  # doctest: +SKIP
>>> song.apply(suggestion).save()  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from interfaces.suggesting import Request, suggestions
from mixer import audio, edits, render, scan, session_file
from mixer.assignment import assign
from mixer.progress import Progress, silent
from mixer.session import Session
from style_transfer import verdict
from style_transfer.intensity import Intensity
from style_transfer.suggestion import Suggestion, apply_suggestion


@dataclass
class Song:
    """A session and the file that it belongs to. Every verb that changes it returns it, so that they can be chained.

    Raises:
        FaderwiseError: every verb, with one line that says what is wrong and what to do.
    """

    session: Session
    path: Path

    @classmethod
    def new(cls, folder: str | Path) -> Self:
        """A session of the audio files in a folder; nothing is written before ``save``."""
        return cls(scan.scan(Path(folder)).session, session_file.session_path(Path(folder)))

    @classmethod
    def open(cls, path: str | Path) -> Self:
        """A saved session: its file, or the folder that it lies in."""
        return cls(session_file.load(Path(path)), session_file.session_path(Path(path)))

    @property
    def folder(self) -> Path:
        """Where the audio paths of the session start."""
        return self.path.parent

    def suggest(
        self,
        *references: str | Path,
        reference_stems: Sequence[str | Path] = (),
        separation: bool = True,
        rough_mix: str | Path | None = None,
        rough_keeps: str = "level,pan",
        prompt: str = "",
        confirm: bool = False,
        clap: str | Path = "",
        clap_refine: bool = False,
        fast: bool = False,
        intensity: float | Intensity | Sequence[str] = 100.0,
        only: Sequence[str] = (),
        without: Sequence[str] = (),
        free: Sequence[str] = (),
        loudness_lufs: float | None = None,
        seed: int = 0,
        progress: Progress = silent,
    ) -> Suggestion:
        """A suggestion after references, written as on the command line: ``song.flac@1:02-1:32*0.5``.

        Args:
            reference_stems: folders with the user's own stems of the references, in their order.
            separation: whether references without stems of their own are separated.
            rough_mix: a mix of these very tracks whose balance and panning are kept.
            rough_keeps: what is kept of it: level, pan or both.
            prompt: what is wanted, in words.
            confirm: whether what is only guessed from the prompt is meant, too.
            clap: folder of a CLAP model that is asked whether the mix moved towards the prompt.
            clap_refine: whether it may move what words moved, within bounds.
            fast: take what the learned controller says after one look at tracks and references, without a search.
            intensity: per cent, or as on the command line: ``["60", "level=50", "LdVox=0"]``.
            only: knobs, processors, tracks, groups or aspects that alone may move.
            without: those that may not.
            free: those whose values, set by hand or refused, are given up.
        """
        request = Request(
            references=tuple(map(str, references)),
            reference_stems=tuple(map(Path, reference_stems)),
            separation=separation,
            rough_mix=None if rough_mix is None else Path(rough_mix),
            rough_keeps=rough_keeps,
            prompt=prompt,
            confirm=confirm,
            clap=str(clap),
            clap_refine=clap_refine,
            fast=fast,
            intensity=intensity,
            only=tuple(only),
            without=tuple(without),
            free=tuple(free),
            loudness_lufs=loudness_lufs,
            seed=seed,
        )
        return suggestions(self.session, self.folder, request, progress)[0]

    def alternatives(self, request: Request, progress: Progress = silent) -> list[Suggestion]:
        """Several suggestions that differ in something that can be named, the usual one first.

        >>> song = Song.open("my song")  # doctest: +SKIP
        >>> for each in song.alternatives(Request(("hit.flac",), alternatives=3)):  # doctest: +SKIP
        ...     print(each.alternative.name, each.alternative.differs)
        """
        return suggestions(self.session, self.folder, request, progress)

    def refuse(self, *addresses: str) -> Self:
        """Take back parts of the last suggestion that was applied; they count as set by hand from then on."""
        self.session = verdict.refuse(self.session, addresses)
        return self

    def accept(self, *addresses: str) -> Self:
        """Keep only these parts of it, and refuse the rest."""
        self.session = verdict.accept(self.session, addresses)
        return self

    def apply(self, suggestion: Suggestion) -> Self:
        """Make the changes of a suggestion, as one step."""
        self.session = apply_suggestion(self.session, suggestion)
        return self

    def set(self, *assignments: str) -> Self:
        """Set what people set by hand: ``"LdVox.fader.gain_db=-3"``, ``"Kick.mute=on"``; one step."""
        self.session = assign(self.session, assignments)
        return self

    def lock(self, *addresses: str) -> Self:
        """Keep suggestions off tracks, processors, knobs, groups or aspects."""
        self.session = edits.set_locks(self.session, addresses, True)
        return self

    def unlock(self, *addresses: str) -> Self:
        """Let suggestions move them again."""
        self.session = edits.set_locks(self.session, addresses, False)
        return self

    def undo(self) -> Self:
        """Take the last step back."""
        self.session, _ = edits.undo(self.session)
        return self

    def save(self) -> Path:
        """Write the session file, all or nothing."""
        return session_file.save(self.session, self.path)

    def render(
        self,
        target: str | Path,
        *,
        depth: audio.Depth = "24",
        loudness_lufs: float | None = None,
        progress: Progress = silent,
    ) -> render.Rendered:
        """Write the mix as .wav, .flac or .ogg, and say what was measured on it."""
        session_file.check_audio(self.session, self.folder)
        return render.render(
            self.session, self.folder, Path(target), depth=depth, loudness_lufs=loudness_lufs, progress=progress
        )

"""From what people ask for on the command line or in a program to suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from interfaces.reference_argument import parse_reference
from interfaces.reference_stems import with_stems
from mixer.errors import UsageError
from mixer.naming import fold, near
from mixer.processor import Aspect
from mixer.progress import Progress, silent, span
from mixer.session import Session
from style_transfer.alternatives import alternatives
from style_transfer.brief import Brief
from style_transfer.clap.model import ClapChoice
from style_transfer.intensity import Intensity
from style_transfer.rough import RoughMix
from style_transfer.suggest import suggest
from style_transfer.suggestion import Suggestion


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for suggestions as people write it; each field is an option of ``faderwise suggest``.

    Raises:
        UsageError: nothing is there to go by, or to choose from, or an aspect is misspelt.
    """

    references: tuple[str, ...] = ()
    reference_stems: tuple[Path, ...] = ()
    separation: bool | tuple[bool, ...] = True
    """Whether references without stems of their own are separated: all of them, or one by one."""
    rough_mix: Path | None = None
    rough_keeps: str = "level,pan"
    prompt: str = ""
    confirm: bool = False
    clap: str = ""
    clap_download: bool = False
    clap_refine: bool = False
    fast: bool = False
    intensity: float | Intensity | str | Sequence[str] = ()
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    loudness_lufs: float | None = None
    seed: int = 0
    alternatives: int | None = None
    choose: int | None = None

    def __post_init__(self) -> None:
        if not self.references and self.rough_mix is None and not self.prompt.strip():
            raise UsageError(
                "nothing to go by: give a song that the mix should sound like (--reference FILE), or words (--prompt)"
            )
        if self.choose is not None and self.alternatives is None:
            raise UsageError(f"--choose {self.choose}: there is nothing to choose from without --alternatives N")
        if self.fast and not self.references:
            raise UsageError("--fast: what answers at once hears a reference, so name one (--reference FILE)")
        if self.fast and self.alternatives is not None:
            raise UsageError("--fast gives one answer: leave out --alternatives")
        _kept(self.rough_keeps)
        if (self.clap_download or self.clap_refine) and not self.clap:
            raise UsageError("which listener model? name its folder, or with --clap-download its repository: --clap")
        if self.clap and not self.prompt.strip():
            raise UsageError(f"--clap {self.clap}: it compares the mix with words, so add --prompt")
        if self.clap_refine and self.alternatives is not None:
            raise UsageError("--clap-refine is for one suggestion: leave out --alternatives")

    @property
    def number(self) -> int:
        """Which of the alternatives is wanted, from 1."""
        return self.choose or 1


def suggestions(session: Session, folder: Path, request: Request, progress: Progress = silent) -> list[Suggestion]:
    """One suggestion, or as many alternatives as were asked for and differ.

    Raises:
        FaderwiseError: as ``style_transfer.suggest.suggest``, and where a reference or an intensity is misspelt.
    """
    amount, files = _amount(session, request), [parse_reference(text) for text in request.references]
    rough_mix = None if request.rough_mix is None else RoughMix(request.rough_mix, _kept(request.rough_keeps))
    files = with_stems(files, request.reference_stems, separation=request.separation, progress=span(progress, 0, 0.25))
    brief = Brief(
        references=tuple(files),
        rough_mix=rough_mix,
        prompt=request.prompt,
        confirm=request.confirm,
        clap=ClapChoice(request.clap, request.clap_download, request.clap_refine) if request.clap else None,
        fast=request.fast,
        intensity=amount,
        only=request.only,
        without=request.without,
        free=request.free,
        loudness_lufs=request.loudness_lufs,
        seed=request.seed,
    )
    rest = span(progress, 0.25, 1)
    if request.alternatives is None:
        return [suggest(session, folder, brief, rest)]
    return alternatives(session, folder, brief, request.alternatives, rest)


def chosen(made: Sequence[Suggestion], request: Request) -> Suggestion:
    """The one that is saved; UsageError where there are not as many."""
    if request.number > len(made):
        raise UsageError(f"--choose {request.number}: {len(made)} found that differ; use 1 to {len(made)}")
    return made[request.number - 1]


def _amount(session: Session, request: Request) -> Intensity:
    given = request.intensity
    if isinstance(given, Intensity):
        return given
    if isinstance(given, int | float):
        return Intensity(given)
    return Intensity.parse(session, [given] if isinstance(given, str) else given)


def _kept(text: str) -> frozenset[Aspect]:
    """What is kept of a rough mix, from ``level,pan``."""
    words = [fold(word) for word in text.split(",") if word.strip()]
    known = [aspect.value for aspect in Aspect]
    for word in words:
        if word not in known:
            raise UsageError(f"--rough-keeps {word!r} is no aspect{near(word, known) or ': use level, pan, or both'}")
    return frozenset(Aspect(word) for word in words)

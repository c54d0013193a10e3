"""Everything that was handed in, heard once: what every alternative starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mixer.errors import SessionError, UsageError
from mixer.progress import Progress, silent, span
from mixer.session import Session
from style_transfer.analysis import measure_mix
from style_transfer.balance import groups_of, measure_balance
from style_transfer.desk import Desk
from style_transfer.features import Features
from style_transfer.field import Field
from style_transfer.listen import Heard, Segment, cut, hear, telling_seconds
from style_transfer.match import Standing
from style_transfer.prompt.wishes import Wish
from style_transfer.reference import Reference, listen
from style_transfer.reference_file import ReferenceFile
from style_transfer.rough import Rough, RoughMix, hear_rough_mix
from style_transfer.said import Said
from style_transfer.same_song import SameSong, recognise
from style_transfer.setting import Setting
from style_transfer.start import Values, current_values
from style_transfer.target import StyleTarget, target_of


@dataclass(frozen=True, slots=True)
class Listening:
    """All that was heard before anything is moved: what every alternative starts from."""

    session: Session
    folder: Path
    heard: list[Heard]
    """The tracks that can be used, in the session's order."""
    left_alone: list[Heard]
    seconds: list[tuple[int, int]]
    """Frames of the segments that were chosen."""
    segments: list[Segment]
    order: list[int]
    """How the tracks lie in the segments: indices into ``heard``."""
    references: list[Reference]
    target: StyleTarget
    mix_before: Features
    standing: Standing
    rough: Rough | None
    """The balance of a rough mix, and what of it is kept."""
    recalled: SameSong | None
    """A reference that turned out to be a mix of these very tracks."""
    wishes: tuple[Wish, ...]
    """What was asked for in words."""

    def desk(self, values: Values) -> Desk:
        """A desk with the tracks as they lie in the segments."""
        return Desk(self.session, [self.heard[index] for index in self.order], values, self.session.sample_rate)


def prepare(
    session: Session,
    folder: Path,
    references: Sequence[ReferenceFile],
    rough_mix: RoughMix | None = None,
    said: Said | None = None,
    progress: Progress = silent,
) -> Listening:
    """Listen to the tracks, to the mix as it stands, and to what was handed in.

    Args:
        folder: where the session's audio paths start.
        references: songs that the mix should measure like, or one that is a mix of these very tracks.
        rough_mix: a mix of these tracks whose balance is wanted.
        said: what a prompt asks for.

    Raises:
        UsageError: nothing was handed in, a segment is out of range, or the rough mix is not of these tracks.
        AudioError: a track or a reference cannot be used.
        SessionError: every track is silent, muted or too short.
    """
    said = said or Said()
    if not references and rough_mix is None and said.understood is None:
        raise UsageError("there is nothing to suggest from: give at least one reference, a rough mix, or a prompt")
    rate = session.sample_rate
    known = _listen_to(references, rate, folder, span(progress, 0, 0.2))
    everything = hear(session, folder, span(progress, 0.2, 0.5))
    heard = [entry for entry in everything if entry.problem is None]
    if not heard:
        raise SessionError("no track can be heard: all are silent, muted or under half a second")
    seconds = telling_seconds(heard, rate)
    segments, order = cut(heard, seconds, rate, folder)
    rough = None if rough_mix is None else hear_rough_mix(rough_mix, session, folder, heard, span(progress, 0.5, 0.6))
    recalled = _recalled(references, session, folder, heard, span(progress, 0.6, 0.8))
    desk = Desk(session, [heard[index] for index in order], current_values(session), rate)
    return Listening(
        session,
        folder,
        heard,
        [entry for entry in everything if entry.problem],
        seconds,
        segments,
        order,
        known,
        target_of(known, rate, groups_of(heard)),
        measure_mix(session, folder, span(progress, 0.8, 1)).features(),
        _standing(desk, segments),
        rough,
        recalled,
        said.wishes,
    )


def _listen_to(
    references: Sequence[ReferenceFile], sample_rate: int, folder: Path, progress: Progress
) -> list[Reference]:
    share = 1 / max(1, len(references))
    return [
        listen(file, sample_rate, folder, span(progress, index * share, (index + 1) * share))
        for index, file in enumerate(references)
    ]


def _recalled(
    references: Sequence[ReferenceFile], session: Session, folder: Path, heard: Sequence[Heard], progress: Progress
) -> SameSong | None:
    """The first reference that is a mix of the session's own tracks, if any."""
    whole = [file for file in references if not file.roles]
    for index, file in enumerate(whole):
        part = span(progress, index / len(whole), (index + 1) / len(whole))
        same = recognise(session, folder, heard, file.path, file.segment, part)
        if same is not None:
            return same
    return None


def _standing(desk: Desk, segments: Sequence[Segment]) -> Standing:
    """Audibility and balance of the session as it is."""
    field, own = Field.of(desk, segments), groups_of(desk.heard)
    sums = [groups for group in sorted(own) for groups in (frozenset({group}), own - {group})]
    balance = measure_balance(desk, segments, sums)
    ratios = {group: balance.ratio_lu(frozenset({group}), own - {group}) for group in sorted(own) if own - {group}}
    return Standing(Setting.of(desk, field, desk.values).audibility_db(), ratios)

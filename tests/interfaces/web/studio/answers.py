"""Suggestions in the place of the search, which takes its time: two that move a few knobs, with reasons."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from interfaces.suggesting import Request
from mixer.progress import Progress
from mixer.session import Context, Session
from style_transfer.intensity import Intensity
from style_transfer.suggestion import Alternative, Change, Origin, Refusal, Report, Suggestion, Summary
from tests.suggestions import make_change

MOVES: tuple[tuple[str, float, Origin, str], ...] = (
    (
        "kick.equalizer.peak1_gain_db",
        3.0,
        "reference",
        "the drums had 2.0 dB less around 80 Hz than those of the reference",
    ),
    ("kick.equalizer.peak1_hz", 80.0, "reference", "goes with its gain"),
    ("kick.equalizer.high_gain_db", -2.0, "reference", "the drums had 1.5 dB more air than those of the reference"),
    ("kick.fader.gain_db", -4.0, "reference", "it sat 4.0 LU above the drums of the reference, now level"),
    ("bass_di.panner.pan", 0.5, "prior", "leaves the middle to what carries the song"),
    ("ldvox.fader.gain_db", 2.5, "prompt", "you asked for it (vocal: louder)"),
    ("master.limiter.active", 1.0, "prior", "keeps peaks under the ceiling"),
)
FURTHER = {"kick.fader.gain_db": -9.0}
"""Where the second one differs."""
STAGES = ("separating the reference", "matching the strips", "space and master")


@dataclass(slots=True)
class Answers:
    """Stands for ``interfaces.suggesting.suggestions``; ``hold`` lets it wait in the midst until it is called off."""

    requests: list[Request] = field(default_factory=list)
    hold: bool = False

    def __call__(self, session: Session, folder: Path, request: Request, progress: Progress) -> list[Suggestion]:
        """Up to two answers."""
        del folder
        self.requests.append(request)
        for number, stage in enumerate(STAGES):
            progress(number / len(STAGES), stage)
            while self.hold:
                progress(number / len(STAGES), stage)
                threading.Event().wait(0.01)
        return [_suggestion(session, request, index) for index in range(min(2, request.alternatives or 1))]


def _suggestion(session: Session, request: Request, index: int) -> Suggestion:
    about = (("balanced", "between good practice and the reference"), ("kick back", "the kick 5 dB softer"))[index]
    differs = [] if index == 0 else ["kick 5.0 dB down"]
    alternative = Alternative(name=about[0], means=about[1], differs=differs, traits={})
    return Suggestion(
        changes=_changes(session, FURTHER if index else {}),
        refused=[Refusal(subject="bass_di", reason="it is locked")],
        notes=["How wet a reference is cannot be measured: reverb sends follow practice."],
        summary=Summary(
            was=["The mix stood at -20.0 LUFS."],
            wanted=[],
            moved=["Levels: Kick down 4.0 dB."],
            kept=[],
            unmatched=[],
            heard=[],
        ),
        report=Report(
            distance_before_db=9.0,
            distance_after_db=3.0 + index,
            loudness_before_lufs=-20.0,
            loudness_after_lufs=-20.0,
            true_peak_after_db=-1.0,
        ),
        alternative=None if request.alternatives is None else alternative,
        intensity=Intensity(),
        seed=request.seed,
        loudness_lufs=session.loudness_lufs,
        segments=[(0.0, 2.0)],
        freed=[],
        context=Context(prompt=request.prompt),
    )


def _changes(session: Session, instead: dict[str, float]) -> list[Change]:
    changes = []
    for address, usual, source, because in MOVES:
        target, processor, knob = address.split(".")
        before, after = session.knob(address).value, instead.get(address, usual)
        name = session.track(target).name if target != "master" else "Master"
        if before != after and not session.is_locked(target, processor, knob):
            told = {"name": name, "source": source, "move": f"{processor} to {after:g}", "because": because}
            changes.append(make_change(session, address, after, **told))
    return changes


def values(moves: Sequence[tuple[str, float, Origin, str]] = MOVES) -> dict[str, float]:
    """Where the first answer puts the knobs."""
    return {address: value for address, value, _, _ in moves}

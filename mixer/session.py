"""The session: tracks, settings, context and history of one song; the one thing that every interface loads and saves.

Models are frozen: ``mixer.edits`` makes a new session from an old one. What a knob may be called and what values it
may take is asked of the processors' registry, so that no range is written here a second time. A setting that is
absent stands at its default, and one that says no more than its default is dropped.
"""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    StrictBool,
    StrictInt,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mixer.errors import SessionError, UsageError
from mixer.knobs import PLACES, Finite, Knob, Model, ProcessorSettings, TargetSettings, check_settings, target_chain
from mixer.param import Param
from mixer.roles import Group, Role

__all__ = [
    "LOUDNESS",
    "RATES_HZ",
    "RESERVED_IDS",
    "SESSION",
    "VERSION",
    "Context",
    "Edit",
    "FileContext",
    "Knob",
    "ProcessorSettings",
    "ReferenceContext",
    "Session",
    "Step",
    "TargetSettings",
    "Track",
]

VERSION = 1
RATES_HZ = (44100, 192000)
"""Lowest and highest sample rate of a session."""
LOUDNESS = Param("loudness_lufs", "LUFS", -40.0, -5.0, -16.0, "linear", "Asked integrated loudness of the mix.")
SESSION = "session"
"""In an address: what belongs to the whole session."""
RESERVED_IDS = frozenset({*PLACES, SESSION})

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def inside(path: str) -> str:
    """The path itself, if it is relative and stays inside the session's folder; else SessionError."""
    views = (PurePosixPath(path), PureWindowsPath(path))
    if not views[0].parts or "\0" in path or any(view.is_absolute() or ".." in view.parts for view in views):
        raise SessionError(f"{path!r} leads outside the session's folder: copy the file into the folder")
    return path


Inside = Annotated[str, AfterValidator(inside)]


class Track(Model):
    """One audio file in the song, mono or stereo, with its strip and its send."""

    id: Annotated[str, Field(pattern=r"^[^\s./\\=]+$", description="Short, unique and stable; part of addresses.")]
    name: str
    path: Annotated[Inside, Field(description="Relative to the session file.")]
    sha256: Sha256
    sample_rate: Annotated[StrictInt, Field(gt=0)]
    channels: Annotated[
        Literal[1, 2], Field(description="A stereo file whose sides are the same, bit by bit, counts as 1.")
    ]
    frames: Annotated[StrictInt, Field(gt=0)]
    role: Role
    role_origin: Literal["name", "audio", "none", "user"]
    role_confidence: Annotated[Finite, Field(ge=0, le=1)]
    role_reason: str = ""
    mute: StrictBool = False
    solo: StrictBool = False
    locked: StrictBool = False
    settings: TargetSettings = Field(default_factory=dict)

    @field_validator("id")
    @classmethod
    def _id_is_free(cls, value: str) -> str:
        if value in RESERVED_IDS:
            raise SessionError(f"a track cannot have the id {value!r}: give it another one")
        return value

    @field_validator("settings")
    @classmethod
    def _settings_exist(cls, value: TargetSettings, info: ValidationInfo) -> TargetSettings:
        return check_settings(info.data.get("id", "track"), value)


class FileContext(Model):
    """An audio file that the user pointed at; its path is kept only when it is inside the session's folder."""

    name: str
    sha256: Sha256
    path: Inside | None = None


class ReferenceContext(FileContext):
    """A reference song, or a segment of one, for the whole mix or for some stem groups or roles."""

    segment: Annotated[tuple[Finite, Finite] | None, Field(description="Start and end in seconds.")] = None
    roles: list[Group | Role] = Field(default_factory=list)
    weight: Annotated[Finite, Field(gt=0)] = 1.0

    @field_validator("segment")
    @classmethod
    def _segment_has_length(cls, value: tuple[float, float] | None) -> tuple[float, float] | None:
        if value is not None and not 0 <= value[0] < value[1]:
            raise ValueError(f"the segment {value[0]:g}-{value[1]:g} s is empty or starts before the song")
        return value


class Context(Model):
    """What the user said they want."""

    references: list[ReferenceContext] = Field(default_factory=list)
    rough_mix: FileContext | None = None
    prompt: str = ""


class Edit(Model):
    """One change: the JSON value that stands at an address, before and after.

    At a knob's address stands a ``Knob``. ``after`` may be just its value, which is then taken as the user's own.
    """

    address: str
    before: JsonValue
    after: JsonValue


class Step(Model):
    """One entry of the history. There is no wall-clock time in it: the same input gives the same file."""

    kind: Annotated[str, Field(pattern=r"^[a-z_]+$", description="suggest, set, lock, unlock, ...")]
    title: str
    edits: list[Edit]
    seed: StrictInt | None = None
    detail: dict[str, JsonValue] = Field(default_factory=dict)


class Session(Model):
    """One song. ``mixer.session_file`` loads and saves it, ``mixer.edits`` changes it."""

    format: Annotated[Literal["faderwise-session/1"], Field(alias="schema")] = "faderwise-session/1"
    name: str
    sample_rate: Annotated[StrictInt, Field(ge=RATES_HZ[0], le=RATES_HZ[1], description="Of the mix, in Hz.")]
    loudness_lufs: Annotated[Finite, Field(ge=LOUDNESS.low, le=LOUDNESS.high, description=LOUDNESS.doc)] = (
        LOUDNESS.default
    )
    tracks: list[Track]
    reverb: TargetSettings = Field(default_factory=dict)
    master: TargetSettings = Field(default_factory=dict)
    context: Context = Context()
    history: list[Step] = Field(default_factory=list)

    @field_validator("reverb", "master")
    @classmethod
    def _settings_exist(cls, value: TargetSettings, info: ValidationInfo) -> TargetSettings:
        return check_settings(info.field_name or "", value)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Session:
        seen: set[str] = set()
        for track in self.tracks:
            if track.id.casefold() in seen:
                raise SessionError(f"two tracks have the id {track.id!r}: give one of them another")
            seen.add(track.id.casefold())
        return self

    @property
    def targets(self) -> tuple[str, ...]:
        """Everything that has processors: the tracks' ids, then ``reverb`` and ``master``."""
        return (*(track.id for track in self.tracks), *PLACES)

    def track(self, track_id: str) -> Track:
        """The track with this id; UsageError if there is none."""
        for track in self.tracks:
            if track.id == track_id:
                return track
        raise UsageError(f"there is no track {track_id!r}: there are {', '.join(track.id for track in self.tracks)}")

    def target_settings(self, target: str) -> TargetSettings:
        """What differs from the defaults at a track's id, ``reverb`` or ``master``."""
        if target in PLACES:
            return self.reverb if target == "reverb" else self.master
        return self.track(target).settings

    def knob(self, address: str) -> Knob:
        """The knob at a canonical address, such as ``kick.fader.gain_db``; its default if it was never touched."""
        target, _, rest = address.partition(".")
        processor, _, name = rest.partition(".")
        given = self.target_settings(target).get(processor, ProcessorSettings()).knobs.get(name)
        if given is not None:
            return given
        known = target_chain(target)
        if processor not in known:
            raise UsageError(f"{target} has no processor {processor!r}: it has {', '.join(known)}")
        return Knob(value=known[processor].param(name).default)

    def values(self, target: str) -> dict[str, dict[str, float]]:
        """All knobs of a target by processor, in the chain's order; bypassed processors are left out."""
        settings = self.target_settings(target)
        complete = {}
        for name, entry in target_chain(target).items():
            given = settings.get(name, ProcessorSettings())
            if not given.bypass:
                complete[name] = entry.defaults() | {knob: state.value for knob, state in given.knobs.items()}
        return complete

    def audible_tracks(self) -> list[Track]:
        """The tracks that sound: the soloed ones if any is, else all; never a muted one."""
        soloing = any(track.solo for track in self.tracks)
        return [track for track in self.tracks if not track.mute and (track.solo or not soloing)]

    def is_locked(self, target: str, processor: str, knob: str) -> bool:
        """Whether no suggestion may move this knob: it, its processor or its track is locked."""
        if target not in PLACES and self.track(target).locked:
            return True
        given = self.target_settings(target).get(processor, ProcessorSettings())
        return given.locked or (knob in given.knobs and given.knobs[knob].locked)

"""Knobs as a session holds them: only what differs from the processors' defaults, checked against the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StrictBool,
    ValidationError,
    model_serializer,
)

from mixer.errors import UsageError
from mixer.processor import Place, Processor, chain

PLACES: dict[str, tuple[Place, ...]] = {"reverb": (Place.BUS,), "master": (Place.MASTER,)}
"""The targets beside the tracks, and where their processors sit; everything else is a track."""

Source = Literal["default", "prior", "reference", "prompt", "rough_mix", "user"]
Finite = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Model(BaseModel):
    """What all parts of a session have in common: unknown fields are errors, nothing changes in place."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_by_name=True)


class _Sparse(Model):
    """Writes only what differs from its defaults."""

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        return {
            name: value
            for name, value in handler(self).items()
            if fields[name].is_required() or value != fields[name].get_default(call_default_factory=True)
        }


class Knob(_Sparse):
    """Where one knob stands, who put it there and why, and whether suggestions must leave it alone."""

    value: Finite
    locked: StrictBool = False
    source: Source = "default"
    reason: str = ""


class ProcessorSettings(_Sparse):
    """One processor of one target; knobs that are absent stand at their defaults."""

    bypass: StrictBool = False
    locked: StrictBool = False
    knobs: dict[str, Knob] = Field(default_factory=dict)


TargetSettings = dict[str, ProcessorSettings]


def places(target: str) -> tuple[Place, ...]:
    """Where the processors of a target (a track's id, ``reverb`` or ``master``) sit."""
    return PLACES.get(target, (Place.STRIP, Place.SEND))


def target_chain(target: str) -> dict[str, Processor]:
    """The processors of a target by name, in the order in which the sound passes them."""
    return {entry.name: entry for place in places(target) for entry in chain(place)}


def check_settings(target: str, settings: Mapping[str, ProcessorSettings]) -> TargetSettings:
    """The same settings in the chain's order without what says nothing; UsageError names what is unknown or wrong."""
    known = target_chain(target)
    for name in settings.keys() - known.keys():
        raise UsageError(f"{target} has no processor {name!r}: it has {', '.join(known)}")
    checked: TargetSettings = {}
    for name, entry in known.items():
        given = settings.get(name, ProcessorSettings())
        try:
            for knob in given.knobs:
                entry.param(knob).check(given.knobs[knob].value)
        except UsageError as error:
            joint = "." if str(error).startswith(f"{knob} =") else ": "
            raise UsageError(f"{target}.{name}{joint}{error}") from None
        knobs = {p.name: given.knobs[p.name] for p in entry.params if p.name in given.knobs}
        knobs = {p: knob for p, knob in knobs.items() if knob != Knob(value=entry.param(p).default)}
        kept = given.model_copy(update={"knobs": knobs})
        if kept != ProcessorSettings():
            checked[name] = kept
    return checked


def first_problem(error: ValidationError) -> str:
    """The first thing that a model refused, in one line, and how many more there are."""
    first, *more = error.errors(include_url=False)
    where = ".".join(str(part) for part in first["loc"])
    what = "is no field of a session" if first["type"] == "extra_forbidden" else first["msg"].lower()
    given = first["input"]
    shown = f" (it is {given!r})" if isinstance(given, str | int | float | None) and len(repr(given)) < 60 else ""
    return f"{where or 'the session'}: {what}{shown}" + (f", and {len(more)} more" if more else "")

"""What a page asks suggestions to go by: checked, kept, and handed on as the command line would say it."""

from __future__ import annotations

from typing import Any

from interfaces.suggesting import Request
from interfaces.web.studio.answers import Refused
from interfaces.web.studio.body import Body
from interfaces.web.studio.workspace import ReferenceWish, Snapshot, Wishes, Workspace
from mixer.roles import Group, Role

_NAMES = frozenset({*(group.value for group in Group), *(role.value for role in Role)})
_HEAVIEST = 100.0
_KEEPS = ("level", "pan")


def read_wishes(body: Body, workspace: Workspace) -> Wishes:
    """What is wished for; Refused where a file is not there (404), or a value makes no sense (400)."""
    limits = workspace.limits
    references = tuple(_reference(item, workspace) for item in body.items("references", limits.references))
    rough = workspace.file(body.data["rough_mix"], "rough").id if body.has("rough_mix") else None
    keeps = body.texts("rough_keeps", len(_KEEPS)) if body.has("rough_keeps") else _KEEPS
    if set(keeps) - set(_KEEPS):
        raise Refused(400, "rough_keeps: of a rough mix level and pan can be kept")
    prompt, confirm = body.text("prompt", most=limits.prompt_characters), body.data.get("confirm") is True
    return Wishes(references, rough, keeps, prompt, confirm)


def _reference(item: Any, workspace: Workspace) -> ReferenceWish:
    if not isinstance(item, dict):
        raise Refused(400, "references is a list of objects, each with the id of a file")
    said = Body(item)
    file = workspace.file(said.data.get("file"), "reference", "song")
    segment = said.items("segment", 2) or None
    if segment is not None:
        if len(segment) != 2 or any(isinstance(at, bool) or not isinstance(at, int | float) for at in segment):
            raise Refused(400, "a segment is its start and its end in seconds")
        start, end = max(0.0, float(segment[0])), min(float(segment[1]), file.seconds)
        if not start < end:
            raise Refused(400, f"{file.name}: the segment is empty or outside of its {file.seconds:.1f} s")
        segment = [round(start, 3), round(end, 3)]
    roles = said.texts("roles")
    if set(roles) - _NAMES:
        raise Refused(400, f"there is no role or group {sorted(set(roles) - _NAMES)[0]!r}")
    weight = said.number("weight") if said.has("weight") else 1.0
    if weight is None or not 0 < weight <= _HEAVIEST:
        raise Refused(400, f"a weight is a number above 0 and up to {_HEAVIEST:g}")
    separation = said.data.get("separation", True)
    return ReferenceWish(file.id, segment and (segment[0], segment[1]), roles, float(weight), separation is not False)


def request_of(snapshot: Snapshot, body: Body, alternatives: int | None, seed: int) -> Request:
    """The wish for suggestions; UsageError where there is nothing to go by."""
    wishes, files = snapshot.wishes, snapshot.files
    rough = files.get(wishes.rough_mix or "")
    asked = [wish for wish in wishes.references if wish.file in files]
    return Request(
        references=tuple(_argument(wish, snapshot) for wish in asked),
        separation=tuple(wish.separation for wish in asked),
        rough_mix=None if rough is None else rough.path,
        rough_keeps=",".join(wishes.rough_keeps),
        prompt=wishes.prompt,
        confirm=wishes.confirm,
        fast=body.data.get("fast") is True,
        intensity=body.texts("intensity"),
        only=body.texts("only"),
        without=body.texts("without"),
        free=body.texts("free"),
        loudness_lufs=body.number("loudness_lufs"),
        seed=seed,
        alternatives=alternatives,
    )


def _argument(wish: ReferenceWish, snapshot: Snapshot) -> str:
    """As the command line writes it: ``FILE[@start-end][:roles][*weight]``."""
    text = str(snapshot.files[wish.file].path)
    if wish.segment is not None:
        text += f"@{wish.segment[0]:.3f}-{wish.segment[1]:.3f}"
    if wish.roles:
        text += f":{','.join(wish.roles)}"
    return text if wish.weight == 1.0 else f"{text}*{wish.weight:.6f}"

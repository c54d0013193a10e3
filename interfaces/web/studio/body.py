"""What a request says, read with care: JSON of bounded size, and each part of the kind that is expected."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from interfaces.web.studio.answers import Refused


class Body:
    """The JSON object of a request. Each reader raises Refused (400) that names the part."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    @classmethod
    async def of(cls, request: Request, most: int) -> Body:
        """Of a request; Refused where it is too large (413), or no JSON object (400)."""
        text = bytearray()
        async for piece in request.stream():
            text += piece
            if len(text) > most:
                raise Refused(413, f"the request is larger than {most} bytes: say less at once")
        try:
            data = json.loads(text or b"{}", parse_constant=_finite, parse_float=_finite, parse_int=_whole)
            json.dumps(data, ensure_ascii=False).encode()  # half a surrogate pair could never be saved
        except (ValueError, RecursionError):
            raise Refused(400, "the request is no JSON that can be read: send an object") from None
        if not isinstance(data, dict):
            raise Refused(400, "the request is no JSON object: send one")
        return cls(data)

    def has(self, name: str) -> bool:
        """Whether something is said of it."""
        return self.data.get(name) is not None

    def text(self, name: str, preset: str = "", most: int = 255) -> str:
        """A text of at most so many characters."""
        value = self.data.get(name, preset)
        if value is None:
            return preset
        if not isinstance(value, str):
            raise Refused(400, f"{name} is a text, not {_kind(value)}")
        if len(value) > most:
            raise Refused(413, f"{name} has {len(value)} characters: use at most {most}")
        return value

    def whole(self, name: str, preset: int, low: int, high: int) -> int:
        """A whole number inside its range."""
        value = self.data.get(name, preset)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Refused(400, f"{name} is a whole number from {low} to {high}")
        return value

    def number(self, name: str) -> float | None:
        """A number, or None where nothing is said."""
        value = self.data.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise Refused(400, f"{name} is a number, not {_kind(value)}")
        return value

    def items(self, name: str, most: int) -> list[Any]:
        """A list of at most so many things; empty where nothing is said."""
        value = self.data.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise Refused(400, f"{name} is a list, not {_kind(value)}")
        if len(value) > most:
            raise Refused(413, f"{name} has {len(value)} parts: use at most {most}")
        return value

    def texts(self, name: str, most: int = 256) -> tuple[str, ...]:
        """A list of texts."""
        values = self.items(name, most)
        for value in values:
            if not isinstance(value, str) or len(value) > 1000:
                raise Refused(400, f"{name} is a list of texts")
        return tuple(values)


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", bool: "true or false", str: "a text"}
    return kinds.get(type(value), "a number")


def _finite(literal: str) -> float:
    number = float(literal)
    if not math.isfinite(number):
        raise ValueError(literal)
    return number


def _whole(literal: str) -> int:
    if len(literal) > 15:
        raise ValueError(literal)
    return int(literal)

"""The published schema: current, complete, and true of real sessions.

``validate`` knows the few keywords that the schema uses, and fails on any other.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from mixer.edits import apply, set_locks
from mixer.processor import processors
from mixer.session import Edit
from mixer.session_schema import json_schema
from tests.sessions import any_edits, make_session

PUBLISHED = Path(__file__).resolve().parents[2] / "docs" / "session.schema.json"
SCHEMA = json_schema()
SESSION = make_session()
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "null": (type(None),),
    "integer": (int,), "number": (int, float),
}  # fmt: skip
NOTES = {"$schema", "$defs", "title", "description", "default", "type"}
LIMITS: dict[str, Callable[[Any, Any], bool]] = {
    "enum": lambda value, rule: value in rule,
    "const": operator.eq,
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "minItems": lambda value, rule: len(value) >= rule,
    "maxItems": lambda value, rule: len(value) <= rule,
    "pattern": lambda value, rule: re.search(rule, value) is not None,
}


def validate(value: Any, schema: dict[str, Any], where: str = "$") -> list[str]:
    """What is wrong with a JSON value, by JSON Schema draft 2020-12."""
    if "type" in schema and not is_a(schema["type"], value):
        return [f"{where}: {value!r} is no {schema['type']}"]
    problems: list[str] = []
    for keyword, rule in schema.items():
        if keyword == "$ref":
            problems += validate(value, SCHEMA["$defs"][rule.rpartition("/")[2]], where)
        elif keyword == "anyOf":
            problems += [] if any(not validate(value, option) for option in rule) else [f"{where}: fits none"]
        elif keyword == "properties":
            for key in rule.keys() & value.keys():
                problems += validate(value[key], rule[key], f"{where}.{key}")
        elif keyword == "additionalProperties":
            for key in value.keys() - schema.get("properties", {}).keys():
                problems += validate(value[key], rule, where) if rule else [f"{where}: {key} is unknown"]
        elif keyword == "required":
            problems += [f"{where}: no {key}" for key in rule if key not in value]
        elif keyword == "items":
            problems += [problem for i, item in enumerate(value) for problem in validate(item, rule, f"{where}[{i}]")]
        elif keyword == "prefixItems":
            problems += [p for item, part in zip(value, rule, strict=False) for p in validate(item, part, where)]
        elif keyword not in NOTES and not LIMITS[keyword](value, rule):
            problems.append(f"{where}: {value!r} breaks {keyword} {rule}")
    return problems


def is_a(kind: str, value: Any) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def as_json(session: Any) -> Any:
    return json.loads(session.model_dump_json(by_alias=True))


def test_the_published_copy_is_current() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == SCHEMA, (
        "renew it: python -m mixer.session_schema > docs/session.schema.json"
    )


@settings(max_examples=60, deadline=None)
@given(any_edits(SESSION))
def test_sessions_as_they_are_saved_fit_the_schema(edits: list[Edit]) -> None:
    assert validate(as_json(apply(SESSION, edits, "set", "any")), SCHEMA) == []


def test_every_knob_is_there_with_the_range_of_its_param() -> None:
    for name, entry in processors().items():
        knobs = SCHEMA["$defs"][name]["properties"]["knobs"]["properties"]
        assert list(knobs) == list(entry.knobs)
        for param in entry.params:
            value = knobs[param.name]["properties"]["value"]
            assert value["default"] == param.default
            limits = value["enum"] if param.scale == "switch" else [value["minimum"], value["maximum"]]
            assert limits == [param.low, param.high]
            assert param.doc in knobs[param.name]["description"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("tracks", 0, "settings"), {"fader": {"knobs": {"gain_db": {"value": 99.0}}}}),
        (("tracks", 0, "settings"), {"fader": {"knobs": {"gian_db": {"value": 0.0}}}}),
        (("tracks", 0, "settings"), {"reverb": {}}),
        (("tracks", 0, "role"), "singer"),
        (("tracks", 0, "sha256"), "no hash"),
        (("tracks", 0, "id"), "a b"),
        (("master",), {"panner": {}}),
        (("sample_rate",), 8000),
        (("loudness_lufs",), 0.0),
        (("schema",), "faderwise-session/2"),
        (("colour",), "blue"),
        (("context",), {"references": [{"name": "x"}]}),
    ],
)
def test_what_a_session_refuses_the_schema_refuses(place: tuple[Any, ...], value: object) -> None:
    data = as_json(set_locks(SESSION, ["kick"], True))
    node = data
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = value
    assert validate(data, SCHEMA)

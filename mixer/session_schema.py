"""The published JSON Schema of session files, with every processor and knob spelled out from its ``Param``.

``python -m mixer.session_schema > docs/session.schema.json`` renews the published copy.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from mixer.knobs import PLACES, target_chain
from mixer.param import Param
from mixer.processor import Processor
from mixer.session import Session

Json = dict[str, Any]


def json_schema() -> Json:
    """The schema of a session file, JSON Schema draft 2020-12."""
    schema = Session.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    for target in ("track", *PLACES):
        for name, entry in target_chain(target).items():
            definitions[name] = _processor(entry)
    definitions["Track"]["properties"]["settings"] = _settings("track")
    for target in PLACES:
        schema["properties"][target] = _settings(target)
    del definitions["ProcessorSettings"]
    schema["required"] = ["schema", *schema["required"]]
    clean: Json = _for_readers(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Faderwise session", **clean}


def _settings(target: str) -> Json:
    references = {name: {"$ref": f"#/$defs/{name}"} for name in target_chain(target)}
    return {"type": "object", "properties": references, "additionalProperties": False}


def _processor(entry: Processor) -> Json:
    flag = {"type": "boolean", "default": False}
    knobs = {param.name: _knob(param) for param in entry.params}
    return {
        "type": "object",
        "description": entry.doc,
        "properties": {
            "bypass": flag,
            "locked": flag,
            "knobs": {"type": "object", "properties": knobs, "additionalProperties": False},
        },
        "additionalProperties": False,
    }


def _knob(param: Param) -> Json:
    value: Json = {"type": "number", "minimum": param.low, "maximum": param.high, "default": param.default}
    if param.scale == "switch":
        value = {"enum": [0.0, 1.0], "default": param.default}
    notes = [param.doc, f"Unit: {param.unit}." if param.unit else "", "The minimum is off." if param.off_at_low else ""]
    return {
        "$ref": "#/$defs/Knob",
        "description": " ".join(note for note in notes if note),
        "properties": {"value": value},
    }


def _for_readers(node: Any) -> Any:
    """The schema without titles that only repeat the fields' names; of each docstring its first paragraph."""
    if isinstance(node, list):
        return [_for_readers(item) for item in node]
    if not isinstance(node, dict):
        return node
    clean = {key: _for_readers(item) for key, item in node.items() if key != "title" or not isinstance(item, str)}
    if isinstance(text := clean.get("description"), str):
        clean["description"] = " ".join(text.partition("\n\n")[0].replace("``", "").split())
    return clean


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n")

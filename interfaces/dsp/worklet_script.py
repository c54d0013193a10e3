"""The JavaScript texts for browsers, with the knobs and chains that the schema says they have."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from interfaces.dsp.knobs import knob_table
from mixer.processor import Place, chain, processors

_MARK = "//@knobs"
_REALISED = re.compile(r"^const PROCESSORS = \{(.*?)^\};$", re.MULTILINE | re.DOTALL)


@cache
def schema() -> dict[str, Any]:
    """``knobs``: each processor's, in order, as JSON tells a ``Param``; ``chains``: the processors of each place."""
    knobs = {
        name: [
            {
                "name": knob.param.name,
                "label": knob.label,
                "unit": knob.param.unit,
                "low": knob.param.low,
                "high": knob.param.high,
                "default": knob.param.default,
                "scale": knob.param.scale,
                "off_at_low": knob.param.off_at_low,
                "doc": knob.param.doc,
            }
            for knob in knob_table(name)
        ]
        for name in processors()
    }
    return {"knobs": knobs, "chains": {place.value: [entry.name for entry in chain(place)] for place in Place}}


@cache
def worklet_text(name: str) -> str:
    """``worklet/<name>.js``, complete: its line ``//@knobs`` becomes the constants ``KNOBS`` and ``CHAINS``.

    ``console`` is for an AudioWorklet, ``response`` for a Worker.

    Raises:
        FileNotFoundError: there is no such text.
    """
    text = (files("interfaces") / "dsp" / "worklet" / f"{name}.js").read_text(encoding="utf-8")
    tables = schema()
    known = {**tables["chains"], **{place: realised(names) for place, names in tables["chains"].items()}}
    constants = f"const KNOBS = {json.dumps(tables['knobs'], ensure_ascii=False)};\nconst CHAINS = {json.dumps(known)};"
    return text.replace(_MARK, constants)


def realised(names: list[str]) -> list[str]:
    """Those of these processors that sound in a browser: the worklet has a class for them."""
    text = (files("interfaces") / "dsp" / "worklet" / "console.js").read_text(encoding="utf-8")
    found = _REALISED.search(text)
    here = set(re.findall(r"(\w+):", found[1])) if found else set()
    return [name for name in names if name in here | {"reverb"}]  # the reverb is the response and a convolver

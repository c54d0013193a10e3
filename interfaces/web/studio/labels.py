"""Files lie on disk under names of ours; what people called them is only ever text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import PurePath

_TOKEN = re.compile(r"\b([0-9a-f]{32})(\.\w+)?")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Control characters, those that turn the direction of writing, halves of characters."""
NAMELESS = "untitled"


def label(given: str, most: int) -> str:
    """What a file is called by its owner: the last part of a path, printable, at most so many characters long.

    >>> label("../../etc/Lead 'Vox'.wav", 255), label("C:\\\\mixes\\\\a.wav", 255), label("\\0", 9)
    ("Lead 'Vox'.wav", 'a.wav', 'untitled')
    """
    last = re.split(r"[/\\]", given)[-1]
    seen = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in _UNSEEN)
    plain = " ".join(seen.split()).strip(". ")
    suffix = PurePath(plain).suffix if len(PurePath(plain).suffix) < 8 else ""
    return plain if 0 < len(plain) <= most else (plain[: most - len(suffix)] + suffix).strip() or NAMELESS


def labelled(text: str, labels: Mapping[str, str], *, in_json: bool = False) -> str:
    """Text with our names of files replaced by their owners'; ``in_json`` where it is JSON.

    >>> labelled("listening to 0123456789abcdef0123456789abcdef.flac", {"0123456789abcdef0123456789abcdef": "hit.flac"})
    'listening to hit.flac'
    """

    def called(found: re.Match[str]) -> str:
        name = labels.get(found[1])
        if name is None:
            return found[0]
        shown = name if found[2] else PurePath(name).stem
        return json.dumps(shown, ensure_ascii=False)[1:-1] if in_json else shown

    return _TOKEN.sub(called, text)

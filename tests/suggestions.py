"""Parts of suggestions to test with."""

from __future__ import annotations

from mixer.session import Session
from style_transfer.suggestion import Change, Evidence


def make_change(session: Session, address: str, after: float, **fields: object) -> Change:
    """One knob of a suggestion moved from where it stands."""
    target, processor, knob = address.split(".")
    before = session.knob(address).value
    given: dict[str, object] = {
        "target": target,
        "name": target,
        "processor": processor,
        "knob": knob,
        "before": before,
        "after": after,
        "source": "reference",
        "move": "moved",
        "because": "this is a test",
        "evidence": Evidence(feature="level", unit="dB", now=before, target=None, becomes=after),
        **fields,
    }
    return Change.model_validate(given)

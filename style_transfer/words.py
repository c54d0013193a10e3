"""How moves and measures are said: a producer's words for knobs, bands, roles and times."""

from __future__ import annotations

from collections.abc import Sequence

from mixer.param import Param
from mixer.roles import Group, Role

_PLURALS = {
    Role.OTHER: "such a track",
    Role.KICK: "kick drums",
    Role.BASS: "basses",
    Role.PERCUSSION: "percussion",
    Role.BRASS: "brass",
    Role.FX: "effects",
}
_GROUPS = {Group.VOCALS: "vocals", Group.DRUMS: "drums", Group.BASS: "bass", Group.OTHER: "other instruments"}


def move_text(processor: str, param: Param, before: float, after: float, band_hz: float) -> str:
    """What is done to one knob, as it stands behind a track's name.

    Args:
        band_hz: where a band of an equaliser works most.
    """
    by = f"{'up' if after > before else 'down'} {abs(after - before):.1f} dB"
    match processor, param.name:
        case "panner", "pan":
            return side(after)
        case "panner", _:
            return f"{'wider' if after > before else 'narrower'}, width {after:.2f}"
        case "fader", _:
            return f"at {param.show(after)}" if param.is_off(before) or param.is_off(after) else by
        case "send", _:
            return f"reverb send {param.show(after)}"
        case "equalizer", "highpass_hz":
            return f"high-pass {param.show(after)}"
        case "equalizer", _ if param.unit == "dB":
            return f"EQ {after:+.1f} dB at {hertz(band_hz)}"
        case "limiter", "active":
            return f"limiter {param.show(after)}"
        case _:
            return f"{processor} {knob_word(param)} {param.show(after)}".replace("reverb reverb ", "reverb ")


def knob_word(param: Param) -> str:
    """A knob's name without its unit.

    >>> knob_word(Param("attack_ms", "ms", 0.1, 200.0, 10.0, "log", "How fast."))
    'attack'
    """
    stem, _, unit = param.name.rpartition("_")
    return (stem if unit in ("db", "ms", "hz", "s") else param.name).replace("_", " ")


def side(pan: float) -> str:
    """A position between the loudspeakers.

    >>> side(-0.42), side(0.0)
    ('42% left', 'centre')
    """
    return "centre" if abs(pan) < 0.005 else f"{abs(pan):.0%} {'left' if pan < 0 else 'right'}"


def hertz(hz: float) -> str:
    """A frequency, as exact as it is heard.

    >>> hertz(315.2), hertz(3150.0)
    ('315 Hz', '3.2 kHz')
    """
    return f"{hz / 1000:.1f} kHz" if hz >= 1000 else f"{hz:.0f} Hz"


def clock(seconds: float) -> str:
    """A place in a song.

    >>> clock(62.4)
    '1:02'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def role_words(role: Role) -> str:
    """Tracks of a role: ``lead vocals``, ``kick drums``."""
    name = role.replace("_", " ")
    return _PLURALS.get(role, name if name.endswith("s") else f"{name}s")


def group_words(groups: frozenset[Group]) -> str:
    """Stem groups in a sentence: ``vocals``, ``bass and other instruments``."""
    return listed([_GROUPS[group] for group in Group if group in groups], most=4)


def listed(words: Sequence[str], most: int = 5) -> str:
    """Words in a row.

    >>> listed(["kick", "snare", "bass"]), listed(["a", "b", "c"], most=1)
    ('kick, snare and bass', 'a and 2 more')
    """
    shown = list(words) if len(words) <= most else [*words[:most], f"{len(words) - most} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else "nothing"

"""All separators by name, without loading any."""

from __future__ import annotations

from mixer.errors import UsageError
from mixer.naming import near
from separation.separator import About, Options, Separator

DEFAULT = "spleeter-4"


def separators() -> dict[str, About]:
    """What there is, the default first. Nothing is loaded or imported for it."""
    from separation.optional import optional_separators
    from separation.spleeter.about import FOUR_STEMS, TWO_STEMS

    return {about.name: about for about in (FOUR_STEMS, TWO_STEMS, *optional_separators())}


def about_separator(name: str) -> About:
    """What a separator says about itself; UsageError if there is none of this name."""
    known = separators()
    if name not in known:
        raise UsageError(f"there is no separator {name!r}{near(name, known)}; there are {', '.join(known)}")
    return known[name]


def open_separator(name: str = DEFAULT, options: Options | None = None) -> Separator:
    """Load a separator, for any number of songs.

    Raises:
        UsageError: there is none of this name, or the device is not there.
        ModelError: its package or weights are not on this machine; the line says how to get them.
    """
    options = options or Options()
    if name in ("spleeter-2", "spleeter-4"):
        from separation.spleeter.separator import FourStems, TwoStems

        return (TwoStems if name == "spleeter-2" else FourStems)(options)
    if about_separator(name).extra == "demucs":
        from separation.demucs import Demucs

        return Demucs(name, options)
    from separation.open_unmix import OpenUnmixSeparator

    return OpenUnmixSeparator(name, options)

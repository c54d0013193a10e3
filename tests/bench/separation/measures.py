"""What is measured of the separation core, one function for each goal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
import torch

from mixer import audio
from separation.chunks import Plan
from separation.evaluation import Score, Truth, evaluate, sdr_db
from separation.registry import open_separator
from separation.separate import separate
from separation.separator import Options
from separation.spleeter.separator import FourStems, TwoStems
from separation.stream import array_source, separated_blocks
from tests.bench.harness import interleaved
from tests.bench.separation import peers, songs
from tests.signals import RATE, SONGS, difference_db, music

Rows = list[tuple[str, ...]]
Measure = tuple[str, tuple[str, ...], Rows]
FOUR = ("vocals", "drums", "bass", "other")
ROOT = Path(__file__).resolve().parents[3]


def all_measures(
    corpus: Path | None, wheel: Path | None, minutes: Sequence[float], music: Sequence[Path]
) -> dict[str, Callable[[], Measure]]:
    """Each table (text, columns, rows) by its title, measured when it is called."""
    return {
        "Two stems": lambda: two_stems(wheel),
        "Four stems": lambda: four_stems(corpus),
        "Bad material": failures,
        "Instrumentals": lambda: instrumentals(music),
        "Sums": sums,
        "Seams": seams,
        "Treble": treble,
        "Speed": speed,
        "Memory": lambda: memory(minutes),
    }


def two_stems(wheel: Path | None) -> Measure:
    """The shipped int8 model beside the float model that it was made from, in the same pipeline."""
    text = (
        "The shipped weights (int8) against the published float weights in the same pipeline: global SDR in dB of "
        "vocals / accompaniment. Goal: within 0.2 dB."
    )
    rows: Rows = []
    floating = peers.float_two_stems(wheel) if wheel is not None else None
    for song in songs.real_songs((*songs.DEVELOPMENT, *songs.TEST)):
        (ours,) = evaluate([song], TwoStems(Options()))
        theirs = evaluate([song], floating)[0] if floating is not None else None
        rows.append((song.name, _pair(ours), _pair(theirs) if theirs else "-", f"{ours.residual_db:.0f} dB"))
    return text, ("Song", "int8", "float", "Mixture minus stems"), rows


def _pair(score: Score) -> str:
    return f"{score.sdr_db['vocals']:.2f} / {score.sdr_db['accompaniment']:.2f}"


def four_stems(corpus: Path | None) -> Measure:
    """The default beside the plain cascade, on songs that it was not tuned on."""
    text = (
        "`spleeter-4` against the plain cascade (the same voice; harmonic/percussive by medians, bass below 250 Hz, "
        "the rest): global SDR in dB, plain -> default. The songs are real multitracks (12 s: country, britpop) and "
        "arrangements of `datasets/make_separation_corpus.py`'s test part; grooves, chords and sound font of "
        "these were in no training, and nothing of the four stems was tuned on any of them. Goal: better on the "
        "average."
    )
    rows: Rows = []
    found = songs.test_songs(corpus)
    plain = evaluate(found, peers.PlainCascade(Options()))
    ours = evaluate(found, FourStems(Options()))
    for before, after in zip(plain, ours, strict=True):
        rows.append((before.song, *(_change(before, after, stem) for stem in FOUR), f"{after.seconds:.1f} s"))
    for name, chosen in (
        ("mean", range(len(found))),
        ("mean of the real ones", range(len(list(songs.real_songs(songs.TEST))))),
    ):
        means = [_mean_change([plain[i] for i in chosen], [ours[i] for i in chosen], stem) for stem in FOUR]
        rows.append((f"**{name}**", *means, ""))
    return text, ("Song", *FOUR, "Time"), rows


def _change(before: Score, after: Score, stem: str) -> str:
    return f"{before.sdr_db[stem]:.1f} -> {after.sdr_db[stem]:.1f}" if stem in after.sdr_db else "-"


def _mean_change(before: Sequence[Score], after: Sequence[Score], stem: str) -> str:
    pairs = [(b.sdr_db[stem], a.sdr_db[stem]) for b, a in zip(before, after, strict=True) if stem in a.sdr_db]
    return f"{fmean(b for b, _ in pairs):.2f} -> {fmean(a for _, a in pairs):.2f}" if pairs else "-"


def failures() -> Measure:
    """The same song with one flaw at a time."""
    text = "`spleeter-4` on a real song (rock) that is spoilt in one way at a time: global SDR in dB."
    rows: Rows = []
    for song in songs.real_songs(songs.DEVELOPMENT):
        for truth in songs.spoilt(song):
            (score,) = evaluate([truth], FourStems(Options()))
            rows.append((truth.name, *(f"{score.sdr_db[stem]:.1f}" if stem in score.sdr_db else "-" for stem in FOUR)))
        rows += [_distorted(song, "clipped 12 dB above full scale"), _distorted(song, "8 bit")]
    return text, ("Flaw", *FOUR), rows


def _distorted(song: Truth, flaw: str) -> tuple[str, ...]:
    loud = song.mixture / np.abs(song.mixture).max()
    spoilt = np.round(loud * 127) / 127 if flaw == "8 bit" else np.clip(loud * 4, -1, 1) / 4
    scale = np.float32(np.abs(song.mixture).max())
    stems = separate((spoilt * scale).astype(np.float32), song.sample_rate, FourStems(Options()))
    return (flaw, *(f"{sdr_db(song.stems[stem], stems[stem]):.1f}" for stem in FOUR))


def instrumentals(music: Sequence[Path]) -> Measure:
    """How much voice is found where there is none."""
    text = (
        "Energy of the vocals relative to the mixture, in game music without a singer as far as known: seven mixes "
        f"that the gate was chosen with, and {songs.EXCERPT_S:.0f} s from the middle of every long piece of some "
        "Debian packages (other parts of hyperrogue-music and singularity-music were looked at when the limits for "
        "consonants were chosen, warzone2100-music was not). Goal: -30 dB or lower in at least 4 of 5."
    )
    rows: Rows = []
    for path in sorted((SONGS.parent / "references").glob("*.flac")):
        rows.append((path.stem, f"{_voice_db(*audio.read(path)):.1f} dB"))
    for folder in music:
        levels = {name: _voice_db(song, rate) for name, song, rate in songs.game_music([folder])}
        quiet = sum(level <= -30 for level in levels.values())
        loud = [f"{name} {level:.0f}" for name, level in levels.items() if level > -30]
        rows.append(
            (f"**{folder.name}**", f"{quiet} of {len(levels)} at -30 dB or lower; above: {', '.join(loud) or '-'}")
        )
    return text, ("Mix", "Vocals"), rows


def _voice_db(song: audio.F32, rate: int) -> float:
    return _level_db(separate(song, rate, TwoStems(Options()))["vocals"], song)


def _level_db(part: audio.F32, whole: audio.F32) -> float:
    energies = [float(np.square(x, dtype=np.float64).sum()) for x in (part, whole)]
    return 10 * float(np.log10(energies[0] / energies[1] + 1e-12))


def sums() -> Measure:
    """What is left of a song when all its stems are taken away."""
    text = (
        "Energy of the mixture minus all stems, relative to the mixture. Goal: -100 dB. Optional ones: random weights."
    )
    song = music(6.0)
    separated = {name: open_separator(name) for name in ("spleeter-2", "spleeter-4")}
    separated |= peers.random_optional()
    rows: Rows = []
    for name, separator in separated.items():
        stems = separate(song, RATE, separator)
        rest = difference_db(np.array(list(stems.values())).sum(0, dtype=np.float64), song)
        rows.append((f"`{name}`", f"{rest:.0f} dB"))
    return text, ("Separator", "Mixture minus stems"), rows


def seams() -> Measure:
    """Segments against one pass over a minute."""
    text = "A minute of music in segments of the default length against one pass. Goal: no error above -60 dB."
    songs_found = sorted((SONGS.parent / "references").glob("*.flac"))[:2]
    minute = np.concatenate([audio.read(p, RATE)[0] for p in songs_found], axis=1) if songs_found else music(60.0)
    rows: Rows = []
    for kind in (TwoStems, FourStems):
        made = {}
        for name in ("segments", "one pass"):
            separator = kind(Options())
            if name == "one pass":
                separator.plan = Plan(minute.shape[1] + 1, 0, 0)
            made[name] = np.concatenate(list(separated_blocks(array_source(minute, RATE), separator)), axis=-1)
        error = made["segments"] - made["one pass"]
        peak = 20 * float(np.log10(np.abs(error).max() + 1e-12))
        rows.append(
            (f"`{kind.about.name}`", f"{difference_db(made['segments'], made['one pass']):.0f} dB", f"{peak:.0f} dBFS")
        )
    return text, ("Separator", "Energy of the error", "Its highest sample"), rows


def treble() -> Measure:
    """Energy above 11 kHz in the voice."""
    text = "Energy of the vocals above 11 kHz, separated against true. Goal: within 3 dB."
    rows: Rows = []
    for song in songs.real_songs((*songs.DEVELOPMENT, *songs.TEST)):
        voice = separate(song.mixture, song.sample_rate, TwoStems(Options()))["vocals"]
        levels = [_high_db(signal, song.sample_rate) for signal in (voice, song.stems["vocals"])]
        share = levels[1] - _high_db(song.mixture, song.sample_rate)
        rows.append((song.name, f"{levels[0] - levels[1]:+.1f} dB", f"{share:.1f} dB"))
    return text, ("Song", "Separated against true", "True voice against the mixture, above 11 kHz"), rows


def _high_db(signal: audio.F32, rate: int) -> float:
    power = np.abs(np.fft.rfft(signal, axis=1)) ** 2
    return 10 * float(np.log10(power[:, np.fft.rfftfreq(signal.shape[1], 1 / rate) > 11_025].sum() + 1e-12))


def speed() -> Measure:
    """Interleaved in one run, so that a busy machine slows all alike."""
    seconds = 60.0
    text = (
        f"{seconds:.0f} s of stereo music, {torch.get_num_threads()} threads, median of interleaved runs; htdemucs has "
        "random weights of the published size. Goals: 5 x real time for two stems, 3 x for four, 5 x htdemucs' speed."
    )
    song = music(seconds)
    two, four = TwoStems(Options()), FourStems(Options())
    calls = {"spleeter-2": lambda: separate(song, RATE, two), "spleeter-4": lambda: separate(song, RATE, four)}
    demucs = peers.full_size_demucs()
    if demucs is not None:
        short = song[:, : demucs.plan.step + demucs.plan.fade]  # one segment, which answers for a step
        calls["htdemucs"] = lambda: separate(short, RATE, demucs)
    taken = interleaved(calls, 3)
    if demucs is not None:
        taken["htdemucs"] *= seconds * RATE / demucs.plan.step
    rows: Rows = [
        (f"`{name}`", f"{seconds / time:.1f} x", f"{taken['htdemucs'] / time:.1f} x" if "htdemucs" in taken else "-")
        for name, time in taken.items()
    ]
    return text, ("Separator", "Real time", "Against htdemucs"), rows


def memory(minutes: Sequence[float]) -> Measure:
    """Peak memory of whole processes."""
    text = "Peak of a process that separates a file and writes its stems. Goal: under 1.5 GB at any length."
    rows: Rows = []
    for separator in ("spleeter-2", "spleeter-4"):
        for length in minutes:
            command = [sys.executable, "-m", "tests.bench.separation.memory", str(length), separator]
            answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
            peak, speed = f"{float(answer[0]):.0f} MB", f"{float(answer[1]):.1f} x real time"
            rows.append((f"`{separator}`", f"{length:g} minutes", peak, speed))
    return text, ("Separator", "Song", "Peak", "Speed"), rows

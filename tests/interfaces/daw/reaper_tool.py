"""REAPER as far as our projects use it: a .rpp, read by an independent parser, is played through its own effects.

What is assumed of REAPER: a linear volume; stereo balance with a straight taper at a pan law of 0 dB; sends after fader
and pan; the master's effects after the sum.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rpp
import soundfile

from mixer.arrays import F32, F64
from tests.jsfx import Effect


def project(path: Path) -> Any:
    """The project as the package ``rpp`` reads it."""
    return rpp.loads(path.read_text(encoding="utf-8"))


def word(element: Any, name: str) -> list[str]:
    """What follows a name in its line."""
    found = element.find(name)
    return [] if found is None else [str(item) for item in found[1:]]


def sliders(effect: Any) -> dict[int, float]:
    """The slider values of a JS element, by number."""
    values = [str(item) for item in effect.children[0]]
    return {number: float(value) for number, value in enumerate(values, 1) if value != "-"}


def effects(owner: Any, tag: str) -> list[tuple[str, dict[int, float], bool]]:
    """``(file, sliders, bypassed)`` of a chain."""
    chain = owner.find(tag)
    found: list[tuple[str, dict[int, float], bool]] = []
    bypassed = False
    for item in [] if chain is None else chain.children:
        if isinstance(item, list) and item[0] == "BYPASS":
            bypassed = item[1] == "1"
        elif not isinstance(item, list) and item.tag == "JS":
            found.append((str(item.attrib[0]), sliders(item), bypassed))
    return found


def through(folder: Path, chain: list[tuple[str, dict[int, float], bool]], audio: F64, rate: int) -> F64:
    """Sound through a chain of effects, delays compensated."""
    for file, values, bypassed in chain:
        place = folder / "Effects" / file
        noise = place.with_suffix(".wav")
        beside = soundfile.read(noise, dtype="float32", always_2d=True)[0] if noise.exists() else None
        if not bypassed:
            effect = Effect(place.read_text(encoding="utf-8"), rate, beside)
            effect.set(values)
            audio = effect.run(audio)
    return audio


def play(path: Path, seconds: float) -> F32:
    """The project's mix, ``[2, time]``."""
    tree, folder = project(path), path.parent
    rate = int(word(tree, "SAMPLERATE")[0])
    assert (word(tree, "PANLAW")[0], word(tree, "PANMODE")[0], word(tree, "PANLAWFLAGS")[0]) == ("1", "3", "2")
    mix = np.zeros((2, round(seconds * rate)))
    tracks = tree.findall("TRACK")
    soloing = any(word(track, "MUTESOLO")[1] != "0" for track in tracks)
    posts: list[F64] = []
    for track in tracks:
        sound = np.zeros_like(mix)
        for item in track.findall("ITEM"):
            start = round(float(word(item, "POSITION")[0]) * rate)
            samples = _samples(folder / word(item.find("SOURCE"), "FILE")[0], rate)
            sound[:, start : start + samples.shape[1]] += samples[:, : mix.shape[1] - start]
        for source, mode, volume, pan, muted, *_ in (line[1:] for line in track.findall("AUXRECV")):
            assert (mode, float(pan)) == ("0", 0.0)
            sound += 0 if muted == "1" else float(volume) * posts[int(source)]
        volume, pan, *_ = (float(value) for value in word(track, "VOLPAN"))
        muted, solo, defeat = word(track, "MUTESOLO")
        heard = muted == "0" and (not soloing or solo != "0" or defeat == "1")
        balance = volume * np.array([[min(1.0, 1 - pan)], [min(1.0, 1 + pan)]])
        posts.append(balance * through(folder, effects(track, "FXCHAIN"), sound, rate) * heard)
    mix += sum(posts, start=np.zeros_like(mix))
    assert word(tree, "MASTER_VOLUME")[:2] == ["1", "0"]
    final: F32 = through(folder, effects(tree, "MASTERFXLIST"), mix, rate).astype(np.float32)
    return final


def _samples(path: Path, rate: int) -> F64:
    audio, file_rate = soundfile.read(path, dtype="float64", always_2d=True)
    assert file_rate == rate
    return np.broadcast_to(audio.T, (2, len(audio)))

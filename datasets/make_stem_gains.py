"""Train the gains that share an accompaniment between drums, bass and the rest.

Each song of the corpus is mixed several times with other levels, sent through the voice separator, and its cues are
kept beside what the right answer would be. The loss is what is measured afterwards: each stem's error energy relative
to its own, half of it with each bin's weight taken from its energy to its amplitude, so that the treble counts too.

    python datasets/make_separation_corpus.py corpus/
    python datasets/make_stem_gains.py corpus/training     # writes separation/weights/stem-gains.safetensors

A few minutes on two cores. Seeded; the SHA-256 to put into ``separation/spleeter/about.py`` is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import torch
from safetensors.torch import save
from torch import Tensor

from separation.spectra import BINS, SAMPLE_RATE, stft
from separation.spleeter.cues import cues
from separation.spleeter.gains import PATH, STEMS, StemGains
from separation.spleeter.separator import TRAINED_RMS
from separation.spleeter.voice import voice_mask
from separation.spleeter.weights import networks

F32 = npt.NDArray[np.float32]

SEED = 4
EXCERPT_S = 8.0
MIXES = 2
SPREAD_DB = 5.0
"""How far the levels of stems are moved from song to song."""
NARROWED = 0.3
"""Share of mixes whose stems lie in the middle, as old and small productions have them."""
LOW_BINS = 96  # up to 1 kHz, where most energy is: all of them are kept
HIGH_BINS = 160  # of the others so many, drawn for each mix
STEPS, MIXES_A_STEP, ROWS = 1200, 4, 3000
LEARNING_RATE = 6e-3


@dataclass(frozen=True, slots=True)
class Lesson:
    """One mix: per bin the cues, what it weighs, and energies that make the error a quadratic in the share.

    Attributes:
        cues: ``[rows, 20]``, half precision.
        weight: ``[rows]``, for bins that stand for several.
        power: ``[rows]``, of the accompaniment.
        shared: ``[rows, 3]``, what accompaniment and true stem have in common.
        amplitude: ``[rows]``, that the second half of the loss divides by.
        energy, loudness: ``[3]``, of the true stems, and the same over amplitude.
    """

    cues: Tensor
    weight: Tensor
    power: Tensor
    shared: Tensor
    amplitude: Tensor
    energy: Tensor
    loudness: Tensor


def excerpt(folder: Path, generator: np.random.Generator) -> dict[str, F32]:
    """The stems of a song over a few seconds, mixed anew."""
    stems = {stem: soundfile.read(folder / f"{stem}.wav", dtype="float32")[0].T for stem in STEMS}
    length = round(EXCERPT_S * SAMPLE_RATE)
    start = int(generator.integers(0, max(1, min(s.shape[1] for s in stems.values()) - length)))
    mixed = {}
    for stem, samples in stems.items():
        part = samples[:, start : start + length]
        part = np.pad(part, ((0, 0), (0, length - part.shape[1])))
        if generator.random() < NARROWED:
            part = np.broadcast_to(part.mean(0), part.shape)
        mixed[stem] = part * np.float32(10 ** (generator.uniform(-SPREAD_DB, SPREAD_DB) / 20))
    gain = np.float32(TRAINED_RMS / np.sqrt(np.mean(np.square(sum(mixed.values()))) + 1e-12))
    return {stem: np.ascontiguousarray(part * gain, np.float32) for stem, part in mixed.items()}


def lesson(stems: dict[str, F32], generator: np.random.Generator) -> Lesson:
    """What can be learned from a mix."""
    spectra = {stem: stft(torch.from_numpy(samples)) for stem, samples in stems.items()}
    mixture = torch.stack(list(spectra.values())).sum(0)
    voice = voice_mask(networks(), mixture)
    accompaniment = mixture * (1 - voice)
    drawn = LOW_BINS + generator.permutation(BINS - LOW_BINS)[:HIGH_BINS]
    bins = torch.from_numpy(np.concatenate((np.arange(LOW_BINS), np.sort(drawn))))
    frames = mixture.shape[-1]
    weight = torch.ones(len(bins))
    weight[LOW_BINS:] = (BINS - LOW_BINS) / HIGH_BINS
    power = accompaniment.abs().square().sum(0)
    shared = torch.stack([(accompaniment.conj() * spectra[stem]).real.sum(0) for stem in STEMS])  # [3, bins, frames]
    amplitude = power.sqrt() + 1e-3 * power.sqrt().max()
    truths = torch.stack([spectra[stem].abs().square().sum(0) for stem in STEMS])
    return Lesson(
        cues(accompaniment, voice)[:, bins].flatten(1).T.half(),
        weight[:, None].expand(-1, frames).flatten(),
        power[bins].flatten(),
        shared[:, bins].flatten(1).T.contiguous(),
        amplitude[bins].flatten(),
        truths.sum((1, 2)) + 1e-3 * power.sum(),
        (truths / amplitude).sum((1, 2)) + 1e-3 * (power / amplitude).sum(),
    )


def loss(network: StemGains, lesson: Lesson, rows: Tensor) -> Tensor:
    """The error energy of the stems relative to their own, apart from a constant, estimated on some rows."""
    share: Tensor = network(lesson.cues[rows].float())
    error = share**2 * lesson.power[rows, None] - 2 * share * lesson.shared[rows]
    error = error * (lesson.weight[rows, None] * len(lesson.weight) / len(rows))
    loud = error / lesson.amplitude[rows, None]
    relative: Tensor = (error.sum(0) / lesson.energy).mean() + (loud.sum(0) / lesson.loudness).mean()
    return relative


def train(lessons: list[Lesson], steps: int) -> StemGains:
    """Adam with a cosine decay over random rows of random mixes."""
    torch.manual_seed(SEED)
    network = StemGains()
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    running = 0.0
    for step in range(steps):
        chosen = [lessons[int(i)] for i in torch.randint(len(lessons), (MIXES_A_STEP,))]
        value = torch.stack([loss(network, one, torch.randint(len(one.weight), (ROWS,))) for one in chosen]).mean()
        optimizer.zero_grad()
        value.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        running += value.item()
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}: loss {running / 100:.4f}", flush=True)
            running = 0.0
    return network


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the gains of drums, bass and the rest.")
    parser.add_argument("corpus", type=Path, help="the folder of training songs")
    parser.add_argument("-o", "--output", type=Path, default=PATH)
    arguments = parser.parse_args()
    generator = np.random.default_rng(SEED)
    lessons = []
    folders = sorted(path for path in arguments.corpus.iterdir() if path.is_dir())
    with torch.no_grad():
        for folder in folders:
            lessons += [lesson(excerpt(folder, generator), generator) for _ in range(MIXES)]
    network = train(lessons, STEPS)
    about = {"what": "shares of drums, bass and the rest", "license": "Apache-2.0", "songs": [f.name for f in folders]}
    content = save({k: v.contiguous() for k, v in network.state_dict().items()}, {"about": json.dumps(about)})
    arguments.output.write_bytes(content)
    print(f"{arguments.output}: {len(content):,} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()

"""What one pass costs: sixteen tracks of half a minute, from files to settings, beside the shape of Diff-MST."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from mixer import audio
from mixer.scan import scan
from style_transfer.controller.estimate import estimate
from style_transfer.controller.weights import Controller
from style_transfer.listen import Heard, hear
from style_transfer.reference import Reference, listen
from style_transfer.reference_file import ReferenceFile
from style_transfer.start import practice_start
from tests.bench.controller.mst_shape import MstShape
from tests.bench.harness import Call, peak_mb
from tests.songs import RATE, stems, write_reference

TRACKS, SECONDS = 16, 30.0
MST_S = 262_144 / 44_100
"""The excerpt that Diff-MST's network is given: its cost grows with it, so that half a minute is reckoned from it."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Processor seconds and megabytes of one pass over 16 tracks of 30 s."""

    features_s: float
    answer_s: float
    peak_mb: float
    mst_s: float
    mst_peak_mb: float
    mst_million: float


def cost(found: Controller) -> Cost:
    """Measured on this machine, one after the other; of the other network one track and one reference are timed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for copy in range(3):
            for name, track in list(stems(SECONDS, key=1 + 0.1 * copy, seed=copy).items())[: TRACKS - 7 * copy]:
                audio.write(folder / f"{copy}{name}", track, RATE, depth="24")
        session = scan(folder).session
        reference = write_reference(folder / "reference.flac", SECONDS)

        def features() -> None:
            heard[:] = hear(session, folder)
            known[:] = [listen(ReferenceFile(reference), RATE, folder)]

        def answer() -> None:
            estimate(session, heard, known, practice_start(session, heard), found)

        heard: list[Heard] = []
        known: list[Reference] = []
        features()
        answer()
        taken = [_seconds(call) for call in (features, answer)]
        memory = peak_mb(lambda: [call() for call in (features, answer)])
    torch.manual_seed(0)
    network = MstShape().eval()
    one = torch.from_numpy(np.random.default_rng(0).standard_normal((1, 262_144)).astype(np.float32))
    with torch.no_grad():
        parts = [_seconds(lambda: network.tracks(one)), _seconds(lambda: network.controller(torch.zeros(1, 18, 512)))]
        mst_memory = peak_mb(lambda: network.tracks(one))
    whole = parts[0] * (TRACKS + 2) * SECONDS / MST_S + parts[1]
    million = sum(parameter.numel() for parameter in network.parameters()) / 1e6
    return Cost(taken[0], taken[1], memory, whole, mst_memory, million)


def _seconds(call: Call) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start

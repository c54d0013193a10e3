"""The weights that ship with the package: checked against their checksum, turned back from int8 to float."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from mixer.errors import ModelError
from separation.checkpoint import read_safetensors
from separation.spleeter.about import SHA256
from separation.spleeter.unet import UNet

PATH = Path(__file__).parents[1] / "weights" / "spleeter-2stems-int8.safetensors"
INSTRUMENTS = ("vocals", "accompaniment")
_INT8_SCALE = ".int8_scale"


@cache
def networks() -> tuple[UNet, UNet]:
    """The U-Nets of vocals and of accompaniment, loaded once.

    Raises:
        ModelError: the file in the package is missing or damaged.
    """
    vocals, accompaniment = load_networks(PATH, SHA256)
    return vocals, accompaniment


def load_networks(path: Path, sha256: str) -> list[UNet]:
    """The two U-Nets of a weights file; raises ModelError where it is not the one with this checksum."""
    tensors = read_safetensors(path, sha256, "install Faderwise again")
    loaded = []
    for instrument in INSTRUMENTS:
        state = _dequantised(tensors, f"{instrument}.")
        network = UNet()
        try:
            network.load_state_dict(state)
        except RuntimeError:
            raise ModelError(f"{path}: holds another network than Spleeter's; install Faderwise again") from None
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # not in torch's annotations
        loaded.append(network.eval().requires_grad_(False))
    return loaded


def _dequantised(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    state = {}
    for name, tensor in tensors.items():
        if name.startswith(prefix) and not name.endswith(_INT8_SCALE):
            scale = tensors.get(name + _INT8_SCALE, torch.ones(()))
            state[name.removeprefix(prefix)] = tensor.float() * scale.float()
    return state

"""Where a training stands, in one file that holds no code, so that it goes on after whatever ends it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from mixer.errors import SessionError
from style_transfer.controller.network import Network

FILE = "checkpoint.safetensors"


@dataclass(slots=True)
class Progressed:
    """How far a training is.

    Attributes:
        best: the smallest error on what is held out, and the step at which it was reached.
        minutes: of work so far.
    """

    step: int = 0
    best: float = float("inf")
    best_step: int = 0
    minutes: float = 0.0


def save(folder: Path, network: Network, optimizer: torch.optim.Optimizer, at: Progressed, about: str) -> None:
    """Replace the checkpoint; ``about`` says what it belongs to."""
    tensors: dict[str, Tensor] = {f"network.{name}": value for name, value in network.state_dict().items()}
    for row, state in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{row}.{name}": torch.as_tensor(value) for name, value in state.items()}
    part = folder / f"{FILE}.part"
    save_file(
        {name: value.contiguous() for name, value in tensors.items()},
        part,
        {"at": json.dumps(asdict(at)), "about": about},
    )
    part.replace(folder / FILE)


def restore(folder: Path, network: Network, optimizer: torch.optim.Optimizer, about: str) -> Progressed:
    """Go on from the checkpoint, if there is one.

    Raises:
        SessionError: it belongs to another training.
    """
    file = folder / FILE
    if not file.is_file():
        return Progressed()
    with safe_open(file, "pt") as opened:
        if opened.metadata()["about"] != about:
            raise SessionError(
                f"{file}: it is of a training with other options, processes or knobs; use another folder"
            )
        at = Progressed(**json.loads(opened.metadata()["at"]))
    tensors = load_file(file)
    network.load_state_dict(
        {name.removeprefix("network."): value for name, value in tensors.items() if name.startswith("network.")}
    )
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith("optimizer."):
            _, row, key = name.split(".")
            state.setdefault(int(row), {})[key] = value
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
    return at

"""One process or several, on the CPU or on GPUs: which of them this is, and what they tell each other.

Several are started by ``torchrun``, which tells each its rank and how many there are; they average their gradients
(``torch.nn.parallel.DistributedDataParallel``) and so keep the same weights.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import torch
from torch import distributed, nn

from mixer.errors import UsageError

LONGEST_WAIT = timedelta(days=1)
"""Listening to a corpus takes hours, and one process may get the longer songs; torchrun ends all when one has died."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Those that train together, as one of them sees it.

    Attributes:
        rank: of this one among ``count``; the first measures, says, saves and exports.
        device: of this one.
    """

    rank: int = 0
    count: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @property
    def first(self) -> bool:
        """Whether this is the one that speaks for all."""
        return self.rank == 0

    def together(self, network: nn.Module) -> nn.Module:
        """The network, with gradients that are the mean over all processes."""
        if self.count == 1:
            return network
        devices = None if self.device.type == "cpu" else [self.device]
        return nn.parallel.DistributedDataParallel(network, devices)

    def agreed(self, numbers: Sequence[float]) -> list[float]:
        """The first process's numbers, in every process."""
        said = torch.tensor(numbers, dtype=torch.float64)
        if self.count > 1:
            distributed.broadcast(said, 0)
        return said.tolist()

    def gathered(self, names: Sequence[str]) -> set[str]:
        """The names of every process."""
        every = [list(names)] * self.count
        if self.count > 1:
            distributed.all_gather_object(every, list(names))
        return {name for some in every for name in some}


ALONE = Processes()


@contextmanager
def joined(device: str) -> Iterator[Processes]:
    """This process among those that torchrun has started; alone without it.

    Args:
        device: ``cpu``, ``cuda`` (of several processes each takes its own) or ``cuda:N``.

    Raises:
        UsageError: there is no such device.
    """
    count, local = (int(os.environ.get(name, usual)) for name, usual in (("WORLD_SIZE", "1"), ("LOCAL_RANK", "0")))
    own = _device(device, count, local)
    if count == 1:
        yield Processes(device=own)
        return
    if own.type == "cuda":
        torch.cuda.set_device(own)
    # what they tell each other stays on the CPU, gradients where they are
    distributed.init_process_group("gloo" if own.type == "cpu" else "cpu:gloo,cuda:nccl", timeout=LONGEST_WAIT)
    try:
        yield Processes(distributed.get_rank(), count, own)
    finally:
        distributed.destroy_process_group()


def _device(name: str, count: int, local: int) -> torch.device:
    kind, _, number = name.partition(":")
    if name != "cpu" and (kind != "cuda" or (number and not number.isdecimal())):
        raise UsageError(f"--device {name}: there is no such device; use cpu, cuda or cuda:N")
    if kind == "cpu":
        return torch.device("cpu")
    if number and count > 1:
        raise UsageError(f"--device {name}: {count} processes cannot share it; use --device cuda, each takes its own")
    index, there = int(number or local), torch.cuda.device_count()
    if index >= there:
        raise UsageError(f"--device {name}: PyTorch finds {there} CUDA devices here and no number {index}; use cpu")
    return torch.device("cuda", index)

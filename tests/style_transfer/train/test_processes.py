"""Training elsewhere than in one process on the CPU: what is where, and whether several come to the same."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from mixer.errors import UsageError
from style_transfer.train.__main__ import main
from style_transfer.train.checkpoint import FILE
from style_transfer.train.chosen import limited
from style_transfer.train.examples import Desk, Example
from style_transfer.train.plan import Plan
from style_transfer.train.processes import joined
from style_transfer.train.scenes import draw_scenes
from tests.style_transfer.train.made_up import songs

ELSEWHERE = torch.device("meta")
"""A device without numbers, on which only what is where can be tested."""


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk(torch.Generator().manual_seed(0), ELSEWHERE)


def example(desk: Desk) -> Example:
    scenes = draw_scenes(songs(2), 8, np.random.default_rng(0))
    return desk.example(scenes, torch.arange(8), torch.Generator().manual_seed(1))


def tensors(batch: object, name: str = "") -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for field in dataclasses.fields(batch):  # type: ignore[arg-type]
        value, path = getattr(batch, field.name), f"{name}.{field.name}"
        found |= {path: value} if isinstance(value, Tensor) else tensors(value, path) if field.name != "paired" else {}
    return found


def test_a_batch_moves_whole(desk: Desk) -> None:
    here, there = example(Desk(torch.Generator().manual_seed(0))), example(desk)
    stayed, moved = tensors(here), tensors(there)
    assert len(stayed) > 30
    assert {name: (value.shape, value.dtype) for name, value in stayed.items()} == {
        name: (value.shape, value.dtype) for name, value in moved.items()
    }
    assert {value.device for value in stayed.values()} == {torch.device("cpu")}
    assert {value.device for value in moved.values()} == {ELSEWHERE}
    assert there.paired == here.paired == 6


def test_a_step_needs_nothing_from_another_device(desk: Desk) -> None:
    """Torch's fake tensors refuse what a GPU would: an operation on tensors of two devices."""
    network, batch = desk.network(), example(desk)
    with FakeTensorMode(allow_non_fake_inputs=True):
        answer = network(batch.tokens)
        parts = desk.loss(limited(answer, desk, [head.address for head in desk.strips]), batch)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        with pytest.raises(RuntimeError, match="same device"):
            batch.takes.usual + torch.zeros(1, 1, len(desk.strips))
    assert len(parts) == 8
    for name, parameter in network.named_parameters():
        assert getattr(parameter.grad, "device", None) == ELSEWHERE, name


@pytest.mark.parametrize(
    ("device", "processes", "reason"),
    [
        ("tpu", "1", "use cpu, cuda or cuda:N"),
        ("cuda:x", "1", "use cpu, cuda or cuda:N"),
        ("cuda:99", "1", "no number 99"),
        ("cuda:0", "2", "each takes its own"),
    ],
)
def test_a_device_that_cannot_be_is_refused(
    device: str, processes: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", processes)
    with pytest.raises(UsageError, match=reason), joined(device):
        pass


def test_the_command_says_what_is_wrong_before_it_listens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "-o", str(tmp_path / "out"), "--device", "cuda:99"]) == 2
    assert "--device cuda:99: PyTorch finds" in capsys.readouterr().err
    with pytest.raises(UsageError, match="a batch of 64 cannot be divided among 3 processes"):
        Plan(tmp_path, steps=1).share(3)


@pytest.mark.slow
def test_two_processes_come_to_the_same_and_go_on_from_their_checkpoint(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    started = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    run = subprocess.run(
        [*started, "-m", "tests.style_transfer.train.one_of_several", str(tmp_path)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    about = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2)]
    assert about[0] == about[1]
    assert about[0]["names"] == ["of 0", "of 1"]
    whole, ended = (load_file(tmp_path / name / FILE) for name in ("whole", "ended"))
    assert whole.keys() == ended.keys()
    for name, value in whole.items():
        assert torch.equal(value, ended[name]), name  # weights and the optimizer's moments, bit by bit
    # the checkpoint is the first process's; the other drew other examples, and has the same weights by their gradients
    for name, value in load_file(tmp_path / "whole-1.safetensors").items():
        assert torch.equal(value, whole[f"network.{name}"]), name

"""Weights are what they say they are, and outlive changes of the console."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mixer.errors import ModelError
from mixer.processor import processors
from style_transfer.controller.heads import mix_heads, strip_heads
from style_transfer.controller.network import SHAPE, Network
from style_transfer.controller.weights import Config, controller, write
from tests.style_transfer.controller.untrained import write_untrained


def test_every_knob_of_the_schema_has_a_head() -> None:
    found = {(head.processor, head.param.name) for head in (*strip_heads(), *mix_heads())}
    searched = {(p.name, param.name) for p in processors().values() for param in p.params if param.scale != "switch"}
    assert found == searched


def test_a_unit_of_an_answer_is_a_step_that_is_heard() -> None:
    for head in (*strip_heads(), *mix_heads()):
        step = head.param.from_unit(0.5 + head.width) - head.param.from_unit(0.5)
        assert step > 0, head.address
        if head.param.unit == "dB":
            assert step == pytest.approx(4.0), head.address


def test_weights_come_back_in_half_precision(tmp_path: Path) -> None:
    found = controller(write_untrained(tmp_path))
    torch.manual_seed(1)
    made = Network(len(found.strips), len(found.mix), 0, **SHAPE)
    for name, value in found.network.state_dict().items():
        if "heads" not in name:
            assert torch.allclose(value, made.state_dict()[name], atol=2e-3, rtol=1e-3), name


def test_other_bytes_are_refused_by_name(tmp_path: Path) -> None:
    file = write_untrained(tmp_path)
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    with pytest.raises(ModelError, match=r"controller\.safetensors: these are not the weights"):
        controller(file)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read as weights of the controller"):
        controller(tmp_path / "controller.safetensors")


def test_a_knob_that_is_gone_is_dropped_and_the_others_keep_their_heads(tmp_path: Path) -> None:
    before = controller(write_untrained(tmp_path))
    gone = before.config.strips[3]
    renamed = tuple("strip.tape.hiss_db" if address == gone else address for address in before.config.strips)
    (tmp_path / "other").mkdir()
    file = tmp_path / "other" / "controller.safetensors"
    config = Config.model_validate(before.config.model_dump() | {"strips": renamed})
    write(before.network.state_dict(), config, file)
    after = controller(file)
    assert gone not in {head.address for head in after.strips}
    rows = [index for index, address in enumerate(before.config.strips) if address != gone]
    bias = before.network.strip_heads.weight[rows]
    assert torch.allclose(after.network.strip_heads.weight[: len(rows)], bias, atol=1e-3)


def test_it_is_small(tmp_path: Path) -> None:
    found = controller(write_untrained(tmp_path))
    assert sum(parameter.numel() for parameter in found.network.parameters()) < 1_000_000

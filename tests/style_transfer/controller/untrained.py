"""A controller that has learnt nothing but has an opinion about every knob, for tests of what is done with it."""

from __future__ import annotations

from pathlib import Path

import torch

from style_transfer.controller.heads import column, mix_heads, strip_heads
from style_transfer.controller.network import SHAPE, Network
from style_transfer.controller.weights import Config, write

NAME = "controller.safetensors"


def write_untrained(folder: Path, **changes: object) -> Path:
    """Write one with random heads; ``changes`` are of its config."""
    strips, mix = strip_heads(), mix_heads()
    torch.manual_seed(1)
    network = Network(len(strips), len(mix), column(strips, "fader", "gain_db"), **SHAPE)
    for heads in (network.strip_heads, network.mix_heads):
        torch.nn.init.normal_(heads.weight, std=0.08)
        torch.nn.init.constant_(heads.bias[len(heads.bias) // 2 :], -1.5)  # and sure of it
    config = Config(
        sha256="",
        **SHAPE,
        strips=tuple(head.address for head in strips),
        mix=tuple(head.address for head in mix),
        moved=tuple(head.address for head in (*strips, *mix) if head.processor in ("fader", "panner", "equalizer")),
        trained={"songs": 0},
    )
    write(network.state_dict(), config.model_copy(update=changes), folder / NAME)
    return folder / NAME

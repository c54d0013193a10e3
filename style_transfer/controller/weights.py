"""The weights that ship with the package, or others of the same form: read, checked and put into a network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from mixer.errors import ModelError
from style_transfer.controller.heads import Head, column, mix_heads, strip_heads
from style_transfer.controller.network import Network

WEIGHTS = Path(__file__).parents[1] / "data" / "controller.safetensors"
"""Beside it lies its ``.json``."""


class Config(BaseModel):
    """What belongs to a file of weights."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    size: int
    layers: int
    attentions: int
    strips: tuple[str, ...]
    """Addresses of the heads, as they were when it learnt."""
    mix: tuple[str, ...]
    moved: tuple[str, ...]
    """Those whose answers were nearer to the truth than practice on songs that were held out; the others stay."""
    trained: dict[str, str | int | float]
    """On what, for how long: for people."""


@dataclass(frozen=True, slots=True)
class Controller:
    """A network with what its answers are about."""

    config: Config
    network: Network
    strips: tuple[Head, ...]
    mix: tuple[Head, ...]

    def moves(self, head: Head) -> bool:
        """Whether its answer counts."""
        return head.address in self.config.moved


def has_weights() -> bool:
    """Whether the package came with some."""
    return WEIGHTS.is_file()


@cache
def controller(file: Path = WEIGHTS) -> Controller:
    """Read once; a knob that the console no longer has is dropped, one that is new is not estimated.

    Raises:
        ModelError: the files are not there, or are not what they were when they were made.
    """
    try:
        raw, config = file.read_bytes(), Config.model_validate_json(file.with_suffix(".json").read_bytes())
        if hashlib.sha256(raw).hexdigest() != config.sha256:
            raise ModelError(f"{file}: these are not the weights that {file.stem}.json belongs to; install them again")
        tensors = {name: value.float() for name, value in load(raw).items()}
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError(f"{file}: cannot be read as weights of the controller ({error}); install them again") from None
    strips, mix = _known(strip_heads(), config.strips), _known(mix_heads(), config.mix)
    for name, heads, trained in (("strip_heads", strips, config.strips), ("mix_heads", mix, config.mix)):
        rows = [trained.index(head.address) for head in heads]
        rows += [len(trained) + row for row in rows]  # the means, then how sure they are
        for part in ("weight", "bias"):
            tensors[f"{name}.{part}"] = tensors[f"{name}.{part}"][rows]
    fader = column(strips, "fader", "gain_db")
    network = Network(len(strips), len(mix), fader, config.size, config.layers, config.attentions)
    network.load_state_dict(tensors)
    return Controller(config, network.eval(), strips, mix)


def _known(heads: Sequence[Head], trained: Sequence[str]) -> tuple[Head, ...]:
    return tuple(head for head in heads if head.address in trained)


def write(tensors: dict[str, Tensor], config: Config, file: Path) -> None:
    """Weights in half precision and their config; the checksum is put in here."""
    from safetensors.torch import save

    raw = save({name: value.half().contiguous() for name, value in tensors.items()})
    file.write_bytes(raw)
    told = config.model_copy(update={"sha256": hashlib.sha256(raw).hexdigest()}).model_dump(mode="json")
    file.with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

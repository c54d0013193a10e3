"""What a training leaves behind: weights that the package reads, and what they are worth, for the model card."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from style_transfer.controller.network import SHAPE
from style_transfer.controller.weights import Config, write
from style_transfer.train.chosen import chosen
from style_transfer.train.loop import Trained
from style_transfer.train.measure import measured
from style_transfer.train.split import Split

NAME = "controller.safetensors"
RESULTS = "results.json"


def export(trained: Trained, parts: Split, folder: Path) -> None:
    """Write the weights with their config, and the figures on what was held out."""
    network, desk = trained.network, trained.desk
    moved = chosen(network, desk, trained.songs)
    config = Config(
        sha256="",
        **SHAPE,
        strips=tuple(head.address for head in desk.strips),
        mix=tuple(head.address for head in desk.mix),
        moved=moved,
        trained={
            "songs": len(parts.training),
            "families": len({song.family for song in parts.training}),
            "held_out_songs": len(parts.songs),
            "held_out_styles": ", ".join(sorted({song.family for song in parts.styles})),
            "steps": trained.at.best_step,
            "minutes": round(trained.at.minutes, 1),
        },
    )
    write(network.state_dict(), config, folder / NAME)
    found = {
        name: asdict(measured(network, desk, examples, moved))
        for name, examples in (("songs", trained.songs), ("styles", trained.styles))
    }
    (folder / RESULTS).write_text(json.dumps({"moved": moved} | found, indent=1) + "\n", encoding="utf-8")

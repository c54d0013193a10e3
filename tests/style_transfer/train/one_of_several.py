"""What each process of test_processes.py does: ``torchrun -m tests.style_transfer.train.one_of_several FOLDER``."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from safetensors.torch import save_file

from style_transfer.train.loop import train
from style_transfer.train.plan import Plan
from style_transfer.train.processes import joined
from style_transfer.train.split import Split
from tests.style_transfer.train.made_up import songs


def main(folder: Path) -> None:
    """Train, then again from what lay on the disk halfway; each process leaves what it ended with."""
    kept = songs(4)
    parts = Split(kept[:2], kept[2:3], kept[3:])

    def halfway(text: str) -> None:
        if text.startswith("step 2:") and not (folder / "ended").exists():
            shutil.copytree(folder / "whole", folder / "ended")

    with joined("cpu") as processes:
        names = sorted(processes.gathered([f"of {processes.rank}"]))
        for name in ("whole", "ended"):
            plan = Plan(folder / name, steps=4, batch=4, look_every=2, save_every_s=0.0, scenes=8, held_scenes=4)
            trained = train(parts, plan, halfway, processes)
            save_file(trained.network.state_dict(), folder / f"{name}-{processes.rank}.safetensors")
        about = {"names": names, "best": trained.at.best, "best_step": trained.at.best_step}
    (folder / f"{processes.rank}.json").write_text(json.dumps(about))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

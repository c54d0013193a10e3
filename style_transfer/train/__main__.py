"""``python -m style_transfer.train CORPUS -o FOLDER``: teach the controller, and write its weights.

Kill it at any time: the same command goes on where it was. FOLDER holds what was measured of the corpus, the log, the
checkpoint, and in the end controller.safetensors and controller.json. Several processes learn together as
``torchrun --nproc-per-node N -m style_transfer.train CORPUS -o FOLDER``, with ``--device cuda`` on a GPU each.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mixer.errors import FaderwiseError
from style_transfer.corpus import Song, read_manifest
from style_transfer.train.bank import Kept, bank
from style_transfer.train.export import export
from style_transfer.train.loop import train
from style_transfer.train.plan import HELD, SCENES, Plan
from style_transfer.train.processes import Processes, joined
from style_transfer.train.split import split


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit code."""
    given = _parser().parse_args(arguments)
    try:
        held = min(given.scenes, HELD)
        plan = Plan(given.output, given.steps, given.batch, given.seed, scenes=given.scenes, held_scenes=held)
        with joined(given.device) as processes:
            plan.share(processes.count)  # listening takes too long to find this out later
            kept = _listened(read_manifest(given.corpus), given.output / "bank", processes)
            if given.listen_only:
                return 0
            parts = split(kept, given.seed, given.without)
            if processes.first:
                _say(f"{len(parts.training)} songs to learn from, {len(parts.songs)} and {len(parts.styles)} held out")
            trained = train(parts, plan, _say, processes)
        if processes.first:
            export(trained, parts, given.output)
    except FaderwiseError as error:
        _say(str(error))
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m style_transfer.train", description=__doc__)
    parser.add_argument("corpus", type=Path, help="a folder with a manifest, as the recipes in datasets/ write it")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the training's own folder")
    parser.add_argument("--steps", type=int, default=4000, help="at most (default %(default)s)")
    parser.add_argument(
        "--batch", type=int, default=64, help="examples a step, of all processes together (default %(default)s)"
    )
    parser.add_argument(
        "--scenes", type=int, default=SCENES, help="sessions that each process draws at once (default %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn (default %(default)s)")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N (default %(default)s)")
    parser.add_argument(
        "--without", nargs="*", default=[], metavar="WORD", help="leave out songs and styles of this name"
    )
    parser.add_argument("--listen-only", action="store_true", help="measure the corpus and stop")
    return parser


def _listened(songs: Sequence[Song], folder: Path, processes: Processes) -> list[Kept]:
    """The bank, to which each process listens in part."""
    own = bank(songs[processes.rank :: processes.count], folder, _say)
    if processes.count == 1:
        return own
    known = processes.gathered([song.id for song in own])
    return bank([song for song in songs if song.id in known], folder, _say)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())

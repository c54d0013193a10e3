"""Demucs' real classes, with small checkpoints made here; skipped where the package is not installed."""

from __future__ import annotations

import hashlib
import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mixer.errors import ModelError
from separation.registry import open_separator
from separation.separate import separate
from separation.separator import Levels, Options
from tests.signals import RATE, difference_db, music

htdemucs: Any = pytest.importorskip("demucs.htdemucs", reason="needs pip install 'faderwise[demucs]'")

FOUR = ["drums", "bass", "other", "vocals"]
SIX = [*FOUR, "guitar", "piano"]
SMALL: dict[str, Any] = {
    "channels": 8,
    "depth": 4,
    "t_layers": 1,
    "t_heads": 2,
    "bottom_channels": 0,
    "nfft": 1024,
    "segment": Fraction(3, 2),
}


def checkpoint(folder: Path, sources: list[str], seed: int, **changed: Any) -> Path:
    """A file as Demucs publishes them, its checksum in its name."""
    torch.manual_seed(seed)
    kwargs = {"sources": sources, **SMALL}
    model = htdemucs.HTDemucs(**kwargs)
    state = {name: tensor.half() for name, tensor in model.state_dict().items()}
    package = {"klass": htdemucs.HTDemucs, "args": (), "kwargs": kwargs, "state": state, "training_args": {}, **changed}
    content = io.BytesIO()
    torch.save(package, content)
    digits = hashlib.sha256(content.getvalue()).hexdigest()[:8]
    path = folder / f"{seed:08x}-{digits}.th"
    path.write_bytes(content.getvalue())
    return path


@pytest.mark.parametrize(("name", "sources"), [("htdemucs", FOUR), ("htdemucs_6s", SIX)])
def test_stems_add_up(tmp_path: Path, name: str, sources: list[str]) -> None:
    path = checkpoint(tmp_path, sources, 1)
    separator = open_separator(name, Options(weights=path))
    song = music(3.0)
    stems = separate(song, RATE, separator)
    assert set(stems) == set(sources)
    # random weights give nonsense, which "other" makes up for; the sum is the song within float32
    assert difference_db(sum(stems.values(), np.zeros_like(song)), song) < -100


def test_one_segment_is_what_demucs_itself_gives(tmp_path: Path) -> None:
    path = checkpoint(tmp_path, FOUR, 2)
    separator = open_separator("htdemucs", Options(weights=path))
    song = music(1.5)
    model = htdemucs.HTDemucs(sources=FOUR, **SMALL).eval()
    state = torch.load(path, weights_only=False)["state"]
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    with torch.inference_mode():
        wanted = model(torch.from_numpy(song)[None])[0].numpy()
    assert difference_db(separator.stems(song), wanted) < -90


def test_a_bag_takes_each_stem_from_its_specialist(tmp_path: Path) -> None:
    for seed in range(4):
        checkpoint(tmp_path, FOUR, seed)
    bag = open_separator("htdemucs_ft", Options(weights=tmp_path))
    alone = [open_separator("htdemucs", Options(weights=path)) for path in sorted(tmp_path.iterdir())]
    segment = music(1.5)
    made = bag.stems(segment)
    for index in range(4):
        assert difference_db(made[index], alone[index].stems(segment)[index]) < -100


def test_level_is_taken_as_demucs_was_trained(tmp_path: Path) -> None:
    separator = open_separator("htdemucs", Options(weights=checkpoint(tmp_path, FOUR, 1)))
    assert separator.offset_and_gain(Levels(9, 0.1, 0.25, 0.3)) == (0.1, 4.0)


class Hostile:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (Path("pwned"), "by a model file")


def test_files_that_are_not_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hostile = tmp_path / "hostile.th"
    torch.save({"klass": Hostile(), "state": {}}, hostile)
    small = {**SMALL, "sources": FOUR, "channels": 16}
    renamed = tmp_path / "00000001-00000000.th"
    renamed.write_bytes(checkpoint(tmp_path, FOUR, 1).read_bytes())
    broken = tmp_path / "broken.th"
    broken.write_bytes(renamed.read_bytes()[:5000])
    cases = {
        hostile: "wants to run code",
        checkpoint(tmp_path, FOUR, 3, kwargs=small): "do not fit its architecture",
        checkpoint(tmp_path, FOUR, 4, klass=Fraction): "no checkpoint of HTDemucs",
        checkpoint(tmp_path, SIX, 5): "not the stems of htdemucs",
        renamed: "SHA-256",
        broken: "cannot be read as weights|wants to run code, or is damaged",
        tmp_path / "absent.th": "no such file",
    }
    for path, message in cases.items():
        with pytest.raises(ModelError, match=message):
            open_separator("htdemucs", Options(weights=path))
    assert not (tmp_path / "pwned").exists()

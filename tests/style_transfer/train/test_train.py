"""The training: from a corpus on disk to weights, whatever ends it in between."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from mixer import audio
from mixer.errors import SessionError
from style_transfer.controller.weights import controller
from style_transfer.corpus import read_manifest
from style_transfer.train.__main__ import main
from style_transfer.train.bank import Kept, bank, degraded
from style_transfer.train.examples import Desk
from style_transfer.train.export import NAME, RESULTS
from style_transfer.train.loop import LOG, train
from style_transfer.train.measure import examples_of, measured
from style_transfer.train.plan import Plan
from style_transfer.train.scenes import draw_scenes
from style_transfer.train.split import Split, split
from tests import songs

ROLES = {
    "Kick": "kick",
    "Sn": "snare",
    "HH": "hats",
    "Bass": "bass",
    "Gtr": "guitar",
    "Pad": "synth",
    "LdVox": "lead_vocal",
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four songs of three families, twelve seconds each, and one that is too short."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = []
    for number, (family, seconds) in enumerate([("a", 12), ("a", 12), ("b", 12), ("c", 12), ("a", 4)]):
        song = f"song-{number}"
        (folder / "songs" / song).mkdir(parents=True)
        for name, track in songs.stems(seconds, key=1 + 0.07 * number, seed=number).items():
            file = f"songs/{song}/{Path(name).stem}.flac"
            audio.write(folder / file, track, songs.RATE, depth="24")
            about = {"licence": "CC0-1.0", "author": "nobody", "source": "test", "style": family, "region": "nowhere"}
            about |= {"family": family, "split_key": song, "played_with": "sines", "sha256": "0" * 64, "name": name}
            role = next(role for word, role in ROLES.items() if word in name)
            sizes = {"seconds": seconds, "sample_rate": songs.RATE, "channels": len(track), "seed": number}
            rows.append({"song": song, "file": file, "role": role} | about | sizes)
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def kept(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Kept]:
    said: list[str] = []
    found = bank(read_manifest(corpus), tmp_path_factory.mktemp("bank"), said.append)
    assert any("song-4" in line and "too short" in line for line in said)
    return found


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def parts(kept: list[Kept]) -> Split:
    return Split(kept[:2], kept[2:3], kept[3:])


def test_the_bank_hears_both_halves(kept: list[Kept]) -> None:
    assert [song.id for song in kept] == [f"song-{n}" for n in range(4)]
    for song in kept:
        assert song.power.shape[:2] == (2, 7)
        level = 10 * torch.log10(song.power[..., :2, :].sum((-1, -2)))
        assert float((level[0] - level[1]).abs().max()) < 2.5  # the tracks repeat themselves, the voice swells


def test_recordings_go_wrong_within_reason() -> None:
    take = songs.stems(2.0)["05_Gtr.wav"]
    rng = np.random.default_rng(0)
    made = [degraded(take, rng) for _ in range(60)]
    changed = [not np.array_equal(one, take) for one in made]
    assert 0.03 < np.mean(changed) < 0.4
    assert all(np.abs(one).max() < 4 * np.abs(take).max() for one in made)


def test_the_console_of_the_examples_moves_every_knob(kept: list[Kept]) -> None:
    desk, generator = Desk(torch.Generator().manual_seed(0)), torch.Generator().manual_seed(1)
    example = desk.example(draw_scenes(kept, 16, np.random.default_rng(0)), torch.arange(16), generator)
    strips = example.truth.strips[example.takes.there]
    assert float(strips.std(0).min()) > 0.01
    assert float(example.truth.mix.std(0).min()) > 0.005
    assert float(strips.min()) >= 0
    assert float(strips.max()) <= 1


def test_practice_alone_is_what_an_untrained_network_says_but_for_the_groups(kept: list[Kept]) -> None:
    desk = Desk(torch.Generator().manual_seed(0))
    torch.manual_seed(0)
    held = examples_of(desk, draw_scenes(kept, 32, np.random.default_rng(0)), seed=2)
    errors = measured(desk.network(), desk, held).errors
    # the groups are read off without learning where their stems are known or separated: for three examples in four
    assert errors["group_lu"][0] < 0.85 * errors["group_lu"][1]
    alone = measured(desk.network(), desk, held, moved=()).errors
    assert alone["track_lu"][0] == pytest.approx(alone["track_lu"][1])


@pytest.mark.slow
def test_it_learns(kept: list[Kept], tmp_path: Path) -> None:
    plan = Plan(tmp_path, steps=40, batch=24, look_every=20, scenes=80, held_scenes=32)
    found = train(parts(kept), plan, unheard)
    errors = measured(found.network, found.desk, found.songs).errors
    assert errors["track_lu"][0] < 0.9 * errors["track_lu"][1]
    assert errors["shape_db"][0] < 0.9 * errors["shape_db"][1]


def unheard(_: str) -> None:
    """What a training says."""


class EndedError(Exception):
    """Somebody pulled the plug."""


@pytest.mark.slow
def test_a_training_that_is_ended_goes_on_as_if_it_had_not_been(kept: list[Kept], tmp_path: Path) -> None:
    def plan(name: str) -> Plan:
        return Plan(tmp_path / name, steps=4, batch=4, look_every=2, save_every_s=0.0, scenes=20, held_scenes=8)

    def ends(text: str) -> None:
        raise EndedError(text)

    whole = train(parts(kept), plan("whole"), unheard)
    with pytest.raises(EndedError, match="step 2"):
        train(parts(kept), plan("ended"), ends)
    again = train(parts(kept), plan("ended"), unheard)
    assert again.at.step == 4
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name]), name
    with pytest.raises(SessionError, match="other options"):
        train(parts(kept), Plan(tmp_path / "ended", steps=5), unheard)


def test_a_split_keeps_what_belongs_together(kept: list[Kept]) -> None:
    many = [dataclasses.replace(kept[0], id=f"s{n}", split_key=f"k{n // 3}", family=f"f{n % 20}") for n in range(300)]
    found = split(many, seed=1, without=["S299"])
    keys = [{song.split_key for song in part} for part in (found.training, found.songs)]
    assert not keys[0] & keys[1]
    assert not {song.family for song in found.styles} & {song.family for song in (*found.training, *found.songs)}
    assert sum(map(len, (found.training, found.songs, found.styles))) == 299
    with pytest.raises(SessionError, match="build more of it"):
        split(kept[:1], seed=1)


@pytest.mark.slow
def test_the_command_writes_weights_that_can_be_used(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("style_transfer.train.__main__.split", lambda kept, *_: parts(kept))
    assert main([str(corpus), "-o", str(tmp_path), "--steps", "3", "--batch", "4", "--scenes", "8"]) == 0
    assert controller(tmp_path / NAME).config.trained["steps"] == 3
    assert set(json.loads((tmp_path / RESULTS).read_text())) == {"moved", "songs", "styles"}
    assert (tmp_path / LOG).read_text().count("\n") == 2
    assert "2 songs to learn from, 1 and 1 held out" in capsys.readouterr().err


def test_a_corpus_that_is_not_there_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "-o", str(tmp_path / "out")]) == 3
    assert "manifest.jsonl: cannot be read" in capsys.readouterr().err

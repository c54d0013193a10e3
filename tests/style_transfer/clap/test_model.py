"""Reading CLAP: from a folder, as it is saved; what is not there, or no safetensors, is said in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mixer.audio import sha256
from mixer.errors import ModelError, UsageError
from style_transfer.clap.ears import open_ears
from style_transfer.clap.model import ClapChoice, load
from style_transfer.clap.opinion import Opinion, verdict
from style_transfer.said import Said
from tests.style_transfer.clap.tiny import RATE, WIDTH, write_clap


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clap(tmp_path_factory.mktemp("tiny"))


@pytest.mark.parametrize("fused", [False, True])
def test_sounds_and_texts_lie_in_one_space(tmp_path: Path, fused: bool) -> None:
    clap = load(ClapChoice(str(write_clap(tmp_path, fused=fused))))
    torch.manual_seed(0)
    noise = torch.randn(2, RATE) / 10
    texts, sounds = clap.texts(["music", "a dry and narrow mix"]), clap.sounds(noise.cumsum(1) / 50, RATE)
    assert texts.shape == sounds.shape == (2, WIDTH)
    assert torch.linalg.norm(torch.cat([texts, sounds]), dim=1).tolist() == pytest.approx([1.0] * 4, abs=1e-5)
    # padding of the shorter text, and what else is in the batch, count for nothing
    assert clap.texts(["music"])[0].tolist() == pytest.approx(texts[0].tolist(), abs=1e-4)


def test_it_says_which_model_it_is(folder: Path) -> None:
    about = load(ClapChoice(str(folder))).about
    assert (about.name, about.license) == (folder.name, "mit")
    assert about.sha256 == sha256(folder / "model.safetensors")


def test_a_card_without_a_licence_is_no_licence(tmp_path: Path) -> None:
    assert load(ClapChoice(str(write_clap(tmp_path, card="tags: [audio]")))).about.license == "not stated"


def test_reading_writes_nothing_to_the_terminal(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load(ClapChoice(str(folder)))
    assert capfd.readouterr() == ("", "")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no config\.json.*--clap-download") as caught:
        load(ClapChoice(str(tmp_path / "nowhere")))
    assert caught.value.exit_code == 4


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    folder = write_clap(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"there is no model\.safetensors"):
        load(ClapChoice(str(folder)))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_broken_file_is_one_line(tmp_path: Path, name: str) -> None:
    folder = write_clap(tmp_path)
    (folder / name).write_text("neither JSON nor tensors")
    with pytest.raises(ModelError, match="is no CLAP model") as caught:
        load(ClapChoice(str(folder)))
    assert "\n" not in str(caught.value)


def test_the_hub_is_asked_only_on_the_users_word(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def snapshot_download(repository: str, allow_patterns: list[str]) -> str:
        asked.append(repository)
        assert not any(pattern.endswith((".bin", ".pt")) for pattern in allow_patterns)
        return str(folder)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot_download)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError):
        load(ClapChoice("some/clap"))
    assert asked == []
    assert load(ClapChoice("some/clap", download=True)).about.name == "some/clap"
    assert asked == ["some/clap"]
    monkeypatch.setenv("FADERWISE_OFFLINE", "1")
    with pytest.raises(ModelError, match="forbids the download"):
        load(ClapChoice("some/clap", download=True))
    assert asked == ["some/clap"]


def test_it_needs_words(folder: Path) -> None:
    with pytest.raises(UsageError, match="--prompt"):
        open_ears(ClapChoice(str(folder)), Said())


def test_where_segments_differ_nobody_can_tell() -> None:
    assert verdict([0.03, 0.02, 0.04]) == "agrees"
    assert verdict([-0.03, -0.02, -0.04]) == "disagrees"
    assert verdict([0.09, -0.05, 0.02]) == "cannot tell"
    assert verdict([0.004]) == "cannot tell"


def test_agreement_of_a_model_that_moved_knobs_itself_proves_nothing() -> None:
    told = Opinion(
        model="m", sha256="0", license="mit", text="t", anchor="music", before=0.1, after=0.2, verdict="agrees"
    )
    assert "agrees that the mix moved towards the words (+0.100)" in told.sentence
    assert "proves nothing" in told.model_copy(update={"refined": True}).sentence

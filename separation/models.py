"""Optional models: where their weights come from, under which licence, and where they lie on this machine.

Nothing is ever downloaded unless it is asked for by name (``separation.download.get_model``).
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from mixer.errors import ModelError, UsageError
from mixer.naming import near
from separation.checkpoint import check_sha256

CACHE_VARIABLE = "FADERWISE_CACHE_DIR"
_CHECKSUM_IN_NAME = re.compile(r".*-([0-9a-f]{8,64})\.[a-z]+")


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """One file to download.

    Attributes:
        name: under which it is kept. Its publishers put the first digits of its SHA-256 there.
        url: where it is.
        sha256: in full, or as many digits as its publishers tell.
    """

    name: str
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """One model that can be had.

    Attributes:
        license: of the weights.
        commercial: whether it lets commercial work use them.
        terms: what the user has to know and accept.
        size_mb: of all files.
    """

    name: str
    files: tuple[WeightsFile, ...]
    license: str
    commercial: bool
    terms: str
    size_mb: float


def _published(root: str, *names: str) -> tuple[WeightsFile, ...]:
    return tuple(WeightsFile(name, f"{root}/{name}", name.rpartition("-")[2].partition(".")[0]) for name in names)


_DEMUCS_ROOT = "https://dl.fbaipublicfiles.com/demucs/hybrid_transformer"
_DEMUCS_LICENSE = "scientific use, as stated by the author"
_DEMUCS_TERMS = (
    "The author of Demucs says that its weights are not under the MIT licence of its code: they were trained on music "
    "whose licences allow scientific use alone."
)
_UMX_FILES = {
    "umxhq": ("https://zenodo.org/records/3370489/files", "b62c91ce", "9619578f", "8d85a5bd", "b52fbbf7"),
    "umxl": ("https://zenodo.org/records/5069601/files", "bccbd9aa", "69e0ebd4", "2ca1ce51", "c8c5b3e6"),
}
UMX_STEMS = ("vocals", "drums", "bass", "other")


def _umx(name: str) -> tuple[WeightsFile, ...]:
    root, *sums = _UMX_FILES[name]
    return _published(root, *(f"{stem}-{digits}.pth" for stem, digits in zip(UMX_STEMS, sums, strict=True)))


MODELS = {
    model.name: model
    for model in (
        Model(
            "htdemucs",
            _published(_DEMUCS_ROOT, "955717e8-8726e21a.th"),
            _DEMUCS_LICENSE,
            False,
            _DEMUCS_TERMS,
            84,
        ),
        Model(
            "htdemucs_ft",
            _published(
                _DEMUCS_ROOT,
                "f7e0c4bc-ba3fe64a.th",
                "d12395a8-e57c48e6.th",
                "92cfc3b6-ef3bcb9c.th",
                "04573f0d-f3cf25b2.th",
            ),
            _DEMUCS_LICENSE,
            False,
            _DEMUCS_TERMS,
            336,
        ),
        Model(
            "htdemucs_6s",
            _published(_DEMUCS_ROOT, "5c90dfd2-34c22ccb.th"),
            _DEMUCS_LICENSE,
            False,
            _DEMUCS_TERMS,
            55,
        ),
        Model(
            "umxhq",
            _umx("umxhq"),
            "MIT",
            False,
            "Open-Unmix's weights umxhq are published under the MIT licence; the songs of MUSDB18-HQ that they were "
            "trained on are for education and research.",
            136,
        ),
        Model(
            "umxl",
            _umx("umxl"),
            "CC BY-NC-SA 4.0",
            False,
            "Open-Unmix's weights umxl are under CC BY-NC-SA 4.0: not for commercial use, and what is made from them "
            "has to be shared alike.",
            432,
        ),
    )
}


def cache_folder() -> Path:
    """Where this user's models and separated references are kept: ``FADERWISE_CACHE_DIR``, or the system's place."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "faderwise" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "faderwise"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "faderwise"


def model_folder(name: str) -> Path:
    """Where a model's files lie once they are downloaded."""
    return cache_folder() / "models" / name


def model(name: str) -> Model:
    """A model by its name; UsageError if there is none."""
    if name not in MODELS:
        raise UsageError(f"there is no model {name!r}{near(name, MODELS)}; there are {', '.join(MODELS)}")
    return MODELS[name]


def is_installed(name: str) -> bool:
    """Whether all files of a model are in the cache, by their names."""
    return all((model_folder(name) / file.name).is_file() for file in MODELS[name].files)


def weights_files(name: str, given: Path | None = None) -> list[Path]:
    """The files of a model on this machine, their checksums compared.

    Args:
        given: a file, or a folder of files, instead of the cache. Published names tell the file's checksum
            (``vocals-b62c91ce.pth``); under other names there is nothing to compare with.

    Raises:
        ModelError: files are missing, or are not what they say.
    """
    wanted = model(name)
    if given is not None:
        return _given_files(given)
    folder = model_folder(name)
    paths = [folder / file.name for file in wanted.files]
    if not all(path.is_file() for path in paths):
        raise ModelError(
            f"{name}: its weights are not on this machine; get them with `faderwise models get {name}` "
            f"({wanted.license}, {wanted.size_mb:.0f} MB), or name a file with --model"
        )
    for path, file in zip(paths, wanted.files, strict=True):
        check_sha256(path, file.sha256, f"remove it and run `faderwise models get {name}` again")
    return paths


def _given_files(given: Path) -> list[Path]:
    if given.is_dir():
        paths = sorted(path for path in given.iterdir() if path.suffix in (".th", ".pth", ".safetensors"))
        if not paths:
            raise ModelError(f"{given}: holds no weights (.th, .pth, .safetensors); name the folder that does")
    elif given.is_file():
        paths = [given]
    else:
        raise ModelError(f"{given}: there is no such file or folder; name the weights to use")
    for path in paths:
        if match := _CHECKSUM_IN_NAME.fullmatch(path.name):
            check_sha256(path, match[1], "the file is damaged or renamed: get it again")
    return paths

"""Demucs as a separator, through the ``demucs`` package and weights that the user brought or asked for.

Rouard, Massa, Defossez, "Hybrid transformers for music source separation", ICASSP 2023. The package's own loaders are
not used: they run whatever a file says, and ask the network when a name is unknown to them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch

from mixer.errors import ModelError
from separation.checkpoint import read_pickle
from separation.chunks import Plan
from separation.models import weights_files
from separation.optional import about_demucs
from separation.separator import F32, About, Levels, Options, checked_device

OVERLAP = 0.25


class Demucs:
    """One Hybrid Transformer Demucs, or a bag of them."""

    def __init__(self, name: str, options: Options) -> None:
        try:
            from demucs.apply import BagOfModels
        except ImportError:
            raise ModelError(f"{name} needs the demucs package: pip install 'faderwise[demucs]'") from None
        self._device = checked_device(options.device)
        models = [_load(path) for path in weights_files(name, options.weights)]
        about = about_demucs(name)
        if any(set(model.sources) != set(about.stems) for model in models):
            raise ModelError(
                f"{options.weights}: gives {', '.join(models[0].sources)}, not the stems of {name}; "
                "name the weights of this model"
            )
        self.about: About = about
        self._order = [models[0].sources.index(stem) for stem in about.stems]
        # the fine-tuned bag has one specialist for each source, in the order of the sources
        specialists = len(models) == len(models[0].sources)
        weights = torch.eye(len(models)).tolist() if specialists and len(models) > 1 else None
        self._model: Any = BagOfModels(models, weights).eval()
        self.plan = self._plan(options)

    def _plan(self, options: Options) -> Plan:
        longest = float(self._model.max_allowed_segment)
        segment = min(options.segment_s or longest, longest) * self.about.sample_rate
        shared = (OVERLAP if options.overlap is None else min(options.overlap, 0.5)) * segment
        fade = int(shared / 2)
        context = int(shared / 4)
        return Plan(int(segment) - 2 * context - fade, context, fade)

    def offset_and_gain(self, levels: Levels) -> tuple[float, float]:
        """As Demucs was trained: mean 0 and deviation 1 of the mono sum."""
        return levels.mean, 1 / max(levels.deviation, 1e-8)

    def stems(self, segment: F32) -> F32:
        """``[2, time]`` to ``[stems, 2, time]``."""
        from demucs.apply import apply_model

        state = random.getstate()  # the package draws from the global generator
        try:
            with torch.inference_mode():
                mixture = torch.from_numpy(segment)[None]
                made = apply_model(self._model, mixture, shifts=0, split=False, device=self._device)
        finally:
            random.setstate(state)
        stems: F32 = made[0, self._order].float().cpu().numpy()
        return stems


def _load(path: Path) -> Any:
    """One model of a checkpoint as Demucs publishes them: class, arguments and weights, nothing else."""
    from demucs.htdemucs import HTDemucs

    remedy = "name a checkpoint of HTDemucs"
    package = read_pickle(path, remedy, (HTDemucs, Fraction))
    if package.get("klass") != HTDemucs or not {"args", "kwargs", "state"} <= package.keys():
        raise ModelError(f"{path}: is no checkpoint of HTDemucs; {remedy}")
    try:
        return _built(HTDemucs, package["args"], package["kwargs"], package["state"])
    except (TypeError, RuntimeError, ValueError, AssertionError):
        raise ModelError(f"{path}: its weights do not fit its architecture; {remedy}") from None


def _built(kind: type[Any], args: Sequence[Any], kwargs: dict[str, Any], state: dict[str, Any]) -> Any:
    model = kind(*args, **kwargs)
    model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    return model.eval()

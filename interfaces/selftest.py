"""A second of sound through the whole console, on both paths."""

from __future__ import annotations

import math

import numpy as np
import torch

from mixer.arrays import F32
from mixer.console import Settings, Source, add, master, mix_array, reverb_bus, strips
from mixer.processor import Place, Values, chain

_RATE = 44100
_SEED = 1
_POSITION = 0.4
"""Where each knob stands between its lowest and its highest value: away from every default."""


def difference_db() -> float:
    """The energy of the difference between the render path and the differentiable path, in dB of the former's.

    Two stereo tracks of seeded noise in bursts go through every processor, none of them at its defaults.
    """
    tracks = _bursts()
    strip, bus, final = (_values(*places) for places in ((Place.STRIP, Place.SEND), (Place.BUS,), (Place.MASTER,)))
    sources = [Source.of_array(str(index), track) for index, track in enumerate(tracks)]
    rendered = mix_array(sources, Settings({source.key: strip for source in sources}, bus, final), _RATE)

    posts = strips(torch.from_numpy(tracks), _RATE, _tensors(strip, len(tracks)))
    tail = rendered.shape[1] - posts.shape[2]
    posts = torch.nn.functional.pad(posts, (0, max(0, tail)))
    mix = add(posts) + reverb_bus(posts, _RATE, _tensors(strip, len(tracks)), _tensors(bus, 1))
    computed = master(mix, _RATE, _tensors(final, 1)).numpy()[:, : rendered.shape[1]]

    error = float(np.square(rendered - computed, dtype=np.float64).sum())
    energy = float(np.square(rendered, dtype=np.float64).sum())
    return 10 * math.log10(error / energy) if error else -math.inf


def _bursts() -> F32:
    """``[2, 2, time]``: noise that decays four times a second."""
    noise = np.random.default_rng(_SEED).standard_normal((2, 2, _RATE))
    decay = np.exp(-8 * ((4 * np.arange(_RATE) / _RATE) % 1))
    return (0.2 * noise * decay).astype(np.float32)


def _values(*places: Place) -> dict[str, Values]:
    return {
        entry.name: {p.name: 1.0 if p.scale == "switch" else p.from_unit(_POSITION) for p in entry.params}
        for place in places
        for entry in chain(place)
    }


def _tensors(values: dict[str, Values], count: int) -> dict[str, dict[str, torch.Tensor]]:
    return {
        name: {knob: torch.full((count,), value, dtype=torch.float64) for knob, value in knobs.items()}
        for name, knobs in values.items()
    }

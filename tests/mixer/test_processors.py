"""What every processor must keep, asked of the whole registry: a new one is tested without a word here."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

import mixer.processor as registry
from mixer.arrays import F32
from mixer.console import Settings, Source, mix_array, strips
from mixer.errors import UsageError
from mixer.processor import Place, Processor, Values, chain, find, processors
from tests.signals import RATE, decibels, difference_db, differentiated, drawn_values, music, real_music, rendered

ENTRIES = list(processors().values())
NEUTRAL = [entry for entry in ENTRIES if {Place.STRIP, Place.MASTER} & set(entry.places)]
every = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
mono_and_stereo = pytest.mark.parametrize("channels", [1, 2])


def excerpt(channels: int, seconds: float = 2.0) -> F32:
    """The first track of the rock song with so many channels, as loud as a mixing desk would have it."""
    track = next(track for track in real_music("rock", seconds) if track.shape[0] == channels)
    return track * np.float32(0.9 / np.abs(track).max())


def ends(entry: Processor) -> list[Values]:
    """All knobs low, all high, and both kinds mixed."""
    low = {p.name: p.low for p in entry.params}
    high = {p.name: p.high for p in entry.params}
    rng = np.random.default_rng(5)
    return [low, high, *(drawn_values(entry, rng, 1.0) for _ in range(2))]


@every
@mono_and_stereo
def test_shape_and_type(entry: Processor, channels: int) -> None:
    for length in (1, 2, 777):
        audio = music(1, channels)[:, :length]
        values = drawn_values(entry, np.random.default_rng(length))
        slow, fast = differentiated(entry, audio, values), rendered(entry, audio, values)
        assert slow.dtype == np.float32
        assert fast.dtype == np.float32
        assert slow.shape == fast.shape
        assert slow.shape in {(channels, length), (2, length)}


@every
def test_a_batch_is_its_tracks_one_by_one(entry: Processor) -> None:
    rng = np.random.default_rng(3)
    audio = np.stack([music(0.5, 2, seed) for seed in range(3)])
    values = [drawn_values(entry, rng) for _ in audio]
    knobs = {name: torch.tensor([some[name] for some in values], dtype=torch.float64) for name in entry.knobs}
    with torch.no_grad():
        together = entry(torch.from_numpy(audio), RATE, **knobs).numpy()
    for track, some, result in zip(audio, values, together, strict=True):
        np.testing.assert_array_equal(result, differentiated(entry, track, some))


@pytest.mark.parametrize("entry", NEUTRAL, ids=lambda entry: entry.name)
@mono_and_stereo
def test_transparent_at_defaults_bit_for_bit(entry: Processor, channels: int) -> None:
    audio = music(1, channels)
    audio[:, 5000:9000] = 0  # what recursions leave behind would show in silence
    for result in (rendered(entry, audio, {}), differentiated(entry, audio, {})):
        np.testing.assert_array_equal(result, np.broadcast_to(audio, result.shape))


@every
@mono_and_stereo
def test_both_paths_agree_on_real_music(entry: Processor, channels: int) -> None:
    audio = excerpt(channels)
    settings = [entry.defaults(), *ends(entry)]
    settings += [drawn_values(entry, np.random.default_rng(seed)) for seed in range(6)]
    # -90 dB is promised; what differs is the rounding of float32, which a transform spreads from the loud bass of this
    # song into a reverb that has its lows cut: -103 at worst, under -120 without a transform
    limit = -95 if Place.BUS in entry.places else -115
    for values in settings:
        assert difference_db(rendered(entry, audio, values), differentiated(entry, audio, values)) < limit, values


@every
@mono_and_stereo
def test_the_renderer_does_not_depend_on_the_block(entry: Processor, channels: int) -> None:
    audio = excerpt(channels, 1.0)
    values = drawn_values(entry, np.random.default_rng(11), 0.0)
    whole = rendered(entry, audio, values, block=audio.shape[1])
    for block in (512, 4093):
        assert difference_db(rendered(entry, audio, values, block=block), whole) < -105


@every
@mono_and_stereo
@pytest.mark.parametrize("kind", ["silence", "full scale", "DC", "almost silence", "a click"])
def test_finite_output_and_gradients(entry: Processor, channels: int, kind: str) -> None:
    audio = np.zeros((channels, 3000), np.float32)
    if kind == "full scale":
        audio[:] = np.sign(music(1, channels)[:, :3000])
    elif kind == "DC":
        audio[:] = 1.0
    elif kind == "almost silence":
        audio[:] = 1e-40  # a denormal number
    elif kind == "a click":
        audio[:, 1500] = 1.0
    for values in [entry.defaults(), *ends(entry)]:
        assert np.isfinite(rendered(entry, audio, values)).all(), values
        x = torch.from_numpy(audio)[None].requires_grad_()
        knobs = {name: torch.tensor(float(value), requires_grad=True) for name, value in values.items()}
        y = entry(x, RATE, **knobs)
        (y.square().mean() + y.mean()).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        assert bool(torch.isfinite(y).all()), values
        assert x.grad is not None
        assert bool(torch.isfinite(x.grad).all()), values
        for name, knob in knobs.items():
            assert knob.grad is None or bool(torch.isfinite(knob.grad)), (name, values)


KNOBS = [(entry, p.name) for entry in ENTRIES for p in entry.params if p.scale != "switch"]
STEP = 1e-5  # of the unit interval: small against every curvature, large against the rounding of float64


def loss(entry: Processor, audio: torch.Tensor, units: dict[str, torch.Tensor]) -> torch.Tensor:
    """One number in float64 that hears both signs and levels."""
    knobs = {p.name: 1.0 if p.scale == "switch" else p.from_unit(units[p.name]) for p in entry.params}
    weights = torch.from_numpy(music(0.4, 2, 9)).double()
    y = entry(audio, RATE, **knobs)
    return (y * weights).mean() + y.square().mean()


@pytest.mark.parametrize(("entry", "knob"), KNOBS, ids=[f"{entry.name}.{knob}" for entry, knob in KNOBS])
@mono_and_stereo
@pytest.mark.parametrize("seed", [0, 1])
def test_a_knobs_gradient_is_that_of_finite_differences(entry: Processor, knob: str, channels: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    units = {name: torch.tensor(0.1 + 0.8 * rng.random(), dtype=torch.float64) for name in entry.knobs}
    audio = 1.2 * torch.from_numpy(music(0.4, channels, 2)).double()[None]
    at = units[knob].clone().requires_grad_()
    (loss(entry, audio, {**units, knob: at}) + 0 * at).backward()  # type: ignore[no-untyped-call]  # no type in torch
    assert at.grad is not None
    with torch.no_grad():
        above, below = (loss(entry, audio, {**units, knob: at + way * STEP}) for way in (1, -1))
    expected = float(above - below) / (2 * STEP)
    # a whole turn of the knob that changes the loss by a millionth has no gradient to speak of
    assert float(at.grad) == pytest.approx(expected, rel=1e-3, abs=1e-6 * abs(float(above)))


@every
@mono_and_stereo
def test_the_audios_gradient_is_that_of_finite_differences(entry: Processor, channels: int) -> None:
    rng = np.random.default_rng(1)
    units = {name: torch.tensor(0.1 + 0.8 * rng.random(), dtype=torch.float64) for name in entry.knobs}
    audio = (1.2 * torch.from_numpy(music(0.4, channels, 2)).double()[None]).requires_grad_()
    way = torch.from_numpy(music(0.4, channels, 4)).double()[None]
    loss(entry, audio, units).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
    assert audio.grad is not None
    with torch.no_grad():
        above, below = (loss(entry, audio + step * way, units) for step in (1e-7, -1e-7))
    assert float((audio.grad * way).sum()) == pytest.approx(float(above - below) / 2e-7, rel=1e-3)


TREMOLO = '''
"""A processor as a contributor would write it."""

import math

import numpy as np
import torch

from mixer.param import Param
from mixer.processor import processor


@processor(Param("depth", "", 0.0, 1.0, 0.0, "linear", "How far the level falls."), aspect="level", strip=25)
def tremolo(x, sample_rate, *, depth):
    """Four slow waves of level a second."""
    wave = torch.sin(8 * math.pi * torch.arange(x.shape[-1]) / sample_rate) ** 2
    return x * (1 - depth.to(x.dtype)[:, None, None] * wave)


@tremolo.renderer
class TremoloRenderer:
    """Counts the samples."""

    latency = 0
    tail = 0

    def __init__(self, sample_rate, channels, values):
        self._rate, self._depth, self._at = sample_rate, values["depth"], 0

    def __call__(self, block):
        time = np.arange(self._at, self._at + block.shape[1])
        self._at += block.shape[1]
        return block * (1 - self._depth * np.sin(8 * np.pi * time / self._rate) ** 2).astype(np.float32)
'''


@pytest.fixture
def tremolo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processor]:
    """The processor above, from one new file among the others."""
    folder = importlib.import_module("mixer.processors")
    (tmp_path / "tremolo.py").write_text(TREMOLO)
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    registry._load.cache_clear()
    yield find("tremolo")
    del registry._REGISTRY["tremolo"], sys.modules["mixer.processors.tremolo"]


def test_a_processor_is_added_by_writing_one_file(tremolo: Processor) -> None:
    assert [entry.name for entry in chain(Place.STRIP)].index("tremolo") == 2, "after the compressor, before the fader"
    assert tremolo.doc == "Four slow waves of level a second."
    track = {"tremolo": {"depth": 1.0}, "panner": {"pan": 0.5}}
    audio = music(1, 1)
    mix = mix_array([Source.of_array("a", audio)], Settings({"a": track}, {}, {}), RATE, block=1000)
    knobs = {name: {knob: torch.tensor([at]) for knob, at in some.items()} for name, some in track.items()}
    assert difference_db(mix, strips(torch.from_numpy(audio)[None], RATE, knobs)[0]) < -105
    trough = RATE // 16
    assert decibels(float(np.abs(mix[:, trough - 9 : trough + 9]).max())) < -90, "the first trough"


def test_a_removed_processor_is_gone() -> None:
    assert "tremolo" not in processors()


def test_the_signal_flow_is_that_of_the_design() -> None:
    flow = {place: [entry.name for entry in chain(place)] for place in Place}
    assert flow[Place.STRIP] == ["equalizer", "compressor", "fader", "panner"]
    assert flow[Place.SEND] == ["send"]
    assert flow[Place.BUS] == ["reverb"]
    assert flow[Place.MASTER] == ["equalizer", "compressor", "fader", "limiter"]


@every
def test_an_unknown_knob_is_refused_and_those_that_exist_are_named(entry: Processor) -> None:
    with pytest.raises(UsageError, match=f"{entry.name} has no knob 'sparkle': it has {entry.knobs[0]}"):
        entry(torch.zeros(1, 1, 4), RATE, sparkle=1.0)
    with pytest.raises(UsageError, match="'sparkle'"):
        entry.param("sparkle")


def test_an_unknown_processor_is_refused_and_those_that_exist_are_named() -> None:
    with pytest.raises(UsageError, match="there is no processor 'exciter': there are equalizer, compressor"):
        find("exciter")


@every
def test_the_reference_documentation_is_there(entry: Processor) -> None:
    assert entry.doc.splitlines()[0].endswith((".", ",")) or len(entry.doc.split()) > 5
    assert entry.places, "it must stand somewhere"

"""Closed forms against the console itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mixer.loudness import LoudnessMeter, gated_loudness
from mixer.processor import find
from style_transfer.controller.effects import gated_lufs, placed, sounding, whole
from style_transfer.controller.heads import column, strip_heads, units_of
from style_transfer.controller.takes import Takes
from style_transfer.features import BANDS, Power, Shape, band_weights

RATE = 44_100
HEADS = strip_heads()


def noise(channels: int, seed: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((channels, RATE)).astype(np.float32) * 0.1)


def both(x: torch.Tensor) -> torch.Tensor:
    return x.expand(2, -1)


def powers(x: torch.Tensor) -> torch.Tensor:
    power = Power.of(both(x), RATE)
    return torch.stack([power.mid, power.side, power.cross])


def takes(x: torch.Tensor, **knobs: float) -> Takes:
    """One track, practice putting the named fader, panner and equaliser knobs where they are asked for."""
    values = {"t": {name: find(name).defaults() for name in ("fader", "panner", "equalizer", "compressor", "send")}}
    for name, value in knobs.items():
        processor = next(p for p in ("fader", "panner", "equalizer") if name in find(p).knobs)
        values["t"][processor][name] = value
    meter = LoudnessMeter(RATE, 2, true_peak=False)
    meter.push(np.ascontiguousarray(both(x).numpy()))
    return Takes(
        powers(x)[None, None],
        torch.from_numpy(meter.momentary_energy)[None, None],
        torch.zeros(1, 1, 3),
        torch.tensor([[float(x.shape[0] == 2)]]),
        torch.zeros(1, 1, dtype=torch.long),
        torch.ones(1, 1),
        torch.ones(1, 1, dtype=torch.bool),
        units_of(values, ["t"], HEADS)[None],
    )


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("pan", "width"), [(0.0, 1.0), (-0.7, 0.4), (0.35, 1.8), (1.0, 0.0)])
def test_the_panner_on_powers_is_the_panner_on_sound(channels: int, pan: float, width: float) -> None:
    x = noise(channels, 3)
    heard = powers(find("panner")(x[None], RATE, pan=pan, width=width)[0])
    there = (torch.tensor(value, dtype=torch.float64) for value in (pan, width, float(channels == 2)))
    assert torch.allclose(placed(powers(x), *there), heard, rtol=1e-4, atol=1e-4 * float(heard.max()))  # float32 audio


def test_a_strip_on_powers_is_near_the_strip_on_sound() -> None:
    knobs = {"low_gain_db": 6.0, "peak2_gain_db": -9.0, "high_gain_db": 4.0, "highpass_hz": 150.0}
    x = noise(1, 4)
    strip = takes(x, gain_db=-7.0, pan=0.5, **knobs)
    dry = torch.zeros(1, 2, BANDS, dtype=torch.float64)
    made = sounding(strip, strip.usual, HEADS, RATE, dry, dry[:, 0]).tracks[0, 0]
    y = find("equalizer")(x[None], RATE, **knobs)
    y = find("panner")(find("fader")(y, RATE, gain_db=-7.0), RATE, pan=0.5)[0]
    apart_db = 10 * torch.log10(made[:2] / powers(y)[:2])
    # the curve is taken at each band's centre; on the slope of a high-pass, two octaves of noise are not their centre
    assert float(apart_db[:, 1:].abs().max()) < 0.6
    assert float(apart_db[:, 0].abs().max()) < 6.0


def test_a_send_adds_what_the_room_answers() -> None:
    strip = takes(noise(1, 5))
    units = strip.usual.clone()
    send = next(index for index, head in enumerate(HEADS) if head.processor == "send")
    units[..., send] = HEADS[send].param.to_unit(-6.0)
    room = torch.full((1, 2, BANDS), 0.5, dtype=torch.float64)
    made = sounding(strip, units, HEADS, RATE, room, torch.zeros(1, BANDS, dtype=torch.float64)).tracks[0, 0]
    mid = strip.power[0, 0, 0]
    assert torch.allclose(made[0] / mid, torch.full_like(mid, 1 + 0.5 * 10**-0.6))
    assert torch.allclose(made[1] / mid, torch.full_like(mid, 0.5 * 10**-0.6), atol=1e-6)


def test_gates_are_those_of_the_meter() -> None:
    loudness = np.abs(np.random.default_rng(1).standard_normal((3, 200))) ** 4 * 1e-3
    loudness[1, 50:] = 1e-9  # a voice that is mostly silent
    found = gated_lufs(torch.from_numpy(loudness))
    assert found.tolist() == pytest.approx([gated_loudness(row) for row in loudness], abs=1e-3)
    assert float(gated_lufs(torch.zeros(1, 10, dtype=torch.float64))) == pytest.approx(-100.0, abs=0.01)


def test_a_whole_is_the_shape_of_its_powers() -> None:
    power = Power.of(noise(2, 6) * torch.tensor([[1.0], [0.4]]), RATE)
    shape = Shape.of(power, RATE)
    found = whole(torch.stack([power.mid, power.side, power.cross]), band_weights(RATE))
    for one, other in zip(
        (found.mid_db, found.side_db, found.width_db, found.imbalance),
        (shape.mid_db, shape.side_db, shape.width_db, shape.imbalance),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-6)


def test_louder_faders_are_louder_in_the_gated_sum() -> None:
    strip = takes(noise(1, 7))
    units = strip.usual.clone()
    fader = column(HEADS, "fader", "gain_db")
    units[..., fader] = HEADS[fader].param.to_unit(-12.0)
    dry = torch.zeros(1, 2, BANDS, dtype=torch.float64)
    members = torch.ones(1, 1, 1, dtype=torch.float64)
    levels = [
        sounding(strip, some, HEADS, RATE, dry, dry[:, 0]).gated_lufs(strip, members) for some in (strip.usual, units)
    ]
    assert float(levels[0] - levels[1]) == pytest.approx(12.0, abs=1e-3)

"""Fader, send and panner: gains that can be written down."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from mixer.arrays import F32
from mixer.processor import find
from mixer.processors.panner import channel_gains
from tests.signals import decibels, difference_db, differentiated, music, rendered, rms_db

FADER, SEND, PANNER = find("fader"), find("send"), find("panner")
PATHS = pytest.mark.parametrize("path", [rendered, differentiated], ids=["render", "differentiable"])
Path = Callable[..., F32]


@PATHS
@pytest.mark.parametrize("gain_db", [-59.9, -6.0, 0.0, 12.0, 24.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_fader_gains_what_it_says(path: Path, gain_db: float, channels: int) -> None:
    audio = music(0.2, channels)
    out = path(FADER, audio, {"gain_db": gain_db})
    assert difference_db(out, audio.astype(np.float64) * 10 ** (gain_db / 20)) < -140  # one rounding of gain and sample


@PATHS
def test_the_lowest_position_is_exact_silence(path: Path) -> None:
    audio = music(0.2, 2)
    assert not path(FADER, audio, {"gain_db": -60.0}).any()
    assert not path(SEND, audio, {"level_db": -60.0}).any()
    assert not path(SEND, audio, {}).any(), "a send is off unless it is opened"


@PATHS
def test_the_send_gains_what_it_says(path: Path) -> None:
    audio = music(0.2, 2)
    assert rms_db(path(SEND, audio, {"level_db": -10.0})) == pytest.approx(rms_db(audio) - 10, abs=1e-4)


@PATHS
@pytest.mark.parametrize("pan", [-1.0, -0.7, -0.2, 0.0, 0.4, 1.0])
def test_a_mono_track_keeps_its_power(path: Path, pan: float) -> None:
    # constant power, compensated: left^2 + right^2 is twice the track's wherever it stands
    audio = music(0.2, 1)
    out = path(PANNER, audio, {"pan": pan})
    assert out.shape == (2, audio.shape[1])
    power = np.square(out, dtype=np.float64).sum() / np.square(audio, dtype=np.float64).sum()
    assert power == pytest.approx(2.0, rel=1e-6)
    angle = (pan + 1) * math.pi / 4
    for side, gain in zip(out, (math.cos(angle), math.sin(angle)), strict=True):
        np.testing.assert_allclose(side, math.sqrt(2) * gain * audio[0], atol=1e-6)


@PATHS
def test_a_mono_track_in_the_centre_is_on_both_sides_bit_for_bit(path: Path) -> None:
    audio = music(0.2, 1)
    np.testing.assert_array_equal(path(PANNER, audio, {}), np.repeat(audio, 2, axis=0))


@PATHS
@pytest.mark.parametrize(("pan", "far_side"), [(-1.0, 1), (1.0, 0)])
@pytest.mark.parametrize("channels", [1, 2])
def test_hard_over_leaves_nothing_on_the_other_side(path: Path, pan: float, far_side: int, channels: int) -> None:
    out = path(PANNER, music(0.2, channels), {"pan": pan})
    assert decibels(float(np.abs(out[far_side]).max())) < -300
    assert rms_db(out[1 - far_side]) > -30


@PATHS
@pytest.mark.parametrize(("pan", "left", "right"), [(0.25, 0.75, 1.0), (-0.5, 1.0, 0.5), (0.0, 1.0, 1.0)])
def test_a_stereo_track_is_balanced_and_the_near_side_stays(path: Path, pan: float, left: float, right: float) -> None:
    audio = music(0.2, 2)
    expected = audio * np.array([[left], [right]])
    assert difference_db(path(PANNER, audio, {"pan": pan}), expected) < -140


@PATHS
def test_width_zero_is_mono(path: Path) -> None:
    audio = music(0.2, 2)
    out = path(PANNER, audio, {"width": 0.0})
    np.testing.assert_array_equal(out[0], out[1])
    assert difference_db(out[0], audio.mean(axis=0, dtype=np.float64)) < -130


@PATHS
@pytest.mark.parametrize("width", [0.0, 0.5, 1.0, 1.7, 2.0])
def test_width_scales_the_side_and_leaves_the_middle(path: Path, width: float) -> None:
    audio = music(0.2, 2).astype(np.float64)
    out = path(PANNER, audio.astype(np.float32), {"width": width}).astype(np.float64)
    np.testing.assert_allclose(out.sum(axis=0), audio.sum(axis=0), atol=1e-6)
    np.testing.assert_allclose(out[0] - out[1], width * (audio[0] - audio[1]), atol=1e-6)


@PATHS
def test_a_mono_track_has_no_width(path: Path) -> None:
    audio = music(0.2, 1)
    np.testing.assert_array_equal(path(PANNER, audio, {"width": 2.0}), path(PANNER, audio, {"width": 0.0}))


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("pan", "width"), [(0.0, 1.0), (-0.3, 0.5), (0.8, 2.0)])
def test_the_matrix_for_exporters_is_the_panner(channels: int, pan: float, width: float) -> None:
    audio = music(0.2, channels)
    expected = np.array(channel_gains(pan, width, channels)) @ audio.astype(np.float64)
    assert difference_db(differentiated(PANNER, audio, {"pan": pan, "width": width}), expected) < -130

"""The limiter: the ceiling holds, what is under it passes, gain moves smoothly, and the gradients are right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
import soundfile
import torch

from mixer.arrays import F32, F64
from mixer.lookahead import ATTACK_S, Lookahead, limit
from mixer.processor import Renderer
from mixer.processors.limiter import limiter
from mixer.truepeak import LIMITING

RATE = 44100
SHARED = Path(__file__).resolve().parents[3] / "shared"
MUSIC = ["references/metal.flac", "references/electronic.flac", "references/orchestral.flac", "songs/rock/drums.flac"]


def db(value: float | F64) -> F64:
    return np.asarray(20 * np.log10(value))


def music(name: str, seconds: float = 4.0) -> F32:
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is absent")
    audio, _ = soundfile.read(path, dtype="float32", always_2d=True, frames=round(seconds * RATE))
    return np.ascontiguousarray(audio.T)


def stream(renderer: Renderer, x: F32, block: int = 65536) -> F32:
    """The whole signal, block by block, with the latency taken out again."""
    padded = np.pad(x, ((0, 0), (0, renderer.latency)))
    parts = [renderer(padded[:, start : start + block].copy()) for start in range(0, padded.shape[1], block)]
    return np.concatenate(parts, axis=1)[:, renderer.latency :]


def limited(x: F32, ceiling_db: float = -1.0, release_ms: float = 100.0, sample_rate: int = RATE) -> F32:
    values = {"active": 1.0, "ceiling_db": ceiling_db, "release_ms": release_ms}
    return stream(limiter.render(sample_rate, x.shape[0], values), x)


def polyphase_peak(y: F32) -> float:
    return float(np.abs(scipy.signal.resample_poly(y.astype(np.float64), 8, 1, axis=1)).max())


def fourier_peak(y: F32) -> float:
    """With an ideal interpolator: everything up to half the sample rate."""
    padded = np.pad(y.astype(np.float64), ((0, 0), (1000, 1000)))
    return float(np.abs(scipy.signal.resample(padded, 8 * padded.shape[1], axis=1)).max())


def kaiser_peak(y: F32) -> float:
    """With a windowed sinc of 48 samples, which is none of the limiter's own."""
    sinc = scipy.signal.firwin(48 * 8 + 1, 1 / 8, window=("kaiser", 7.0)) * 8
    return float(max(np.abs(scipy.signal.upfirdn(sinc, channel.astype(np.float64), 8)).max() for channel in y))


def quarter_tone() -> F32:
    return np.array([2 * np.sin(np.pi / 2 * np.arange(RATE) + np.pi / 4)], np.float32)


def bursts() -> F32:
    rng = np.random.default_rng(0)
    on = np.arange(RATE) % 4410 < 1500
    return (4 * on * rng.uniform(-1, 1, (2, RATE))).astype(np.float32)


def clipped() -> F32:
    return np.array([2 * np.clip(5 * np.sin(2 * np.pi * 440.3 / RATE * np.arange(RATE)), -1, 1)], np.float32)


def impulses() -> F32:
    x = np.zeros((1, RATE), np.float32)
    x[0, 5000], x[0, -1], x[0, 0] = 4, 3, -2
    x[0, 10000:10002] = 3, -3
    x[0, 10100:10102] = 2, 2
    x[0, 20000:20040] = 3 * (-1.0) ** np.arange(40)
    return x


SIGNALS = [quarter_tone, bursts, clipped, impulses]


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("release_ms", [10.0, 100.0])
@pytest.mark.parametrize("ceiling_db", [-1.0, -9.0])
def test_no_peak_between_the_samples_passes(signal: Callable[[], F32], release_ms: float, ceiling_db: float) -> None:
    y = limited(signal(), ceiling_db, release_ms)
    assert db(np.abs(y).max()) <= ceiling_db
    assert db(polyphase_peak(y)) <= ceiling_db
    assert db(kaiser_peak(y)) <= ceiling_db
    # the last percents below half the sample rate, where these signals are full, are the ideal interpolator's alone
    assert db(fourier_peak(y)) <= ceiling_db + 0.3


@pytest.mark.parametrize("sample_rate", [8000, 96000])
def test_the_ceiling_holds_at_any_sample_rate(sample_rate: int) -> None:
    x = scipy.signal.sosfilt(scipy.signal.butter(8, 0.8, output="sos"), bursts()).astype(np.float32)
    y = limited(x, -1.0, 10.0, sample_rate)
    assert db(max(polyphase_peak(y), kaiser_peak(y), fourier_peak(y))) <= -1.0


@pytest.mark.parametrize("name", MUSIC)
@pytest.mark.parametrize(("boost_db", "release_ms"), [(6.0, 100.0), (12.0, 10.0)])
def test_the_ceiling_holds_on_music(name: str, boost_db: float, release_ms: float) -> None:
    y = limited(music(name) * np.float32(10 ** (boost_db / 20)), -1.0, release_ms)
    assert db(max(polyphase_peak(y), kaiser_peak(y), fourier_peak(y))) <= -1.0


def test_an_effective_limiter_stays_close_to_the_ceiling() -> None:
    for signal in SIGNALS:
        y = limited(signal())
        assert db(max(polyphase_peak(y), kaiser_peak(y))) >= -1.12  # 0.05 dB of margin and the interpolators' own


def test_off_is_the_same_bits_without_latency() -> None:
    x = bursts()
    renderer = limiter.render(RATE, 2, {})
    assert renderer.latency == 0
    assert np.array_equal(renderer(x.copy()), x)
    assert torch.equal(limiter(torch.from_numpy(x)[None], RATE)[0], torch.from_numpy(x))


@pytest.mark.parametrize("name", MUSIC[:2])
def test_under_the_ceiling_it_is_the_same_bits(name: str) -> None:
    x = music(name)
    x *= np.float32(10 ** (-1.02 / 20) / max(polyphase_peak(x), kaiser_peak(x), fourier_peak(x)))
    assert np.array_equal(limited(x), x)


def test_what_is_away_from_a_peak_passes() -> None:
    x = (0.2 * np.random.default_rng(1).standard_normal((1, RATE))).clip(-0.5, 0.5).astype(np.float32)
    x[0, 20000] = 4.0
    y = limited(x, -1.0, 10.0)
    reach = round(2 * ATTACK_S * RATE)  # twice the smoothing: look-ahead and plateau
    assert np.array_equal(y[:, : 20000 - reach], x[:, : 20000 - reach])
    # 13 dB recede by a factor of e each 10 ms: after 50 ms less than 0.1 dB is left
    after = 20000 + reach + round(0.05 * RATE)
    change = db(np.abs(y[0, after:][np.abs(x[0, after:]) > 1e-3] / x[0, after:][np.abs(x[0, after:]) > 1e-3]))
    assert np.abs(change).max() < 0.1


def test_channels_are_turned_down_together() -> None:
    x = bursts()
    x[1] *= np.float32(0.25)
    y = limited(x)
    heard = (np.abs(x) > 1e-3).all(axis=0)
    assert np.abs(y[0, heard] / x[0, heard] - y[1, heard] / x[1, heard]).max() < 1e-6


def test_the_gain_moves_smoothly() -> None:
    look = Lookahead(RATE, 1, 10 ** (-1 / 20), np.exp(-1 / (0.01 * RATE)))
    _, trace = limit(look, impulses())
    # a raised cosine of 3 ms takes at most pi / 2 of its mean slope: 2 / 132 of the full step per sample
    steps = np.abs(np.diff(trace.reduction))
    assert steps.max() <= 2 / len(look.window)
    assert np.abs(np.diff(trace.reduction, n=2)).max() < 1e-3


def test_output_is_aligned_with_the_input() -> None:
    x = music(MUSIC[0], 4.0) * np.float32(2.0)
    y = limited(x).astype(np.float64)
    lags = scipy.signal.correlation_lags(y.shape[1], x.shape[1])
    assert lags[np.argmax(scipy.signal.correlate(y[0], x[0].astype(np.float64)))] == 0


def test_blocks_do_not_matter() -> None:
    x = bursts()[:, :20000]
    values = {"active": 1.0, "release_ms": 30.0}
    whole = stream(limiter.render(RATE, 2, values), x)
    for block in (1000, 129, 7):
        assert np.array_equal(stream(limiter.render(RATE, 2, values), x, block), whole)


def oracle(x: F32, ceiling: float, release_ms: float) -> F64:
    """The algorithm as it is written down, slowly: float64, whole signal, every reading, no shortcut."""
    look = Lookahead(RATE, x.shape[0], ceiling, 0.0)
    padded = np.pad(x.astype(np.float64), ((0, 0), (1000, 1000)))
    half = LIMITING.half
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * half, axis=1)  # [channels, time, span]
    readings = np.abs(views @ LIMITING.taps.T).max(axis=0)  # [time, rows]
    narrow = np.maximum(np.abs(padded).max(axis=0)[half - 1 : -half], readings[:, : LIMITING.narrow].max(axis=1))
    peaks = np.where(narrow > 0.85 * ceiling, np.maximum(narrow, readings.max(axis=1)), narrow)
    excess = np.maximum(peaks / ceiling, 1) - 1
    aim = np.maximum(1 - excess, 10 ** (-0.05 / 20))
    wanted = 1 - np.where(excess > 0, aim / (1 + excess), 1)
    released = np.lib.stride_tricks.sliding_window_view(np.pad(wanted, (look.hold - 1, 0)), look.hold).max(axis=1)
    coefficient = np.exp(-1000 / (release_ms * RATE))
    for n in range(1, len(released)):
        released[n] = max(released[n], released[n] + coefficient * (released[n - 1] - released[n]))
    # reading i lies at padded sample i + half - 1; it comes half samples late into the delay that the gain makes up for
    first = 1000 + look.latency - 2 * half + 1
    reduction = np.convolve(released, look.window)[first : first + x.shape[1]]
    return np.asarray(x * (1 - reduction))


@pytest.mark.parametrize("name", MUSIC[::3])
def test_both_paths_are_the_algorithm(name: str) -> None:
    x = music(name, 3.0) * np.float32(3.0)
    expected = oracle(x, 10 ** (-1 / 20), 60.0)
    rendered = limited(x, -1.0, 60.0)
    differentiable = limiter(torch.from_numpy(x)[None], RATE, active=1.0, ceiling_db=-1.0, release_ms=60.0)[0].numpy()
    assert np.abs(expected - x).max() > 0.1  # there was something to do
    for y in (rendered, differentiable):
        assert db(np.sqrt(np.mean((y - expected) ** 2) / np.mean(expected**2))) < -90
    assert db(np.sqrt(np.mean((rendered - differentiable) ** 2.0) / np.mean(expected**2)) + 1e-12) < -90


def double(name: str) -> torch.Tensor:
    return torch.from_numpy(music(name, 2.0)[:, 20000:50000].astype(np.float64))[None] * 3


def score(x: torch.Tensor, ceiling_db: torch.Tensor, release_ms: torch.Tensor) -> torch.Tensor:
    weights = torch.linspace(1, 2, x.shape[-1], dtype=x.dtype)
    y = limiter(x, RATE, active=1.0, ceiling_db=ceiling_db, release_ms=release_ms)
    return (weights * (y.square() + 0.3 * y)).mean()


@pytest.mark.parametrize("name", ["references/metal.flac", "songs/rock/drums.flac"])
@pytest.mark.parametrize("release", [20.0, 300.0])
def test_gradients_match_finite_differences(name: str, release: float) -> None:
    x = double(name)
    direction = torch.from_numpy(np.random.default_rng(2).standard_normal(x.shape)) * x.abs().mean()
    point = [x, torch.tensor([-3.0], dtype=torch.float64), torch.tensor([release], dtype=torch.float64)]
    leaves = [value.clone().requires_grad_() for value in point]
    score(*leaves).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
    for index, (step, along) in enumerate([(1e-7, direction), (1e-5, torch.ones(1)), (1e-4, torch.ones(1))]):
        up, down = list(point), list(point)
        up[index], down[index] = point[index] + step * along, point[index] - step * along
        expected = (score(*up) - score(*down)) / (2 * step)
        gradient = leaves[index].grad
        assert gradient is not None
        assert float((gradient * along).sum()) == pytest.approx(float(expected), rel=1e-3)


@pytest.mark.parametrize("active", [0.0, 1.0])
@pytest.mark.parametrize("level", [0.0, 0.1, 4.0])
@pytest.mark.parametrize(("ceiling", "release"), [(-12.0, 10.0), (0.0, 1000.0)])
def test_gradients_are_finite(active: float, level: float, ceiling: float, release: float) -> None:
    x = (level * torch.from_numpy(bursts()[:, :5000]))[None].requires_grad_()
    knobs = {
        "ceiling_db": torch.tensor([ceiling]).requires_grad_(),
        "release_ms": torch.tensor([release]).requires_grad_(),
    }
    energy = limiter(x, RATE, active=active, **knobs).square().sum()
    energy.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
    for leaf in (x, *knobs.values()):
        assert leaf.grad is not None
        assert bool(leaf.grad.isfinite().all())


def test_each_of_a_batch_has_its_own_knobs() -> None:
    x = torch.from_numpy(bursts()[:, :9000]).expand(3, -1, -1)
    knobs = {"active": torch.tensor([0.0, 1.0, 1.0]), "ceiling_db": torch.tensor([-1.0, -1.0, -6.0])}
    y = limiter(x, RATE, **knobs)
    assert torch.equal(y[0], x[0])
    for index, ceiling_db in ((1, -1.0), (2, -6.0)):
        alone = limiter(x[index : index + 1], RATE, active=1.0, ceiling_db=ceiling_db)[0]
        assert torch.equal(y[index], alone)

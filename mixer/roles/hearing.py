"""What can be heard in one track without knowing what it is: where its energy lies, how it starts, decays and rings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mixer.arrays import F32

_SECONDS = 15.0
_FRAME_SECONDS = 0.046  # short enough to part two hits; pitch takes two, for three periods of the lowest bass note
_LOW_HZ, _BODY_HZ, _HIGH_HZ, _AIR_HZ = 150.0, 400.0, 2000.0, 5000.0
_LOWEST_NOTE_HZ, _HIGHEST_NOTE_HZ = 30.0, 1000.0
_ATTACK_DB = 6.0  # the rise over one frame that counts as a hit
_HEARD_DB = 40.0  # what lies further under the loudest frame is not heard
_DECAY_SECONDS = 0.12
_HIT_SECONDS = 0.08

_Power = npt.NDArray[np.float32]
_Hertz = npt.NDArray[np.floating]
_Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Heard:
    """Measurements over the loudest 15 seconds.

    Attributes:
        low, body, high, air: shares of the energy under 150 Hz, under 400 Hz, over 2 kHz and over 5 kHz.
        decay_db: how far the sound typically falls within 120 ms of a hit.
        in_hits: share of the energy within 80 ms of a hit.
        harmonicity: 0 to 1, how well one period explains the sound: a steady note 1, a chord 0.7, noise under 0.5.
        noisiness: spectral flatness from 0.2 to 8 kHz: 0 a tone, 1 white noise.
        pitch_hz: median of the pitch where there is one, else 0.
        low_hits, bright_hits: shares of the hits in which the bass rises, and in which only the treble does.
    """

    low: float
    body: float
    high: float
    air: float
    decay_db: float
    in_hits: float
    harmonicity: float
    noisiness: float
    pitch_hz: float
    low_hits: float
    bright_hits: float


def listen(audio: F32, sample_rate: int) -> Heard | None:
    """Measure a track.

    Shape: audio is ``[channels, time]``.

    Returns:
        The measurements, or None where nothing can be heard: under -70 dBFS, or shorter than a quarter second.
    """
    x = _loudest_part(audio, sample_rate)
    while sample_rate > 64000:  # pairs averaged: what folds down from over 30 kHz does not change a guess
        x = x[: len(x) // 2 * 2].reshape(-1, 2).mean(axis=1)
        sample_rate //= 2
    size = 1 << round(np.log2(sample_rate * _FRAME_SECONDS))
    hop = size // 4
    if len(x) < max(0.25 * sample_rate, 4 * size) or np.mean(np.square(x)) < 1e-7:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[::hop] * np.hanning(size).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1))).astype(np.float32)  # [frames, bins]
    bin_hz = np.fft.rfftfreq(size, 1 / sample_rate)
    envelope = power.sum(axis=1)
    heard = envelope > envelope.max() * 10 ** (-_HEARD_DB / 10)
    spectrum = power.sum(axis=0, dtype=np.float64)
    spectrum /= spectrum.sum()
    hits = _hits(envelope, envelope.max())
    decay_db, in_hits = _decay(envelope, hits, hop / sample_rate)
    harmonicity, pitch_hz = _pitch(x, 2 * size, sample_rate)
    low_hits, bright_hits = _kinds_of_hits(power, bin_hz)
    return Heard(
        low=float(spectrum[bin_hz < _LOW_HZ].sum()),
        body=float(spectrum[bin_hz < _BODY_HZ].sum()),
        high=float(spectrum[bin_hz >= _HIGH_HZ].sum()),
        air=float(spectrum[bin_hz >= _AIR_HZ].sum()),
        decay_db=decay_db,
        in_hits=in_hits,
        harmonicity=harmonicity,
        noisiness=_noisiness(power[heard], envelope[heard], bin_hz),
        pitch_hz=pitch_hz,
        low_hits=low_hits,
        bright_hits=bright_hits,
    )


def _loudest_part(audio: F32, sample_rate: int) -> F32:
    """The loudest 15 seconds of the loudest channel, as far as its samples are numbers."""
    if audio.size == 0:
        return np.zeros(0, np.float32)
    channel = audio[int(np.argmax(np.sum(np.square(audio), axis=1)))]
    step = max(1, sample_rate // 10)
    steps = round(_SECONDS * sample_rate / step)
    start = 0
    if len(channel) > (steps + 1) * step:
        whole = channel[: len(channel) // step * step].reshape(-1, step)
        total = np.concatenate([[0.0], np.cumsum(np.einsum("ij,ij->i", whole, whole), dtype=np.float64)])
        start = int(np.argmax(total[steps:] - total[:-steps])) * step
    part: F32 = np.nan_to_num(channel[start : start + steps * step], posinf=0.0, neginf=0.0)
    return part


def _hits(envelope: _Power, reference: float) -> _Indices:
    """Frames in which the envelope rises steeply, where it can be heard."""
    level_db = 10 * np.log10(np.maximum(envelope, reference * 1e-9))
    steep = (np.diff(level_db) > _ATTACK_DB) & (level_db[1:] > 10 * np.log10(reference) - _HEARD_DB)
    starts = np.flatnonzero(steep) + 1
    return starts[np.diff(starts, prepend=-9) > 3]


def _decay(envelope: _Power, hits: _Indices, hop_seconds: float) -> tuple[float, float]:
    if len(hits) == 0:
        return 0.0, 0.0
    last = len(envelope) - 1
    later = round(_DECAY_SECONDS / hop_seconds) + 2
    peaks = np.max([envelope[np.minimum(hits + k, last)] for k in range(4)], axis=0)
    loud = peaks > envelope.max() * 10 ** (-_HEARD_DB / 20)
    fall_db = 10 * np.log10(peaks / np.maximum(envelope[np.minimum(hits + later, last)], peaks * 1e-9))
    near = np.zeros(len(envelope), dtype=bool)
    for k in range(-1, round(_HIT_SECONDS / hop_seconds) + 3):
        near[np.clip(hits + k, 0, last)] = True
    return float(np.median(fall_db[loud])) if loud.any() else 0.0, float(envelope[near].sum() / envelope.sum())


def _kinds_of_hits(power: _Power, bin_hz: _Hertz) -> tuple[float, float]:
    """A kit has hits with bass and hits without; the pieces of a kit have one kind."""
    low = power[:, bin_hz < _LOW_HZ].sum(axis=1)
    bright = power[:, bin_hz >= _HIGH_HZ].sum(axis=1)
    low_hits, bright_hits = _hits(low, low.max()), _hits(bright, bright.max())
    if len(bright_hits) == 0 or len(low_hits) == 0:
        return float(len(low_hits) > 0), float(len(bright_hits) > 0)
    alone = np.abs(bright_hits[:, None] - low_hits[None, :]).min(axis=1) > 4
    together = len(low_hits) + int(alone.sum())
    return len(low_hits) / together, float(alone.sum()) / together


def _pitch(x: F32, size: int, sample_rate: int) -> tuple[float, float]:
    """Harmonicity, and the median pitch, from the autocorrelation divided by the window's own."""
    window = np.hanning(size).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(x, size)[:: size // 2] * window
    weights = np.square(frames).sum(axis=1)
    heard = weights > weights.max() * 10 ** (-_HEARD_DB / 10)
    frames, weights = frames[heard], weights[heard]
    shortest = int(sample_rate / _HIGHEST_NOTE_HZ)
    longest = min(int(sample_rate / _LOWEST_NOTE_HZ), size // 2)
    own = np.fft.irfft(np.square(np.abs(np.fft.rfft(window, 2 * size))))[:longest]
    lags = np.fft.irfft(np.square(np.abs(np.fft.rfft(frames, 2 * size, axis=1))), axis=1)[:, :longest]
    lags = lags / np.maximum(lags[:, :1], 1e-20) / (own / own[0])
    # the slope down from lag 0 is no period: only peaks count, and of these the first strong one, not its multiples
    inner = lags[:, shortest - 1 : -1]
    peaks = np.where((inner >= lags[:, shortest - 2 : -2]) & (inner > lags[:, shortest:]), inner, 0.0)
    strength = peaks.max(axis=1)
    period = shortest - 1 + np.argmax(peaks >= 0.9 * strength[:, None], axis=1)
    voiced = strength > 0.7
    pitch_hz = float(np.median(sample_rate / period[voiced])) if voiced.sum() > 3 else 0.0
    return float(np.average(np.minimum(strength, 1.0), weights=weights)), pitch_hz


def _noisiness(power: _Power, weights: _Power, bin_hz: _Hertz) -> float:
    """Spectral flatness: the geometric over the arithmetic mean of the bins; quiet hats count beside a loud kick."""
    bins = power[:, (bin_hz > 200) & (bin_hz < 8000)] + 1e-12
    return float(np.average(np.exp(np.log(bins).mean(axis=1)) / bins.mean(axis=1), weights=np.sqrt(weights)))

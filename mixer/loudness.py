"""How loud audio is: ITU-R BS.1770-4 loudness, EBU loudness range, sample peak and true peak.

Integrated loudness and loudness range are those of pyloudnorm (its K-weighting filters, its windows, its gates),
several times faster, in a stream of blocks of any size. Loudness is in LUFS, ranges in LU, peaks in dB relative to
full scale; silence reads -inf, and nothing reads NaN.

A mono track is one channel of weight 1: the same track on both sides of a stereo file reads 3.01 LU higher.
"""

from __future__ import annotations

import math

import numpy as np

from mixer.arrays import F32, F64
from mixer.errors import AudioError
from mixer.kweighting import HOP, MOMENTARY_S, RANGE_HOP, RANGE_WINDOW_S, WeightedEnergy
from mixer.truepeak import TruePeakMeter

_OFFSET_DB = -0.691  # BS.1770-4 eq. 2: makes up for the K-weighting's gain at 997 Hz
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_RANGE_GATE_LU = -20.0  # EBU Tech 3342
_SHORT_TERM_HOPS = 30
_RANGE_SILENCE_S = 1.5  # Tech 3342: so that the last window reaches the last sample


def _lufs(mean_square: F64) -> F64:
    positive = mean_square > 0
    return np.where(positive, _OFFSET_DB + 10 * np.log10(np.where(positive, mean_square, 1.0)), -np.inf)


def _db(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def _checked(audio: F32, channels: int | None = None) -> F32:
    if audio.ndim != 2 or audio.shape[0] not in ((1, 2) if channels is None else (channels,)):
        wanted = "1 or 2" if channels is None else str(channels)
        raise AudioError(f"loudness needs audio [{wanted} channels, time], got shape {list(audio.shape)}")
    return np.ascontiguousarray(audio, dtype=np.float32)


class LoudnessMeter:
    """Measures a stream; the results do not depend on how it is cut into blocks.

    Args:
        sample_rate: in Hz.
        channels: 1 or 2.
        true_peak: False leaves the true peak out, which is most of the work.

    >>> meter = LoudnessMeter(48000, 2)
    >>> tone = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 / 48000 * np.arange(480000))
    >>> meter.push(np.stack([tone, tone]).astype(np.float32))
    >>> round(meter.integrated, 1)
    -23.0
    """

    def __init__(self, sample_rate: int, channels: int, *, true_peak: bool = True) -> None:
        if channels not in (1, 2):
            raise AudioError(f"loudness is measured on 1 or 2 channels, not on {channels}: mix down first")
        self._channels = channels
        self._energies = WeightedEnergy(sample_rate, channels)
        self._true_peak = TruePeakMeter(channels) if true_peak else None

    def push(self, block: F32) -> None:
        """Measure the next ``[channels, time]``; AudioError where its shape differs or a sample is not finite."""
        block = _checked(block, self._channels)
        self._energies.push(block)
        if self._true_peak is not None:
            self._true_peak.push(block)

    @property
    def integrated(self) -> float:
        """Gated loudness of all so far, in LUFS (BS.1770-4); -inf where all lies under -70 LUFS.

        Under 0.4 s, where the standard and pyloudnorm have none, it is the loudness of what there is.
        """
        e = self._energies
        if e.samples < MOMENTARY_S * e.sample_rate:
            mean_square = e.whole_windows(1 << 40)
        else:
            mean_square = e.windows(MOMENTARY_S, HOP)
        return gated_loudness(mean_square)

    @property
    def momentary_energy(self) -> F64:
        """K-weighted mean square of each whole 400 ms window, one every 100 ms: of several signals, they add up."""
        return self._energies.whole_windows(round(1 / HOP))

    @property
    def momentary(self) -> F64:
        """LUFS of each whole 400 ms window, one every 100 ms; under 400 ms, one value for what there is."""
        return _lufs(self.momentary_energy)

    @property
    def short_term(self) -> F64:
        """LUFS of each whole 3 s window, one every 100 ms; under 3 s, one value for what there is."""
        return _lufs(self._energies.whole_windows(_SHORT_TERM_HOPS))

    @property
    def max_short_term(self) -> float:
        """The loudest short-term value, in LUFS."""
        return float(self.short_term.max(initial=-np.inf))

    @property
    def loudness_range(self) -> float:
        """Loudness range in LU (EBU Tech 3342), from 3 s windows every 90 ms over the audio and 1.5 s of silence.

        That is pyloudnorm's choice inside the freedom of the standard (a hop of at most 100 ms); 0.0 where pyloudnorm
        has none: silence, and audio under 1.5 s.
        """
        e = self._energies
        padded = e.followed_by_silence(int(_RANGE_SILENCE_S * e.sample_rate))
        if padded.samples < RANGE_WINDOW_S * e.sample_rate:
            return 0.0
        levels = _lufs(padded.windows(RANGE_WINDOW_S, RANGE_HOP))
        levels = levels[levels >= _ABSOLUTE_GATE_LUFS]
        if not len(levels):
            return 0.0
        gate = 10 * math.log10(float((10 ** (levels / 10)).mean())) + _RANGE_GATE_LU
        low, high = np.percentile(levels[levels >= gate], [10, 95])
        return float(high - low)

    @property
    def sample_peak_db(self) -> float:
        """The largest sample, in dBFS."""
        return _db(self._energies.sample_peak)

    @property
    def true_peak_db(self) -> float:
        """The largest true peak, in dBTP; AudioError where the meter was told to leave it out."""
        if self._true_peak is None:
            raise AudioError("this meter leaves the true peak out: make it with true_peak=True")
        return _db(self._true_peak.peak)


def gated_loudness(mean_square: F64) -> float:
    """LUFS of K-weighted mean squares of 400 ms windows through the gates of BS.1770-4; -inf where all are silent."""
    loud = mean_square[_lufs(mean_square) >= _ABSOLUTE_GATE_LUFS]
    if not len(loud):
        return -math.inf
    gate = _lufs(loud.mean()) + _RELATIVE_GATE_LU
    return float(_lufs(loud[_lufs(loud) > gate].mean()))


def measure(audio: F32, sample_rate: int, *, true_peak: bool = True) -> LoudnessMeter:
    """A meter that has heard ``[1 or 2 channels, time]``, for those who want several of its readings."""
    meter = LoudnessMeter(sample_rate, _checked(audio).shape[0], true_peak=true_peak)
    meter.push(audio)
    return meter


def integrated_loudness(audio: F32, sample_rate: int) -> float:
    """Gated loudness of ``[1 or 2 channels, time]`` in LUFS; see ``LoudnessMeter.integrated``."""
    return measure(audio, sample_rate, true_peak=False).integrated


def short_term_loudness(audio: F32, sample_rate: int) -> F64:
    """LUFS of each whole 3 s window of ``[1 or 2 channels, time]``, one every 100 ms."""
    return measure(audio, sample_rate, true_peak=False).short_term


def loudness_range(audio: F32, sample_rate: int) -> float:
    """Loudness range of ``[1 or 2 channels, time]`` in LU; see ``LoudnessMeter.loudness_range``."""
    return measure(audio, sample_rate, true_peak=False).loudness_range


def sample_peak_db(audio: F32) -> float:
    """The largest sample of ``[channels, time]``, in dBFS."""
    return _db(float(np.abs(audio).max(initial=0.0)))


def true_peak_db(audio: F32) -> float:
    """The largest true peak of ``[channels, time]``, in dBTP."""
    meter = TruePeakMeter(audio.shape[0])
    meter.push(np.ascontiguousarray(audio, dtype=np.float32))
    return _db(meter.peak)

"""Another sample rate, by the soxr library: in one piece, in a stream, or entered in the middle."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from mixer.arrays import F32

_QUALITY = "VHQ"  # a tone comes out with less than -140 dB of error; "HQ" leaves -124 dB and is hardly faster
_LONGEST_PERIOD = 1_000
_PRE_ROLL = 2_048


def resample(audio: F32, from_rate: int, to_rate: int) -> F32:
    """``audio`` at another sample rate, by the soxr library's best setting (linear phase, no delay).

    Rates are in Hz. Same result as reading a file of these samples at ``to_rate``.

    Shape:
        audio: ``[channels, time]``; returned: ``[channels, resampled_frames(time, from_rate, to_rate)]``
    """
    if from_rate == to_rate:
        return audio
    return np.concatenate(list(resampled([audio], audio.shape[0], from_rate, to_rate)), axis=1)


def resampled_frames(frames: int, from_rate: int, to_rate: int) -> int:
    """How many frames ``frames`` become at another rate (Hz): to the nearest, halves to even.

    >>> resampled_frames(44_100, 44_100, 48_000)
    48000
    """
    return round(frames * to_rate / from_rate)


def entry_for(start: int, from_rate: int, to_rate: int) -> tuple[int, int]:
    """Where to enter a file to have output frame ``start`` as if it had been resampled from its top.

    Returns the input frame and the output frame that fall on the same instant, a pre-roll longer than soxr's filter
    before ``start``. soxr treats a ratio with a very long period as an approximation that depends on where it began:
    there the way in is the top.
    """
    common = math.gcd(from_rate, to_rate)
    period_in, period_out = from_rate // common, to_rate // common
    if period_out > _LONGEST_PERIOD:
        return 0, 0
    lead = math.ceil(_PRE_ROLL * max(1.0, from_rate / to_rate))
    periods = max(0, (start * from_rate // to_rate - lead) // period_in)
    return periods * period_in, periods * period_out


def resampled(
    pieces: Iterable[F32],
    channels: int,
    from_rate: int,
    to_rate: int,
    entry: tuple[int, int] = (0, 0),
    start: int = 0,
) -> Iterator[F32]:
    """``pieces`` at ``to_rate`` from output frame ``start`` on; the first of them begins at ``entry``."""
    stream = soxr.ResampleStream(from_rate, to_rate, channels, dtype="float32", quality=_QUALITY)
    taken, made = entry
    for piece in pieces:
        taken += piece.shape[1]
        out = stream.resample_chunk(np.ascontiguousarray(piece.T, np.float32)).T  # [channels, time]
        yield out[:, max(0, start - made) :]
        made += out.shape[1]
    out = stream.resample_chunk(np.empty((0, channels), np.float32), last=True).T
    left = max(0, resampled_frames(taken, from_rate, to_rate) - made)
    out = np.pad(out[:, :left], ((0, 0), (0, max(0, left - out.shape[1]))))
    yield out[:, max(0, start - made) :]

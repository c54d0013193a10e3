"""Natural logarithm and exponential over arrays, in loops that compile to vector instructions.

The C library's functions are called element by element and take most of a compressor's time. These are accurate to
4e-13 (relative for ``exp``, absolute for ``log``), which a test holds against numpy.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from mixer.arrays import F64

_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
"""IEEE 754 pattern of sqrt(1/2): mantissas are taken from [sqrt(1/2), sqrt(2)), where the series is shortest."""
_LN2 = 0.6931471805599453


@njit(cache=True, nogil=True, error_model="numpy")
def log_into(x: F64, out: F64) -> None:
    """``out = log(x)`` for positive, normal ``x`` ``[n]``: exponent and mantissa, then the series of artanh."""
    bits = x.view(np.int64)
    mantissa_bits = np.empty(x.shape[0], np.int64)
    for i in range(x.shape[0]):
        exponent = (bits[i] - np.int64(_SQRT_HALF_BITS)) >> np.int64(52)
        mantissa_bits[i] = bits[i] - (exponent << np.int64(52))
        out[i] = np.float64(exponent)
    mantissa = mantissa_bits.view(np.float64)
    for i in range(x.shape[0]):
        s = (mantissa[i] - 1.0) / (mantissa[i] + 1.0)
        q = s * s
        tail = 1 / 7 + q * (1 / 9 + q * (1 / 11 + q * (1 / 13 + q / 15)))
        out[i] = out[i] * _LN2 + 2 * s * (1 + q * (1 / 3 + q * (1 / 5 + q * tail)))


@njit(cache=True, nogil=True, error_model="numpy")
def exp_into(x: F64, out: F64) -> None:
    """``out = exp(x)`` for ``x`` ``[n]`` within +-700: a power of two times a Taylor series."""
    power_bits = np.empty(x.shape[0], np.int64)
    for i in range(x.shape[0]):
        power = np.floor(x[i] / _LN2 + 0.5)
        r = x[i] - power * _LN2
        power_bits[i] = (np.int64(power) + np.int64(1023)) << np.int64(52)
        tail = 1 / 720 + r * (1 / 5040 + r * (1 / 40320 + r * (1 / 362880 + r / 3628800)))
        out[i] = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * tail)))))
    powers = power_bits.view(np.float64)
    for i in range(x.shape[0]):
        out[i] *= powers[i]

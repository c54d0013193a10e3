"""A host for JSFX texts: reads their sliders, compiles their sections, and runs sound through them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit

from mixer.arrays import F32, F64
from tests.eel2 import Program

_SLIDER = re.compile(r"^slider(\d+):(-?[\d.]+)<(-?[\d.]+),(-?[\d.]+),([\d.]+)(?:\{[^}]*\})?>(.*)$", re.MULTILINE)
_BORDER = 65536


@njit
def _memset(memory, to, value, count):  # type: ignore[no-untyped-def]
    memory[int(to) : int(to) + int(count)] = value


@njit
def _memcpy(memory, to, source, count):  # type: ignore[no-untyped-def]
    memory[int(to) : int(to) + int(count)] = memory[int(source) : int(source) + int(count)].copy()


@njit
def _file_mem(memory, file, _handle, to, count):  # type: ignore[no-untyped-def]
    start = int(file[0])
    memory[int(to) : int(to) + int(count)] = file[start : start + int(count)]
    file[0] += count


@njit
def _transform(memory, at, size, sign):  # type: ignore[no-untyped-def]
    """Radix 2, in place; the order of the result is natural, which products of two transforms do not notice."""
    at, size = int(at), int(size)
    if at // 65536 != (at + 2 * size - 1) // 65536:
        raise ValueError("a transform crosses a border of 65536 numbers")
    j = 0
    for i in range(size - 1):
        if i < j:
            for part in range(2):
                a, b = at + 2 * i + part, at + 2 * j + part
                memory[a], memory[b] = memory[b], memory[a]
        bit = size >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
    half = 1
    while half < size:
        for k in range(half):
            c, s = math.cos(sign * math.pi * k / half), math.sin(sign * math.pi * k / half)
            for i in range(k, size, 2 * half):
                a, b = at + 2 * i, at + 2 * (i + half)
                re, im = c * memory[b] - s * memory[b + 1], s * memory[b] + c * memory[b + 1]
                memory[b], memory[b + 1] = memory[a] - re, memory[a + 1] - im
                memory[a] += re
                memory[a + 1] += im
        half *= 2


@njit
def _fft(memory, at, size):  # type: ignore[no-untyped-def]
    _transform(memory, at, size, -1.0)


@njit
def _ifft(memory, at, size):  # type: ignore[no-untyped-def]
    _transform(memory, at, size, 1.0)


@njit
def _convolve_c(memory, to, source, size):  # type: ignore[no-untyped-def]
    for i in range(int(size)):
        a, b = int(to) + 2 * i, int(source) + 2 * i
        re = memory[a] * memory[b] - memory[a + 1] * memory[b + 1]
        memory[a + 1] = memory[a] * memory[b + 1] + memory[a + 1] * memory[b]
        memory[a] = re


@dataclass(frozen=True)
class Slider:
    """One line of a text's sliders."""

    default: float
    low: float
    high: float
    step: float
    name: str


class Effect:
    """One JSFX at one sample rate, with the file that it may read as ``[frames, channels]``."""

    def __init__(self, text: str, sample_rate: int, file: F32 | None = None) -> None:
        self.sliders = {
            int(number): Slider(float(default), float(low), float(high), float(step), name)
            for number, default, low, high, step, name in _SLIDER.findall(text)
        }
        self._program, self._sections = compiled(text[text.index("\n@") :])  # files and sliders do not matter
        self.values = np.zeros(len(self._program.names))
        self._memory = np.zeros(100_000 if file is None else 4 * file.size + 3_000_000)
        self._set("srate", sample_rate)
        self._set("samplesblock", 512)
        self._file = np.zeros(3)
        if file is not None:
            self._file = np.concatenate([[3.0, file.shape[1], sample_rate], file.ravel().astype(np.float64)])
        for number, slider in self.sliders.items():
            self._set(f"slider{number}", slider.default)
        self._call("init")

    @property
    def latency(self) -> int:
        """Samples that the host compensates."""
        return int(self.get("pdc_delay"))

    def get(self, name: str) -> float:
        """A variable of the text; 0 where it has none of that name."""
        place = self._program.names.get(name)
        return 0.0 if place is None else float(self.values[place])

    def _set(self, name: str, value: float) -> None:
        if name in self._program.names:
            self.values[self._program.names[name]] = value

    def _call(self, section: str) -> None:
        self._sections[section](self.values, self._memory, self._file)

    def set(self, values: Mapping[int, float]) -> None:
        """Move sliders, by number."""
        for number, value in values.items():
            self._set(f"slider{number}", value)
        self._call("slider")

    def run(self, audio: F32 | F64) -> F64:
        """Sound ``[2, n]`` through the effect, its latency taken off."""
        padded = np.pad(audio.astype(np.float64), ((0, 0), (0, self.latency)))
        names = self._program.names
        self._sections["run"](self.values, self._memory, self._file, padded, names["spl0"], names["spl1"])
        return padded[:, self.latency :]


@lru_cache(maxsize=32)
def compiled(text: str) -> tuple[Program, dict[str, Any]]:
    """The sections of a text as functions: those that it has, and ``run``, which is ``@sample`` over an array."""
    parts = re.split(r"^@(\w+)[^\n]*$", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    program = Program()
    for name in ("srate", "spl0", "spl1"):
        program.place(name)
    for name in ("init", "slider", "sample"):
        program.add(name, sections.get(name, ""))
    program.source += ["@njit", "def run(V, MEM, FILE, audio, left, right):"]
    program.source += ["    for n in range(audio.shape[1]):", "        V[left] = audio[0, n]"]
    program.source += ["        V[right] = audio[1, n]", "        sample(V, MEM, FILE)"]
    program.source += ["        audio[0, n] = V[left]", "        audio[1, n] = V[right]"]
    space: dict[str, Any] = {"math": math, "njit": njit, "memset": _memset, "memcpy": _memcpy, "file_mem": _file_mem}
    space |= {"fft": _fft, "ifft": _ifft, "convolve_c": _convolve_c}
    exec("\n".join(program.source), space)
    return program, space

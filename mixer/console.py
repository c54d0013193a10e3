"""The console: the signal flow, once, for the differentiable and for the render path.

    track -> strip processors -> fader -> panner --+-----------------------> sum -> master processors -> mix
                                                   +--> send -> reverb bus --^

Which processors stand where is what the registry says. A processor that is absent from the settings is bypassed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from mixer._parallel import cores, parallel_map
from mixer.arrays import F32, F64
from mixer.processor import Place, Processor, Renderer, Values, chain

Audio = TypeVar("Audio")
Process = Callable[[Processor, Audio], Audio]
ChainValues = Mapping[str, Values]
"""Processor name -> knob name -> value, for one strip, the reverb bus or the master."""
ChainTensors = Mapping[str, Mapping[str, Tensor]]
"""The same with a tensor ``[tracks]`` for each knob."""

BLOCK = 65536
"""Frames that the render path takes through the console at once."""
RING_OUT_S = 5.0
"""How long a strip is listened to after its track has ended: a narrow boost at 20 Hz falls by 60 dB in 3.5 s."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of all knobs, in engineering units. Knobs that are left out stand at their defaults."""

    tracks: Mapping[str, ChainValues]
    reverb: ChainValues
    master: ChainValues


def _strip(audio: Audio, process: Process[Audio]) -> Audio:
    for processor in chain(Place.STRIP):
        audio = process(processor, audio)
    return audio


def _master(audio: Audio, process: Process[Audio]) -> Audio:
    for processor in chain(Place.MASTER):
        audio = process(processor, audio)
    return audio


def is_open(values: ChainValues, place: Place) -> bool:
    """Whether any send of a strip, or any processor of the bus, lets sound through."""
    for processor in chain(place):
        if processor.name in values:
            knobs = values[processor.name]
            if not any(param.is_off(knobs.get(param.name, param.default)) for param in processor.params):
                return True
    return False


# --- differentiable path -----------------------------------------------------------------------------------------


def _applied(values: ChainTensors, sample_rate: int) -> Process[Tensor]:
    def process(processor: Processor, audio: Tensor) -> Tensor:
        return processor(audio, sample_rate, **values[processor.name]) if processor.name in values else audio

    return process


def strips(tracks: Tensor, sample_rate: int, values: ChainTensors) -> Tensor:
    """A batch of tracks through their strips, post pan: ``[tracks, 1 or 2, time] -> [tracks, 2, time]``.

    Args:
        values: a tensor ``[tracks]`` for each knob; without a panner, mono tracks come out on both sides.
    """
    return _strip(tracks, _applied(values, sample_rate)).expand(-1, 2, -1)


def reverb_bus(posts: Tensor, sample_rate: int, sends: ChainTensors, reverb: ChainTensors) -> Tensor:
    """What the reverb bus adds to the mix: posts ``[tracks, 2, time] -> [2, time]``."""
    sent = [processor(posts, sample_rate, **sends[processor.name]) for processor in chain(Place.SEND)]
    bus = torch.stack(sent).sum((0, 1))[None]
    for processor in chain(Place.BUS):
        bus = processor(bus, sample_rate, **reverb.get(processor.name, {}))
    return bus[0]


def master(mix: Tensor, sample_rate: int, values: ChainTensors) -> Tensor:
    """The sum of tracks and reverb through the master: ``[2, time] -> [2, time]``."""
    return _master(mix[None], _applied(values, sample_rate))[0]


def add(posts: Tensor) -> Tensor:
    """The tracks' sum ``[tracks, 2, time] -> [2, time]``, rounded once, as the render path does it."""
    return posts.double().sum(0).to(posts.dtype)


# --- render path -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source:
    """One track as the renderer takes it.

    ``open(block)`` starts a fresh pass and yields consecutive float32 blocks ``[channels, block]``, the last of them
    shorter, ``frames`` in all, at the console's sample rate.
    """

    key: str
    channels: int
    frames: int
    open: Callable[[int], Iterator[F32]]

    @classmethod
    def of_array(cls, key: str, audio: F32) -> Source:
        """A source that reads from memory: audio ``[1 or 2, time]``."""

        def blocks(block: int) -> Iterator[F32]:
            return (audio[:, start : start + block].copy() for start in range(0, audio.shape[1], block))

        return cls(key, audio.shape[0], audio.shape[1], blocks)


class _Chain:
    """The renderers of one strip, bus or master."""

    def __init__(self, place: Place, values: ChainValues, sample_rate: int, channels: int) -> None:
        self._renderers: dict[str, Renderer] = {}
        for processor in chain(place):
            if processor.name in values:
                self._renderers[processor.name] = processor.render(sample_rate, channels, values[processor.name])
        self.latency = sum(renderer.latency for renderer in self._renderers.values())
        self.tail = sum(renderer.tail for renderer in self._renderers.values())
        if self.latency and place is not Place.MASTER:
            raise ValueError(f"a processor on the {place} may have no latency; only the master's is compensated")

    def __call__(self, processor: Processor, block: F32) -> F32:
        renderer = self._renderers.get(processor.name)
        return block if renderer is None else renderer(block)


class _StripRenderer:
    """One track: its source, its chain, its sends."""

    def __init__(self, source: Source, values: ChainValues, sample_rate: int, block: int, wet: bool) -> None:
        self._blocks = source.open(block)
        self._end = np.zeros((source.channels, 0), np.float32)
        self._ringing = round(RING_OUT_S * sample_rate)
        self._chain = _Chain(Place.STRIP, values, sample_rate, source.channels)
        self._sends = _Chain(Place.SEND, values, sample_rate, 2) if wet and is_open(values, Place.SEND) else None

    def next(self, size: int) -> tuple[F32, F32 | None] | None:
        """The next ``size`` frames, post pan, and what they send to the reverb; None when the track has rung out."""
        block = next(self._blocks, self._end)
        silence = min(size - block.shape[1], self._ringing)
        if silence > 0:
            block = np.pad(block, ((0, 0), (0, silence)))
            self._ringing -= silence
        if not block.shape[1]:
            return None
        post = _strip(block, self._chain)
        if post.shape[0] == 1:
            post = np.repeat(post, 2, axis=0)
        sent = None
        if self._sends is not None:
            sent = np.sum([self._sends(processor, post.copy()) for processor in chain(Place.SEND)], axis=0)
        return post, sent


def sum_blocks(
    sources: Sequence[Source], settings: Settings, sample_rate: int, *, block: int = BLOCK, threads: int | None = None
) -> Iterator[F32]:
    """What reaches the master, ``[2, block]`` block by block: the strips and the reverb.

    It is as long as the longest track, and as the reverb rings on when a send is open.
    """
    wet = is_open(settings.reverb, Place.BUS)
    lanes = [_StripRenderer(source, settings.tracks[source.key], sample_rate, block, wet) for source in sources]
    bus = _Chain(Place.BUS, settings.reverb, sample_rate, 2)
    sending = wet and any(is_open(settings.tracks[source.key], Place.SEND) for source in sources)
    length = max((source.frames for source in sources), default=0) + (bus.tail if sending else 0)
    for start in range(0, length, block):
        dry, sent = _sum_of_strips(lanes, min(block, length - start), threads)
        if sending:
            returned = sent.astype(np.float32)
            for processor in chain(Place.BUS):
                returned = bus(processor, returned)
            dry += returned
        yield dry.astype(np.float32)


def master_blocks(blocks: Iterable[F32], values: ChainValues, sample_rate: int) -> Iterator[F32]:
    """Blocks ``[2, n]`` through the master, its latency compensated: as many frames come out as go in."""
    final = _Chain(Place.MASTER, values, sample_rate, 2)
    skip = final.latency
    for block in itertools.chain(blocks, [np.zeros((2, final.latency), np.float32)]):
        mix = _master(block, final)
        if skip < mix.shape[1]:
            yield mix[:, skip:]
        skip = max(0, skip - mix.shape[1])


def mix_blocks(
    sources: Sequence[Source], settings: Settings, sample_rate: int, *, block: int = BLOCK, threads: int | None = None
) -> Iterator[F32]:
    """Render: yields the mix ``[2, n]`` block by block, in memory that does not depend on the length.

    The result depends neither on ``threads`` nor (beyond rounding in the reverb) on ``block``.
    """
    return master_blocks(
        sum_blocks(sources, settings, sample_rate, block=block, threads=threads), settings.master, sample_rate
    )


def _sum_of_strips(lanes: Sequence[_StripRenderer], size: int, threads: int | None) -> tuple[F64, F64]:
    """The next ``size`` frames of all tracks, dry and sent ``[2, size]``, summed in their order."""
    dry, sent = np.zeros((2, size)), np.zeros((2, size))
    group = 2 * (threads or cores())
    for first in range(0, len(lanes), group):
        some = lanes[first : first + group]
        for result in parallel_map(lambda index, some=some: some[index].next(size), len(some), threads):  # type: ignore[misc]
            if result is not None:
                post, send = result
                dry[:, : post.shape[1]] += post
                if send is not None:
                    sent[:, : send.shape[1]] += send
    return dry, sent


def mix_array(
    sources: Sequence[Source], settings: Settings, sample_rate: int, *, block: int = BLOCK, threads: int | None = None
) -> F32:
    """``mix_blocks`` in one piece, ``[2, time]``: for short songs and tests."""
    blocks = list(mix_blocks(sources, settings, sample_rate, block=block, threads=threads))
    return np.concatenate([np.zeros((2, 0), np.float32), *blocks], axis=1)

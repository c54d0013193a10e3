"""The mix as a listener model hears it, on the desk and in the console's differentiable path."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from mixer.console import add, master, reverb_bus
from mixer.processor import Place, chain
from style_transfer.clap.model import Clap
from style_transfer.clap.opinion import Opinion, verdict
from style_transfer.desk import Desk
from style_transfer.listen import Segment

ANCHOR = "music"
"""Neutral words: what brings a mix nearer to these as well has not brought it nearer to the prompt."""
_RMS = 0.1
"""All is played to the model equally loud: it takes a louder mix for another one."""
_BEFORE_LIMITER = ("equalizer", "compressor")

Offsets = dict[tuple[str, str], Tensor]


def opinion(
    clap: Clap, text: str, segments: Sequence[Segment], before: Desk, after: Desk, *, refined: bool = False
) -> Opinion:
    """Compare the mix on two desks with the words of a prompt."""
    words = clap.texts([text, ANCHOR])
    with torch.no_grad():
        was, now = (torch.stack([nearness(clap, words, desk, each) for each in segments]) for desk in (before, after))
    about = clap.about
    return Opinion(
        model=about.name,
        sha256=about.sha256,
        license=about.license,
        text=text,
        anchor=ANCHOR,
        before=round(float(was.mean()), 5),
        after=round(float(now.mean()), 5),
        verdict=verdict((now - was).tolist()),
        refined=refined,
    )


def nearness(clap: Clap, words: Tensor, desk: Desk, segment: Segment, offsets: Offsets | None = None) -> Tensor:
    """How much nearer a segment's mix is to the first words than to the second; differentiable in the offsets.

    Args:
        offsets: on top of the desk's values: of a strip's knobs ``[tracks]``, of the master's as ``("master", knob)``.
    """
    mono = played(desk, segment, offsets or {}).mean(0, keepdim=True)
    even = mono * (_RMS / mono.square().mean().sqrt().clamp_min(1e-6))
    likeness = clap.sounds(even, desk.sample_rate)[0] @ words.T
    return likeness[0] - likeness[1]


def played(desk: Desk, segment: Segment, offsets: Offsets) -> Tensor:
    """The mix of a segment before the limiter, ``[2, time]``."""
    table = desk.tensors({key: offset for key, offset in offsets.items() if key[0] != "master"})
    sends = {processor.name: table[processor.name] for processor in chain(Place.SEND)}
    posts = desk.posts(segment, table)
    mix = add(posts) + reverb_bus(posts, desk.sample_rate, sends, _single(desk.values["reverb"], {}))
    rows = {name: knobs for name, knobs in desk.values["master"].items() if name in _BEFORE_LIMITER}
    return master(mix, desk.sample_rate, _single(rows, offsets))


def _single(rows: dict[str, dict[str, float]], offsets: Offsets) -> dict[str, dict[str, Tensor]]:
    """One chain's knobs as tensors ``[1]``; the offsets are of its equaliser."""
    table = {
        name: {knob: torch.tensor([value], dtype=torch.float64) for knob, value in knobs.items()}
        for name, knobs in rows.items()
    }
    for (place, knob), offset in offsets.items():
        if place == "master":
            table["equalizer"][knob] = table["equalizer"][knob] + offset
    return table

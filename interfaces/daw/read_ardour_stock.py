"""Ardour's own equaliser and compressor, read back as ours: the inverse of ``interfaces.daw.ardour_stock``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from interfaces.daw.ardour_law import shelf_hz
from interfaces.daw.daw_session import number_at
from mixer.processors.equalizer import PEAKS

_KINDS = {"urn:ardour:a-eq": "equalizer", "urn:ardour:a-comp": "compressor", "urn:ardour:a-comp#stereo": "compressor"}
_COMPRESSOR = {
    "att": "attack_ms",
    "rel": "release_ms",
    "rat": "ratio",
    "thr": "threshold_db",
    "mak": "makeup_db",
}


def stock_kind(processor: Element) -> str:
    """Which of our processors a plugin of Ardour's own stands for; empty if none."""
    return _KINDS.get(processor.get("unique-id", ""), "")


def stock_knobs(processor: Element, sample_rate: int) -> dict[str, float]:
    """What a plugin's control ports are on our knobs. A band that is flat says nothing of its frequency and width."""
    ports = {port.get("symbol", ""): number_at([port.get("value", "")], 0) for port in processor.findall("lv2/Port")}
    return _equalizer(ports, sample_rate) if stock_kind(processor) == "equalizer" else _compressor(ports)


def octaves_to_q(octaves: float) -> float:
    """The inverse of ``bandwidth_octaves``."""
    return 1 / (2 * math.sinh(max(octaves, 1e-3) * math.log(2) / 2))


def _equalizer(ports: Mapping[str, float], sample_rate: int) -> dict[str, float]:
    knobs: dict[str, float] = {}
    for band, letter in (("low", "l"), ("high", "h")):
        gain_db = ports.get(f"g{letter}", 0.0) if ports.get(f"filtog{letter}", 1.0) else 0.0
        knobs[f"{band}_gain_db"] = gain_db
        hz = ports.get(f"freq{letter}", 0.0)
        if gain_db and 0 < hz < sample_rate / 2:  # the same law with the gain turned round leads back
            knobs[f"{band}_hz"] = shelf_hz(hz, -gain_db, sample_rate, high=band == "high")
    for index in PEAKS:
        gain_db = ports.get(f"g{index}", 0.0) if ports.get(f"filtog{index}", 1.0) else 0.0
        knobs[f"peak{index}_gain_db"] = gain_db
        if gain_db:
            knobs[f"peak{index}_hz"] = ports.get(f"freq{index}", PEAKS[index])
            knobs[f"peak{index}_q"] = octaves_to_q(ports.get(f"bw{index}", 1.0))
    return knobs


def _compressor(ports: Mapping[str, float]) -> dict[str, float]:
    knobs = {ours: ports[theirs] for theirs, ours in _COMPRESSOR.items() if theirs in ports}
    if ports.get("kn", 0.0) > 0:
        knobs["knee_db"] = 6 * ports["kn"] + 0.01
    return knobs

"""The room: what is predicted of it in powers is what the reverb does, and a known one is found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from mixer import audio
from mixer.console import add, reverb_bus
from mixer.processor import find
from mixer.scan import scan
from style_transfer.desk import Desk
from style_transfer.listen import cut, hear
from style_transfer.same_song.decay import decay_kernel, powers, smeared
from style_transfer.same_song.excerpts import Excerpt
from style_transfer.same_song.space import fit_space
from style_transfer.start import current_values
from tests.songs import RATE, write_song


def test_powers_over_time_predict_the_reverb() -> None:
    """Bursts of noise: each band within 1 dB on average, where one response is one draw of its noise."""
    rng, time = np.random.default_rng(3), np.arange(4 * RATE) / RATE
    bursts = rng.standard_normal((1, len(time))) * (time % 1.3 < 0.1)
    sound = torch.from_numpy(bursts.astype(np.float32))
    room = find("reverb").defaults() | {"decay_s": 1.2, "damping": 0.4}
    wet = find("reverb")(sound[None].expand(1, 2, -1), RATE, **room)[0]
    real = powers(wet, RATE).mean(0)
    predicted = smeared(powers(sound, RATE), decay_kernel(RATE, room))[0]
    apart = 10 * torch.log10(predicted.mean(1) / real.mean(1))
    assert float(apart[1:-1].abs().mean()) < 1.0  # the outermost bands hold few bins
    late = (10 * torch.log10(predicted / real))[3:20, 5:].mean()
    assert abs(float(late)) < 2.6  # the mean of a logarithm of such powers lies 2.5 dB under that of their mean


def test_a_known_room_is_found_again(tmp_path: Path) -> None:
    """Hits of two tracks, one sent 15 dB more than the other, into a room with another pre-delay than ours has."""
    rng, time = np.random.default_rng(4), np.arange(6 * RATE) / RATE
    hits = 0.2 * rng.standard_normal((2, len(time))) * np.stack([time % 1.5 < 0.08, time % 2.1 < 0.15])
    for name, row in zip(("one", "two"), hits, strict=True):
        audio.write(tmp_path / f"{name}.wav", row[None].astype(np.float32), RATE, depth="float")
    session = scan(tmp_path).session
    heard = hear(session, tmp_path)
    (segment,), _ = cut(heard, [(0, len(time))], RATE, tmp_path)
    desk = Desk(session, heard, current_values(session), RATE)
    posts = desk.posts(segment, {name: knobs for name, knobs in desk.tensors({}).items() if name != "send"})
    sends = {"send": {"level_db": torch.tensor([-10.0, -25.0], dtype=torch.float64)}}
    room = find("reverb").defaults() | {"decay_s": 1.8, "predelay_ms": 35.0}
    bus = {"reverb": {name: torch.tensor([value], dtype=torch.float64) for name, value in room.items()}}
    mix = add(posts) + reverb_bus(posts, RATE, sends, bus)
    found = fit_space(desk, [Excerpt(segment, mix)])
    assert 1.1 < found["reverb"]["reverb"]["decay_s"] < 2.8
    levels = [found[track.id]["send"]["level_db"] for track in session.tracks]
    assert levels[0] > levels[1] + 6
    assert -16 < levels[0] < -7  # two rooms never cancel, so a little less than there is comes nearest


def test_without_a_room_none_is_switched_on(tmp_path: Path) -> None:
    session = write_song(tmp_path, seconds=3.0)
    heard = hear(session, tmp_path)
    segments, order = cut(heard, [(0, 3 * RATE)], RATE, tmp_path)
    desk = Desk(session, [heard[index] for index in order], current_values(session), RATE)
    mix = 0.9 * add(desk.posts(segments[0], {}))  # as if every fader were a little off
    found = fit_space(desk, [Excerpt(segments[0], mix)])
    assert all(found[track.id]["send"]["level_db"] == -60.0 for track in session.tracks)

"""The mix as cross powers against the console itself: levels, places and tones moved one by one and together."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from mixer.console import add
from mixer.session import Session
from style_transfer.desk import Desk
from style_transfer.features import Power
from style_transfer.field import Field, slopes
from style_transfer.listen import Heard, Segment
from style_transfer.setting import Setting
from style_transfer.start import Values, current_values
from tests.songs import write_song
from tests.style_transfer.desks import desk_of, heard_song

Song = tuple[Session, list[Heard], list[Segment]]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Song:
    folder = tmp_path_factory.mktemp("song")
    session = write_song(folder, seconds=4.0)
    return session, *heard_song(session, folder)


def moved(session: Session, eq_db: float) -> Values:
    """Every track somewhere else; EQ gains of either sign up to ``eq_db``."""
    rng = np.random.default_rng(3)
    values = current_values(session)
    for track in session.tracks:
        strip = values[track.id]
        strip["fader"]["gain_db"] = float(rng.uniform(-9, 6))
        strip["panner"]["pan"] = float(rng.uniform(-0.8, 0.8))
        strip["panner"]["width"] = float(rng.uniform(0.3, 1.6))
        for knob in ("low_gain_db", "peak2_gain_db", "peak4_gain_db", "high_gain_db"):
            strip["equalizer"][knob] = float(rng.uniform(-eq_db, eq_db))
    return values


def console_power(desk: Desk, segments: list[Segment]) -> Power:
    """Of the real sum of the strips, by windows."""
    table = desk.tensors({})
    parts = [(segment.frames, Power.of(add(desk.posts(segment, table)), desk.sample_rate)) for segment in segments]
    total = sum((power * float(frames) for frames, power in parts), Power.nothing())
    return total * (1 / sum(frames for frames, _ in parts))


def apart_db(ours: torch.Tensor, truth: torch.Tensor) -> float:
    """Largest difference over the bands that hold more than a thousandth of the whole.

    Without the lowest, which is wider than two octaves: an equaliser is not one figure there.
    """
    loud = truth > 1e-3 * truth.sum()
    loud[0] = False
    return float((10 * torch.log10(ours[loud] / truth[loud])).abs().max())


@pytest.mark.parametrize(("eq_db", "within_db"), [(0.0, 0.02), (6.0, 0.8)])
def test_the_field_is_the_console_in_powers(song: Song, eq_db: float, within_db: float) -> None:
    """Gains and places are exact; equalisers are taken at the bands' centres and without their phase."""
    session, heard, segments = song
    desk = desk_of(session, heard)
    field = Field.of(desk, segments)
    there = moved(session, eq_db)
    ours = Setting.of(desk, field, there).mix()
    truth = console_power(desk_of(session, heard, there), segments)
    assert apart_db(ours.mid, truth.mid) < within_db
    assert apart_db(ours.side, truth.side) < 2 * within_db


def test_tracks_that_share_a_source_add_up_in_amplitude(song: Song) -> None:
    """Two copies of one track are 6 dB over it, and cancel where one is turned over."""
    session, heard, segments = song
    mono = [entry for entry in heard if entry.track.channels == 1][:1]
    copies = [Segment(s.start, s.frames, s.preroll, torch.cat([s.mono[:1]] * 2), s.stereo[:0]) for s in segments]
    desk = desk_of(session, mono * 2)
    field = Field.of(desk, copies)
    both = field.powers(field.weights(torch.zeros(2, 25), torch.zeros(2), torch.ones(2)), torch.ones(1, 2).double())
    one = field.powers(field.weights(torch.zeros(2, 25), torch.zeros(2), torch.ones(2)), torch.eye(2).double()[:1])
    assert float(10 * torch.log10(both.mid.sum() / one.mid.sum())) == pytest.approx(6.02, abs=0.01)


def test_a_decibel_of_a_band_is_a_decibel_at_its_centre(song: Song) -> None:
    session, heard, _ = song
    knobs = desk_of(session, heard).tensors({})["equalizer"]
    shapes = slopes(session.sample_rate, knobs)
    assert shapes.shape == (len(heard), 6, 25)
    assert float(shapes[0].max()) <= 1.001
    assert shapes[0].amax(1).tolist() == pytest.approx([1.0] * 6, abs=0.2)  # the nearest band is not the very centre

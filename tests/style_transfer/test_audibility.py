"""Partial masking: what covers what, and that it is heard in the moments in which a track plays."""

from __future__ import annotations

import pytest
import torch

from style_transfer.audibility import AUDIBLE_DB, audibility_db, masking_map, sounding
from style_transfer.features import BANDS


def tones(*tracks: tuple[int, float], windows: int = 40) -> torch.Tensor:
    """Each track a band and a level in dB: ``[tracks, bands, windows]``."""
    moments = torch.zeros(len(tracks), BANDS, windows)
    for row, (band, level_db) in enumerate(tracks):
        moments[row, band] = 10 ** (level_db / 10)
    return moments


def flat(moments: torch.Tensor) -> torch.Tensor:
    return torch.zeros(moments.shape[:2])


def test_a_lower_masker_covers_more_than_a_higher_one() -> None:
    moments = tones((10, 0.0), (12, -25.0), (8, -25.0))
    over = masking_map(moments, flat(moments))
    assert float(over[1, 12]) == pytest.approx(-25 + 20, abs=0.5)  # two Barks above the masker: 10 dB each
    assert float(over[2, 8]) == pytest.approx(-25 + 50, abs=0.5)  # two below: 25 dB each


def test_turning_a_track_down_hides_it_and_turning_the_others_down_brings_it_back() -> None:
    moments = tones((10, 0.0), (10, -3.0))
    there = float(audibility_db(moments, flat(moments))[1])
    assert there > AUDIBLE_DB
    down = flat(moments)
    down[1] = -15.0
    assert float(audibility_db(moments, down)[1]) == pytest.approx(there - 15, abs=0.3)
    down[0] = -15.0
    assert float(audibility_db(moments, down)[1]) == pytest.approx(there, abs=0.3)


def test_a_sparse_track_counts_while_it_plays() -> None:
    """A hit once in forty windows, 6 dB over the rest, is heard, however little it is on average."""
    moments = tones((14, 0.0), (14, 0.0))
    moments[1, 14] = 0.0
    moments[1, 14, 7] = 4.0
    assert sounding(moments)[1].sum() == 1
    assert float(audibility_db(moments, flat(moments))[1]) == pytest.approx(6.0, abs=0.6)


def test_silence_has_no_opinion() -> None:
    moments = tones((10, 0.0), (10, -300.0))
    assert torch.isfinite(audibility_db(moments, flat(moments))).all()

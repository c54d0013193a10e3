"""Sessions to learn from: other instruments of a kind, and drum kits on one track, as powers allow."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from mixer.roles import Group, Role
from style_transfer.controller.effects import gated_lufs, weighted
from style_transfer.controller.takes import GROUP_OF, GROUPS, ROLES
from style_transfer.features import BANDS, band_weights
from style_transfer.train.bank import RATE, Kept
from style_transfer.train.scenes import TONE_DB, bussed, draw_scenes, toned

PLAYED = (Role.KICK, Role.SNARE, Role.HATS, Role.BASS, Role.GUITAR)


@pytest.fixture
def takes() -> tuple[Tensor, Tensor, Tensor]:
    """Steady tracks, one 6 dB under the other, the second half 3 dB louder: powers, loudness and numbers agree."""
    levels = torch.arange(len(PLAYED)) * -0.6
    levels = 10 ** (torch.stack([levels, levels + 0.3]) - 4).double()  # [halves, tracks]
    tones = torch.from_numpy(np.random.default_rng(1).uniform(0.5, 1, (1, len(PLAYED), 1, BANDS)))
    power = levels[..., None, None] * tones * torch.tensor([1.0, 0.1, 0.0]).double()[:, None]
    loudness = weighted(power, band_weights(RATE))[..., None].expand(-1, -1, 40)
    loud = gated_lufs(loudness).float()
    return power, loudness, torch.stack([loud, torch.full_like(loud, 5.0), loud + 12], dim=-1)


def test_a_tone_is_that_of_the_take_whatever_the_half(takes: tuple[Tensor, Tensor, Tensor]) -> None:
    power, loudness, numbers = toned(*takes, np.random.default_rng(0))
    curves_db = 10 * torch.log10(power[:, :, :2] / takes[0][:, :, :2])
    assert float((curves_db - curves_db[:1, :, :1]).abs().max()) < 1e-9
    assert 0.3 * TONE_DB < float(curves_db.abs().max()) < 4 * TONE_DB
    assert float(curves_db.diff(dim=-1).abs().max()) < TONE_DB  # smooth
    heard = weighted(power, band_weights(RATE))
    assert loudness[..., 0] == pytest.approx(heard)
    assert numbers[..., 0].numpy() == pytest.approx(gated_lufs(loudness).numpy(), abs=1e-3)
    assert numbers[..., 2].numpy() == pytest.approx(numbers[..., 0].numpy() + 12, abs=1e-3)
    assert bool((numbers[..., 1] == 5).all())


def test_a_kit_on_one_track_is_as_loud_as_its_pieces(takes: tuple[Tensor, Tensor, Tensor]) -> None:
    kit = torch.tensor([role.group is Group.DRUMS for role in PLAYED])
    power, loudness, numbers = bussed(takes, kit)
    assert power.shape[1] == len(PLAYED) - 2
    assert power.sum(1).numpy() == pytest.approx(takes[0].sum(1).numpy())
    assert bool((power[:, :-1] == takes[0][:, ~kit]).all())
    assert loudness[:, -1].numpy() == pytest.approx(takes[1][:, kit].sum(1).numpy())
    assert numbers[:, -1, 0].numpy() == pytest.approx(gated_lufs(loudness[:, -1]).numpy(), abs=1e-3)
    # peaks that meet by chance: between the loudest alone and all at once
    loudest = takes[2][:, kit, 2].amax(1)
    assert bool(((numbers[:, -1, 2] > loudest) & (numbers[:, -1, 2] < loudest + 10)).all())


def test_kits_come_in_pieces_and_on_one_track(takes: tuple[Tensor, Tensor, Tensor]) -> None:
    power, loudness, numbers = takes
    roles = torch.tensor([ROLES.index(role) for role in PLAYED])
    song = Kept("a", "s", "f", "r", "k", power.float(), loudness.float(), numbers, torch.zeros(len(PLAYED)), roles)
    scenes = draw_scenes([song], 200, np.random.default_rng(3))
    for takes_of_half in (scenes.reference, scenes.session):
        assert bool((takes_of_half.there.sum(1) >= 2).all())
    there, role = scenes.reference.there, scenes.reference.role
    drums = (GROUP_OF[role] == GROUPS.index(Group.DRUMS)) & there
    one = (role == ROLES.index(Role.DRUMS)) & there
    assert 0.1 < float(one.any(1).float().mean()) < 0.5
    assert bool((drums.sum(1)[one.any(1)] == 1).all())
    assert bool(scenes.reference.stereo[one].all())
    assert 10 * torch.log10(scenes.reference.power[there].sum((-1, -2))).std() > 3  # recorded at uneven levels

"""What examples are made of: knobs as somebody might turn them, and mixes on powers that are those on sound."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch

from mixer.console import add, reverb_bus, strips
from mixer.processor import Place
from mixer.roles import Role
from style_transfer.controller.effects import weighted, whole
from style_transfer.controller.heads import column, engineering, mix_heads, strip_heads, units_of
from style_transfer.controller.takes import GROUPS, Takes, takes_of
from style_transfer.features import BANDS, EDGES_HZ, Power, band_weights
from style_transfer.listen import hear
from style_transfer.start import practice_start
from style_transfer.train.draw import Rooms, answer, drawn_mix, drawn_strips, mixed
from style_transfer.train.known import known_of
from tests.songs import RATE, stems, write_song

HEADS, MIX = strip_heads(), mix_heads()


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Takes:
    folder: Path = tmp_path_factory.mktemp("song")
    session = write_song(folder, 4.0)
    heard = hear(session, folder)
    usual = units_of(practice_start(session, heard), [entry.track.id for entry in heard], HEADS)
    return takes_of(heard, usual)


def test_a_mix_on_powers_is_near_the_mix_on_sound(takes: Takes) -> None:
    generator = torch.Generator().manual_seed(3)
    units = drawn_strips(takes, HEADS, generator)
    bus = [head for head in MIX if head.place is Place.BUS]
    rest = torch.tensor([[head.param.to_unit(head.param.default) for head in MIX]])
    room = answer(rest[0, [MIX.index(head) for head in bus]], bus)[None]
    made = mixed(takes, units, rest, room, (HEADS, MIX))
    names = ("equalizer", "fader", "panner")
    audio = [torch.from_numpy(track)[None] for track in stems(4.0).values()]
    posts = torch.cat(
        [
            strips(
                x,
                RATE,
                {name: {k: v[0, row : row + 1] for k, v in engineering(units, HEADS, name).items()} for name in names},
            )
            for row, x in enumerate(audio)
        ]
    )
    sends = {"send": {"level_db": engineering(units, HEADS, "send", Place.SEND)["level_db"][0]}}
    mix = add(posts) + reverb_bus(posts, RATE, sends, {})
    heard = Power.of(mix, RATE)
    powers = torch.stack([torch.stack([p.mid, p.side]) for p in (Power.of(post, RATE) for post in posts)])
    weights = band_weights(RATE)
    real, model = (10 * torch.log10(weighted(some, weights)) for some in (powers, made.tracks[0]))
    apart = (real - model) - (real - model).mean()
    # bands are taken at their centres, and reverb counts with its track; the kick is one tone in a band of two octaves
    assert float(apart[1:].abs().max()) < 1.0
    assert float(apart[0].abs()) < 4.0
    found = whole(made.tracks[0].sum(0), weights).mid_db
    wanted = whole(torch.stack([heard.mid, heard.side, heard.cross]), weights).mid_db
    loud = wanted > wanted.max() - 25
    assert float((found - wanted)[loud].abs().mean()) < 1.5


def test_a_room_answers_with_one_unit_of_energy_on_each_side() -> None:
    bus = [head for head in MIX if head.place is Place.BUS]
    units = torch.tensor([head.param.to_unit(head.param.default) for head in bus])
    answered = answer(units, bus)
    assert answered.shape == (2, BANDS)
    # over all frequencies the mean power of either side is 1, and so is the sum of mid's and side's
    share = torch.tensor([high - low for low, high in pairwise(EDGES_HZ)]) / (RATE / 2)
    assert float((answered.sum(0) * share).sum()) == pytest.approx(1.0, abs=0.1)  # little lies beyond 20 kHz
    assert float(answered[:, 0].sum()) < 0.3 * float(answered[:, 5].sum())  # the low cut


def test_a_drawn_balance_leaves_practice_by_as_much_as_mixes_do(takes: Takes) -> None:
    generator = torch.Generator().manual_seed(1)
    fader = column(HEADS, "fader", "gain_db")
    offsets = torch.stack([drawn_strips(takes, HEADS, generator)[0, :, fader] for _ in range(300)])
    moved_db = 84 * (offsets - takes.usual[0, :, fader])
    assert float(moved_db.mean().abs()) < 0.5
    assert float(moved_db.std()) == pytest.approx((3.5**2 + 3.0**2) ** 0.5, rel=0.1)


def test_true_stems_say_what_is_there(takes: Takes) -> None:
    """What is told of present groups is right within its tolerance, and what is absent is never present."""
    generator = torch.Generator().manual_seed(2)
    without_voice = takes.there & (takes.role != list(Role).index(Role.LEAD_VOCAL))
    fewer = Takes(
        **{name: getattr(takes, name) for name in Takes.__dataclass_fields__ if name != "there"}, there=without_voice
    )
    rooms = Rooms.drawn(MIX, generator)
    voice = [group.value for group in GROUPS].index("vocals")
    levels = []
    for _ in range(60):
        units = drawn_strips(fewer, HEADS, generator)
        mix, room = drawn_mix(rooms, MIX, 1, generator)
        made = mixed(fewer, units, mix, room, (HEADS, MIX))
        _, told = known_of(made, fewer, generator)
        assert told.presence[0, voice, 0] == 0
        true = made.gated_lufs(fewer, fewer.groups) - made.gated_lufs(fewer, fewer.there.double()[..., None])
        known = told.level[0, :, 2] * told.presence[0, :, 0]
        off = (told.level[0, :, 0] - true[0]) / told.level[0, :, 1].clamp_min(0.1)
        levels += off[known > 0].tolist()
    assert len(levels) > 60
    assert sum(abs(off) < 2 for off in levels) / len(levels) > 0.9

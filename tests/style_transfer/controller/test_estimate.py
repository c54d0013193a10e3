"""What the controller's answer does to a session, whatever it has learnt."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mixer import audio
from mixer.assignment import assign
from mixer.scan import scan
from mixer.session import Session
from style_transfer.controller.effects import sounding
from style_transfer.controller.estimate import estimate
from style_transfer.controller.heads import units_of
from style_transfer.controller.takes import takes_of
from style_transfer.controller.weights import Controller, controller
from style_transfer.features import BANDS, measure
from style_transfer.listen import Heard, hear
from style_transfer.reference import Reference, listen
from style_transfer.reference_file import ReferenceFile
from style_transfer.start import Values, practice_start
from tests import songs
from tests.songs import write_reference, write_song
from tests.style_transfer.controller.untrained import write_untrained


@pytest.fixture(scope="module")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Controller:
    return controller(write_untrained(tmp_path_factory.mktemp("weights")))


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, list[Heard], list[Reference]]:
    folder: Path = tmp_path_factory.mktemp("song")
    session = write_song(folder)
    reference = listen(ReferenceFile(write_reference(folder / "reference.wav")), session.sample_rate, folder)
    return session, hear(session, folder), [reference]


Song = tuple[Session, list[Heard], list[Reference]]


def test_permuting_the_tracks_permutes_the_answer_bit_by_bit(song: Song, untrained: Controller) -> None:
    session, heard, references = song
    usual = estimate(session, heard, references, practice_start(session, heard), untrained)
    for seed in range(3):
        other = random.Random(seed).sample(heard, len(heard))
        found = estimate(session, other, references, practice_start(session, other), untrained)
        assert found.values == usual.values
        assert found.level_sigma_lu == usual.level_sigma_lu


def test_an_opinion_moves_knobs_and_stays_in_range(song: Song, untrained: Controller) -> None:
    session, heard, references = song
    start = practice_start(session, heard)
    found = estimate(session, heard, references, start, untrained).values
    faders = [abs(found[e.track.id]["fader"]["gain_db"] - start[e.track.id]["fader"]["gain_db"]) for e in heard]
    assert max(faders) > 1.0
    for target, rows in found.items():
        for processor, knobs in rows.items():
            for knob in knobs:
                assert session.knob(f"{target}.{processor}.{knob}") is not None
    assert found["reverb"] == start["reverb"]  # not among what is moved
    assert all(found[e.track.id]["compressor"] == start[e.track.id]["compressor"] for e in heard)


def test_faders_alone_bring_each_track_as_far(song: Song, untrained: Controller) -> None:
    session, heard, references = song
    start = practice_start(session, heard)
    found = estimate(session, heard, references, start, untrained)

    def levels(values: Values) -> Tensor:
        takes = takes_of(heard, units_of(values, [entry.track.id for entry in heard], untrained.strips))
        dry = torch.zeros(1, 2, BANDS, dtype=torch.float64)
        made = sounding(takes, takes.usual, untrained.strips, session.sample_rate, dry, dry[:, 0])
        return made.level_db()[0]

    apart = levels(found.balanced) - levels(found.values)
    assert float(apart.abs().max()) < 0.7  # bands of equalisers that would move by less are left alone
    assert float((levels(found.values) - levels(start)).abs().max()) > 1.0
    for entry in heard:
        usual, moved = start[entry.track.id], found.balanced[entry.track.id]
        assert moved | {"fader": usual["fader"]} == usual


def test_what_is_locked_or_the_users_own_stays(song: Song, untrained: Controller) -> None:
    session, heard, references = song
    names = [entry.track.id for entry in heard]
    held = assign(session, [f"{names[0]}.locked=on", f"{names[1]}.fader.gain_db=-7.25", "master.equalizer.locked=on"])
    found = estimate(held, heard, references, practice_start(held, heard), untrained).values
    assert found[names[0]] == held.values(names[0])
    assert found[names[1]]["fader"]["gain_db"] == -7.25
    assert found["master"]["equalizer"] == held.values("master")["equalizer"]


def test_the_level_of_the_recordings_does_not_matter(song: Song, untrained: Controller, tmp_path: Path) -> None:
    _, heard, references = song
    quiet = {name: 0.1 * track for name, track in songs.stems().items()}
    for name, track in quiet.items():
        audio.write(tmp_path / name, track, songs.RATE, depth="float")
    other = scan(tmp_path).session
    far = hear(other, tmp_path)
    loud = estimate(other, heard, references, practice_start(other, heard), untrained)
    soft = estimate(other, far, references, practice_start(other, far), untrained)
    assert soft.level_sigma_lu == pytest.approx(loud.level_sigma_lu, rel=1e-3)
    assert measure([quiet["01_Kick.wav"]], songs.RATE).loudness_lufs < heard[0].loudness_lufs - 19
    for entry in heard:
        name = entry.track.id
        apart = soft.values[name]["fader"]["gain_db"] - loud.values[name]["fader"]["gain_db"]
        assert apart == pytest.approx(0.0, abs=0.2)  # all were 20 dB louder, and practice moves as little as it can


def test_references_weigh_as_much_as_they_are_said_to(song: Song, untrained: Controller) -> None:
    session, heard, references = song
    start = practice_start(session, heard)
    once = estimate(session, heard, references, start, untrained)
    twice = estimate(session, heard, [*references, *references], start, untrained)
    assert twice.level_sigma_lu == pytest.approx(once.level_sigma_lu, rel=1e-5)

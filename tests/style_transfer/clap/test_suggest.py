"""A suggestion that a listener model was asked about."""

from __future__ import annotations

from pathlib import Path

import pytest

from interfaces.suggested import listener_lines
from mixer.session import Session
from style_transfer.brief import Brief
from style_transfer.clap.model import ClapChoice
from style_transfer.clap.refine import MOST_DB
from style_transfer.suggest import suggest
from style_transfer.suggestion import Suggestion
from tests.songs import write_song
from tests.style_transfer.clap.tiny import write_clap

PROMPT = "bass and kick: more low end, lock nothing"


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> tuple[Session, Path, str]:
    folder = tmp_path_factory.mktemp("song")
    return write_song(folder, seconds=1.0), folder, str(write_clap(folder / "clap"))


def settings(suggestion: Suggestion) -> dict[str, float]:
    return {change.address: change.after for change in suggestion.changes}


@pytest.mark.slow
def test_it_is_told_and_refines_within_bounds(song: tuple[Session, Path, str]) -> None:
    session, folder, place = song
    asked = suggest(session, folder, Brief(prompt=PROMPT, clap=ClapChoice(place)))
    refined = suggest(session, folder, Brief(prompt=PROMPT, clap=ClapChoice(place, refine=True)))
    assert asked.listener is not None
    assert asked.listener.text == PROMPT
    assert listener_lines(asked) == [asked.listener.sentence]
    moved = {address for address, value in settings(refined).items() if value != settings(asked).get(address)}
    faders = {address for address in moved if address.startswith("master.fader")}
    tones = moved - faders  # the mix is brought to the asked loudness whatever its tone
    assert all(".equalizer." in address for address in tones)
    assert all(abs(settings(refined)[a] - settings(asked)[a]) <= MOST_DB["equalizer"] + 0.051 for a in tones)
    assert any("listener model" in note for note in refined.notes)
    assert refined.listener is not None
    assert refined.listener.refined == bool(tones)

"""What leaves the studio, opened again: each kind is what it says it is."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from mixer import audio
from mixer.loudness import integrated_loudness
from mixer.session_file import check_audio, load
from tests.interfaces.web.studio.conftest import Page
from tests.interfaces.web.studio.test_songs import opened, wav
from tests.signals import RATE, music, sine


def taken(page: Page, what: str, **options: Any) -> tuple[dict[str, Any], bytes]:
    """What is told of a download, and its bytes."""
    told = page.done("out", {"what": what, **options})["download"]
    response = page.client.get(f"/studio/downloads/{told['id']}")
    assert response.headers["content-disposition"].startswith("attachment")
    assert len(response.content) == told["bytes"]
    return told, response.content


def unpacked(content: bytes, folder: Path) -> list[str]:
    """The files of an archive, laid out in a folder."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
        return archive.namelist()


def test_the_mix_is_what_the_console_plays(page: Page) -> None:
    """Two tones, one of them 6 dB lower, to within 24 bit."""
    opened(page)
    page.post("edit", {"set": [["kick.fader.gain_db", -6.0]]})
    told, content = taken(page, "mix", format="flac", bits="24")
    assert told["name"] == "New song.flac"
    assert "LUFS" in told["notes"][0]
    sound, _ = soundfile.read(io.BytesIO(content), dtype="float64")
    tones = [np.round(0.3 * sine(hz, 1.0)[0].astype(np.float64) * 2**15) / 2**15 for hz in (100, 200)]
    assert np.abs(sound[:, 0] - 10 ** (-6 / 20) * tones[0] - tones[1]).max() < 2**-14


def test_the_mix_can_be_as_loud_as_one_likes(page: Page) -> None:
    opened(page)
    _, content = taken(page, "mix", loudness=-23.0, bits="float")
    sound, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    assert integrated_loudness(np.ascontiguousarray(sound.T), rate) == pytest.approx(-23.0, abs=0.05)


def test_a_session_opens_elsewhere_with_its_history(page: Page, tmp_path: Path) -> None:
    opened(page)
    page.post("edit", {"set": [["kick.fader.gain_db", -6.0]]})
    _, content = taken(page, "session")
    assert set(unpacked(content, tmp_path)) == {"01 Bass DI.wav", "02 Kick.wav", "faderwise.json"}
    session = load(tmp_path)
    check_audio(session, tmp_path)
    assert (session.knob("kick.fader.gain_db").value, len(session.history)) == (-6.0, 1)


@pytest.mark.parametrize(
    ("what", "holds"),
    [
        ("stems", "settings.html"),
        ("ardour", "fidelity.md"),
        ("reaper", "fidelity.md"),
        ("dawproject", "fidelity.md"),
        ("player", "index.html"),
    ],
)
def test_projects_are_archives_with_an_account(page: Page, tmp_path: Path, what: str, holds: str) -> None:
    opened(page)
    told, content = taken(page, what)
    names = unpacked(content, tmp_path)
    assert any(name.rpartition("/")[2] == holds for name in names), names
    assert told["name"] == f"New song {what}.zip"
    assert bool(told["fidelity"]) == (what != "player")
    assert str(tmp_path.parent) not in json.dumps(told)


def test_stems_add_up_to_the_mix(page: Page, tmp_path: Path) -> None:
    opened(page)
    _, content = taken(page, "stems")
    unpacked(content, tmp_path)
    stems = [audio.read(file)[0] for file in sorted(tmp_path.rglob("stems/*.wav"))]
    _, mix = taken(page, "mix", bits="float")
    sound, _ = soundfile.read(io.BytesIO(mix), dtype="float32")
    assert np.abs(sum(stems) - sound.T).max() < 1e-6


def test_the_sheet_and_the_report_are_pages_without_places(page: Page, tmp_path: Path) -> None:
    files = [wav(0.3 * music(4.0, 1, seed=seed)) for seed in (1, 2)]
    ids = [page.upload(file, f"{name}.wav")["file"]["id"] for file, name in zip(files, ("Kick", "Keys"), strict=True)]
    page.done("new", {"from": "stems", "files": ids})
    for what, says in (("sheet", "Kick"), ("report", "Two mixes")):
        told, content = taken(page, what)
        assert told["name"] == f"New song {what}.html"
        assert says in content.decode()
        assert str(tmp_path) not in content.decode()


def test_there_is_nothing_to_explain_before_a_suggestion(page: Page) -> None:
    opened(page)
    job = page.job("out", {"what": "explanation"})
    assert (job["status"], "ask for one first" in job["error"]) == ("failed", True)


@pytest.mark.parametrize(
    "wish",
    [
        {"what": "everything"},
        {},
        {"what": "mix", "format": "mp3"},
        {"what": "mix", "bits": "8"},
        {"what": "mix", "loudness": 0},
        {"what": "mix", "loudness": "loud"},
    ],
)
def test_what_cannot_be_made_is_refused_at_once(page: Page, wish: dict[str, Any]) -> None:
    opened(page)
    assert len(page.post("out", wish, expect=400)["error"].splitlines()) == 1


def test_old_downloads_make_room_for_new_ones(page: Page) -> None:
    opened(page)
    first = page.done("out", {"what": "sheet"})["download"]["id"]
    for _ in range(8):
        page.done("out", {"what": "sheet"})
    assert page.client.get(f"/studio/downloads/{first}").status_code == 404


def test_names_of_songs_are_no_paths(page: Page) -> None:
    opened(page, name="../AC\\DC: 'Back'")
    told = page.done("out", {"what": "sheet"})["download"]
    assert "/" not in told["name"]
    assert "\\" not in told["name"]
    disposition = page.client.get(f"/studio/downloads/{told['id']}").headers["content-disposition"]
    assert disposition.isascii()


def test_a_song_is_separated_into_what_adds_up_to_it(page: Page) -> None:
    """Named after the file that was dropped."""
    song = 0.3 * music(3.0, 2, seed=3)
    file = page.upload(wav(song, subtype="FLOAT"), "Old Hit.wav", "song")["file"]["id"]
    state = page.done("new", {"from": "song", "files": [file], "stems": 2})
    assert state["song"]["name"] == "Old Hit"
    assert len(state["session"]["tracks"]) == 2
    assert all("Old Hit.wav" in track["role_reason"] for track in state["session"]["tracks"])
    _, content = taken(page, "mix", bits="float")
    sound, _ = soundfile.read(io.BytesIO(content), dtype="float32")
    assert np.abs(sound.T - song).max() < 1e-4  # two files of 24 bit, one of them turned up again
    assert state["song"]["sample_rate"] == RATE

"""A song comes in, is changed, and can be heard: the studio's routes without a network."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import soundfile

from interfaces.web.studio import acts
from mixer.arrays import F32
from mixer.roles import Role
from tests.interfaces.web.studio.conftest import Page
from tests.signals import RATE, sine


def wav(sound: F32, rate: int = RATE, subtype: str = "PCM_16") -> bytes:
    """Sound ``[channels, n]`` as the bytes of a WAV."""
    file = io.BytesIO()
    soundfile.write(file, sound.T, rate, format="WAV", subtype=subtype)
    return file.getvalue()


def stems(page: Page, names: tuple[str, ...] = ("Kick.wav", "Bass DI.wav"), seconds: float = 1.0) -> list[str]:
    """Files that were uploaded, by their ids."""
    tones = [wav(0.3 * sine(100 * (number + 1), seconds)) for number in range(len(names))]
    return [page.upload(tone, name)["file"]["id"] for tone, name in zip(tones, names, strict=True)]


def opened(page: Page, **more: Any) -> dict[str, Any]:
    """The state with a small song."""
    return page.done("new", {"from": "stems", "files": stems(page), **more})


def test_stems_become_a_song_whose_roles_come_from_the_users_names(page: Page) -> None:
    """Although the files have other names on the disk, and in the order that the names have."""
    state = page.done("new", {"from": "stems", "files": stems(page, ("10 LdVox.wav", "2 Kick.wav")), "name": "Song"})
    tracks = state["session"]["tracks"]
    assert [(track["name"], track["role"]) for track in tracks] == [("Kick", Role.KICK), ("LdVox", Role.LEAD_VOCAL)]
    assert not any("Vox" in track["path"] for track in tracks)
    assert (state["song"]["name"], state["song"]["seconds"]) == ("Song", 1.0)


def test_a_page_that_is_loaded_again_finds_everything(page: Page) -> None:
    state = opened(page)
    page.post("context", {"prompt": "vocals up"})
    page.post("edit", {"revision": state["revision"], "set": [["kick.fader.gain_db", -3.0]]})
    assert page.client.get("/").status_code == 200
    again = page.state()
    assert again["session"]["tracks"][1]["settings"]["fader"]["knobs"]["gain_db"]["value"] == -3.0
    assert (again["context"]["prompt"], len(again["files"]), len(again["history"])) == ("vocals up", 2, 1)


def test_moving_one_knob_for_long_is_one_step_and_undo_and_redo_are_exact(page: Page) -> None:
    state = opened(page)
    before = state["session"]
    for value in (-1.0, -2.0, -3.0):
        state = page.post("edit", {"revision": state["revision"], "set": [["kick.fader.gain_db", value]]})
    moved = state["session"]
    assert [step["title"] for step in state["history"]] == ["set kick.fader.gain_db"]
    state = page.post("undo")
    assert state["session"] == before
    assert (state["can_undo"], state["can_redo"]) == (False, True)
    state = page.post("redo")
    assert state["session"] == moved
    assert (state["can_undo"], state["can_redo"]) == (True, False)


def test_a_knob_that_is_moved_again_later_is_another_step(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acts, "_PAUSE_S", 0.0)
    opened(page)
    for value in (-1.0, -2.0):
        state = page.post("edit", {"set": [["kick.fader.gain_db", value]]})
    assert len(state["history"]) == 2


def test_a_change_by_hand_ends_redo(page: Page) -> None:
    opened(page)
    page.post("edit", {"set": [["kick.mute", True]]})
    page.post("undo")
    state = page.post("edit", {"set": [["kick.panner.pan", 0.5]]})
    assert not state["can_redo"]
    assert "nothing to redo" in page.post("redo", expect=400)["error"]


def test_a_page_that_missed_a_change_is_told_the_state(page: Page) -> None:
    state = opened(page)
    old = state["revision"]
    page.post("edit", {"revision": old, "set": [["kick.mute", True]]})
    answer = page.post("edit", {"revision": old, "set": [["kick.solo", True]]}, expect=409)
    assert answer["state"]["session"]["tracks"][1]["mute"]
    assert not answer["state"]["session"]["tracks"][1]["solo"]


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("nobody.fader.gain_db", -3),
        ("kick.fader.gain_db", 1e9),
        ("kick.fader.gain_db", "loud"),
        ("kick.fader.gain_db", {"value": 0, "unknown": 1}),
        ("kick.mute", []),
        ("kick.role", "triangle"),
        ("kick.path", "../../etc/passwd"),
        ("kick.sha256", "0" * 64),
        ("session.context", {"prompt": "x"}),
        ("kick", 1),
        ("", 1),
    ],
)
def test_an_edit_that_makes_no_sense_changes_nothing(page: Page, address: str, value: object) -> None:
    before = opened(page)
    answer = page.post("edit", {"set": [["bass_di.mute", True], [address, value]]}, expect=400)
    assert len(answer["error"].splitlines()) == 1
    assert page.state()["session"] == before["session"]


def test_locks_roles_and_names_can_be_set(page: Page) -> None:
    opened(page)
    settings = [["kick.fader.gain_db.locked", True], ["kick.locked", True]]
    state = page.post("edit", {"set": settings})
    assert state["history"][-1]["kind"] == "lock"
    state = page.post("edit", {"set": [["kick.role", "toms"], ["kick.name", "Floor"], ["session.loudness_lufs", -14]]})
    (track,) = (track for track in state["session"]["tracks"] if track["id"] == "kick")
    assert (track["name"], track["role"], track["role_origin"], track["locked"]) == ("Floor", "toms", "user", True)
    assert state["session"]["loudness_lufs"] == -14


def test_the_session_after_each_step_can_be_had(page: Page) -> None:
    start = opened(page)["session"]
    page.post("edit", {"set": [["kick.fader.gain_db", -3.0]]})
    end = page.post("edit", {"set": [["kick.mute", True]]})["session"]
    assert page.client.get("/studio/history/0").json() == start
    middle = page.client.get("/studio/history/1").json()["tracks"][1]
    assert (middle["mute"], middle["settings"]["fader"]["knobs"]["gain_db"]["value"]) == (False, -3.0)
    assert page.client.get("/studio/history/2").json() == end
    assert page.client.get("/studio/history/3").status_code == 400


@pytest.mark.parametrize("rate", [44100, 48000, 22050])
def test_the_sound_of_a_track_has_exactly_the_sessions_frames(page: Page, rate: int) -> None:
    """Also where it has to be resampled; a decoder that resamples again would change them."""
    ids = [page.upload(wav(0.3 * sine(100, 1.0), rate=44100), f"a{n}.wav")["file"]["id"] for n in range(2)]
    odd = page.upload(wav(0.3 * np.ones((1, rate), np.float32), rate=rate), "odd.wav")["file"]["id"]
    page.done("new", {"from": "stems", "files": [*ids, odd]})
    response = page.client.get("/studio/audio/odd")
    sound, found = soundfile.read(io.BytesIO(response.content))
    assert (found, len(sound)) == (44100, 44100)
    again = page.client.get("/studio/audio/odd", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


def test_a_part_of_a_track_can_be_had(page: Page) -> None:
    opened(page)
    whole, _ = soundfile.read(io.BytesIO(page.client.get("/studio/audio/kick").content), dtype="float32")
    response = page.client.get("/studio/audio/kick", params={"start": 0.25, "seconds": 0.5})
    part, rate = soundfile.read(io.BytesIO(response.content), dtype="float32")
    start = round(0.25 * rate)
    assert np.abs(part - whole[start : start + round(0.5 * rate)]).max() < 2**-22  # 24 bit
    assert page.client.get("/studio/audio/kick", params={"start": 5, "seconds": 1}).status_code == 400
    assert page.client.get("/studio/audio/nobody").status_code == 404


def test_a_file_is_drawn_for_picking_a_part(page: Page) -> None:
    """Loud in its second half alone."""
    sound = np.concatenate([np.zeros((1, RATE)), 0.5 * np.ones((1, RATE))], axis=1).astype(np.float32)
    file = page.upload(wav(sound), "hit.wav", "reference")["file"]
    picture = page.client.get(f"/studio/overview/{file['id']}").json()
    assert picture["seconds"] == pytest.approx(2.0)
    assert max(picture["peaks"][:299]) == 0
    assert min(picture["peaks"][301:]) == pytest.approx(0.5, abs=1e-3)


def test_files_can_be_taken_away_with_what_was_wished_of_them(page: Page) -> None:
    file = page.upload(wav(0.3 * sine(200, 4.0)), "hit.wav", "reference")["file"]
    page.post("context", {"references": [{"file": file["id"], "segment": [0, 3.5], "roles": ["drums"], "weight": 0.5}]})
    state = page.client.delete(f"/studio/files/{file['id']}").json()
    assert (state["files"], state["context"]["references"]) == ([], [])
    assert page.client.get(f"/studio/audio/reference/{file['id']}").status_code == 404


def test_a_prompt_is_understood_with_and_without_a_song(page: Page) -> None:
    assert page.post("understand", {"prompt": "less mud"})["rows"][0]["status"] == "understood"
    opened(page)
    (row,) = page.post("understand", {"prompt": "kick up 2 dB"})["rows"]
    assert row["intents"][0]["target"]["tracks"] == ["kick"]


def test_how_loud_the_raw_song_is_is_measured_when_the_page_asks(page: Page) -> None:
    """Two sines of 0.3 that play at once: -13.4 dBFS each by their power and on two sides, of which BS.1770 takes
    0.7 dB off and both of them and both sides add 3 dB each; its high-pass takes some of what lies at 100 Hz."""
    assert opened(page)["loudness"]["raw"] is None
    assert page.done("measure")["loudness"]["raw"] == pytest.approx(-9.0, abs=1.0)
    assert page.done("measure")["loudness"]["raw"] is not None
    assert page.state()["jobs"] == []


def test_the_demo_opens_with_its_reference(page: Page) -> None:
    state = page.done("new", {"from": "demo"})
    assert (len(state["session"]["tracks"]), state["files"][0]["name"]) == (14, "Demo reference.ogg")
    assert state["context"]["references"][0]["file"] == state["files"][0]["id"]
    assert -30 < state["loudness"]["references"][state["files"][0]["id"]] < -6

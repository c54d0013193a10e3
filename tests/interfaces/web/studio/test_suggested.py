"""Suggestions in the studio: applied, exchanged, judged, and put on top of what was done while they were being made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from interfaces.suggesting import Request
from interfaces.web.studio import asking
from mixer.errors import AudioError
from mixer.progress import Progress
from mixer.session import Context, Session
from style_transfer.intensity import Intensity
from style_transfer.reference import file_context
from style_transfer.suggestion import Alternative, Report, Suggestion
from tests.interfaces.web.studio.conftest import Page
from tests.interfaces.web.studio.test_songs import opened, wav
from tests.signals import music, sine
from tests.suggestions import make_change

GAIN, PAN, MASTER = "kick.fader.gain_db", "kick.panner.pan", "master.limiter.active"
LOUDNESS_LUFS = -15.0


def suggestion(session: Session, request: Request, moves: dict[str, float], name: str) -> Suggestion:
    """A suggestion of these moves, after the references of the request."""
    references = [file_context(Path(text.partition("@")[0]), Path("/nowhere")) for text in request.references]
    context = Context.model_validate(
        {"references": [reference.model_dump() for reference in references], "prompt": request.prompt}
    )
    return Suggestion(
        changes=[make_change(session, address, after) for address, after in moves.items()],
        refused=[],
        notes=[f"listened to {reference.name}" for reference in references],
        summary=None,
        report=Report(
            distance_before_db=None,
            distance_after_db=None,
            loudness_before_lufs=-20.0,
            loudness_after_lufs=LOUDNESS_LUFS,
            true_peak_after_db=-1.0,
        ),
        alternative=Alternative(name=name, means=name, differs=[], traits={}),
        intensity=Intensity(),
        seed=request.seed,
        loudness_lufs=session.loudness_lufs,
        segments=[],
        freed=[],
        context=context,
    )


class Maker:
    """In the place of the library: answers at once, unless it is held, and remembers what it was asked."""

    def __init__(self) -> None:
        self.go, self.begun = threading.Event(), threading.Event()
        self.go.set()
        self.asked: list[Request] = []
        self.problem: Exception | None = None

    def __call__(self, session: Session, folder: Path, request: Request, progress: Progress) -> list[Suggestion]:
        del folder
        self.asked.append(request)
        self.begun.set()
        while not self.go.wait(0.01):
            progress(0.5, f"listening to {Path(request.references[0].partition('@')[0]).name}")
        if self.problem is not None:
            raise self.problem
        moves = [{GAIN: -3.0, PAN: 0.25, MASTER: 1.0}, {GAIN: 2.0, MASTER: 1.0}, {PAN: -0.5}]
        names = ("balanced", "louder", "wide")
        count = request.alternatives or 1
        made = zip(moves[:count], names, strict=False)
        return [suggestion(session, request, moved, name) for moved, name in made]


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    """What makes suggestions."""
    made = Maker()
    monkeypatch.setattr(asking, "suggestions", made)
    return made


@pytest.fixture
def song(page: Page, maker: Maker) -> Page:
    """A page with a small song, a reference and words."""
    del maker
    opened(page)
    file = page.upload(wav(0.3 * sine(300, 4.0)), "Hit Song.wav", "reference")["file"]["id"]
    segment = {"file": file, "segment": [0.5, 3.75], "roles": ["drums", "lead_vocal"], "weight": 0.5}
    page.post("context", {"references": [segment], "prompt": "warmer"})
    return page


def value(state: dict[str, Any], address: str) -> float | None:
    """The knob at an address, None where it rests."""
    target, processor, knob = address.split(".")
    tracks = {track["id"]: track["settings"] for track in state["session"]["tracks"]}
    settings = tracks.get(target) or state["session"].get(target) or {}
    found = settings.get(processor, {}).get("knobs", {}).get(knob)
    return None if found is None else float(found["value"])


def held(page: Page, maker: Maker) -> tuple[str, Callable[[], dict[str, Any]]]:
    """A suggestion that is being made: its job, and what lets it come and gives the state after it."""
    maker.go.clear()
    job = page.post("suggest", expect=202)["job"]["id"]
    assert maker.begun.wait(5)

    def come() -> dict[str, Any]:
        maker.go.set()
        ended: dict[str, Any] = page.ended(job)
        return ended

    return job, come


def test_a_suggestion_is_one_step_with_the_users_names_and_the_wishes_as_asked(song: Page, maker: Maker) -> None:
    state = song.done("suggest", {"intensity": ["60", "level=50"], "without": ["master"], "seed": 7})
    (asked,) = maker.asked
    assert asked.references[0].endswith(".wav@0.500-3.750:drums,lead_vocal*0.500000")
    assert (asked.prompt, asked.intensity, asked.without, asked.seed) == ("warmer", ("60", "level=50"), ("master",), 7)
    assert (value(state, GAIN), value(state, PAN)) == (-3.0, 0.25)
    (step,) = state["history"]
    assert step["kind"] == "suggest"
    assert "Hit Song.wav" in step["title"]
    (offer,) = state["suggestions"]
    assert (offer["chosen"], offer["notes"], offer["seed"]) == (True, ["listened to Hit Song.wav"], 7)
    assert offer["context"]["references"][0]["name"] == "Hit Song.wav"
    assert state["loudness"]["mix"] == LOUDNESS_LUFS


def test_the_fast_answer_is_asked_for_as_the_command_line_does(song: Page, maker: Maker) -> None:
    song.done("suggest", {"fast": True, "alternatives": 1})
    song.done("suggest", {"alternatives": 2})
    assert [(asked.fast, asked.alternatives) for asked in maker.asked] == [(True, None), (False, 2)]
    song.post("context", {"prompt": "warmer"})
    assert "hears a reference" in song.post("suggest", {"fast": True}, expect=400)["error"]


def test_what_stands_of_it_is_told_with_its_old_value(song: Page) -> None:
    state = song.done("suggest")
    assert set(state["standing"]) == {GAIN, PAN, MASTER}
    told = state["standing"][GAIN]
    assert (told["before"], told["after"], told["source"], told["verdict"]) == (0.0, -3.0, "reference", "open")
    state = song.post("edit", {"set": [[GAIN, -1.0]]})
    assert set(state["standing"]) == {PAN, MASTER}
    assert state["loudness"]["mix"] is None


def test_parts_can_be_accepted_and_refused(song: Page) -> None:
    song.done("suggest")
    state = song.post("accept", {"addresses": ["kick.fader"]})
    assert {address: told["verdict"] for address, told in state["standing"].items()} == {
        GAIN: "accepted",
        PAN: "open",
        MASTER: "open",
    }
    state = song.post("refuse", {"addresses": [PAN]})
    assert (value(state, PAN), state["standing"][PAN]["verdict"]) == (0.0, "refused")
    assert value(state, GAIN) == -3.0
    assert "nothing of the last suggestion" in song.post("refuse", {"addresses": [PAN]}, expect=400)["error"]
    state = song.post("undo")
    assert (value(state, PAN), state["standing"][PAN]["verdict"]) == (0.25, "open")


def test_accepting_is_undone_and_redone_like_everything_else(song: Page) -> None:
    suggested = song.done("suggest")
    accepted = song.post("accept", {"addresses": ["kick"]})
    assert {told["verdict"] for address, told in accepted["standing"].items() if "kick" in address} == {"accepted"}
    assert [step["kind"] for step in accepted["history"]] == ["suggest", "accept"]
    assert accepted["loudness"]["mix"] == LOUDNESS_LUFS, "nothing has moved"
    moved = song.post("edit", {"set": [["bass_di.fader.gain_db", -6.0]]})
    assert moved["standing"] == accepted["standing"]
    song.post("undo")
    state = song.post("undo")
    assert (state["session"], state["standing"]) == (suggested["session"], suggested["standing"])
    assert state["can_redo"]
    state = song.post("redo")
    assert (state["session"], state["standing"]) == (accepted["session"], accepted["standing"])
    again = song.post("accept", {"addresses": ["kick"]})
    assert (again["history"], again["can_redo"]) == (accepted["history"], True), "what was said already is no step"


def test_accepting_a_part_and_refusing_the_rest(song: Page) -> None:
    song.done("suggest")
    state = song.post("accept", {"addresses": [GAIN], "rest": "refuse"})
    assert (value(state, GAIN), value(state, PAN)) == (-3.0, 0.0)
    assert state["standing"][GAIN]["verdict"] == "accepted"
    assert state["standing"][PAN]["verdict"] == "refused"


def test_undo_takes_a_suggestion_back_and_redo_brings_it(song: Page) -> None:
    before = song.state()["session"]
    after = song.done("suggest")
    state = song.post("undo")
    assert (state["session"], state["standing"]) == (before, {})
    assert [offer["chosen"] for offer in state["suggestions"]] == [False]
    state = song.post("redo")
    assert (state["session"], state["standing"]) == (after["session"], after["standing"])
    assert state["suggestions"][0]["chosen"]


def test_alternatives_take_each_others_place(song: Page, maker: Maker) -> None:
    state = song.done("suggest", {"alternatives": 3})
    assert maker.asked[0].alternatives == 3
    assert [offer["alternative"]["name"] for offer in state["suggestions"]] == ["balanced", "louder", "wide"]
    state = song.post("choose", {"index": 2})
    assert (value(state, GAIN), value(state, PAN), value(state, MASTER)) == (None, -0.5, None)
    assert len(state["history"]) == 1
    assert [offer["chosen"] for offer in state["suggestions"]] == [False, False, True]
    state = song.post("choose", {"index": 0})
    assert (value(state, GAIN), value(state, PAN)) == (-3.0, 0.25)
    assert "no alternative 3" in song.post("choose", {"index": 3}, expect=400)["error"]


def test_what_was_done_after_a_suggestion_is_done_again_after_another(song: Page) -> None:
    """By hand; what was said about the first one was about the first one."""
    song.done("suggest", {"alternatives": 2})
    song.post("edit", {"set": [["bass_di.fader.gain_db", -6.0]]})
    song.post("refuse", {"addresses": [PAN]})
    song.post("edit", {"set": [["kick.fader.gain_db", 1.0]]})
    state = song.post("choose", {"index": 1})
    assert (value(state, "bass_di.fader.gain_db"), value(state, GAIN), value(state, PAN)) == (-6.0, 1.0, None)
    assert [step["kind"] for step in state["history"]] == ["suggest", "set", "set"]
    assert "taken back" in state["notes"][0]


def test_what_is_moved_or_locked_meanwhile_stays(song: Page, maker: Maker) -> None:
    _, come = held(song, maker)
    song.post("edit", {"set": [[GAIN, 4.0], ["bass_di.mute", True]]})
    song.post("edit", {"set": [["kick.panner.locked", True]]})
    state = come()["result"]
    assert (value(state, GAIN), value(state, PAN), value(state, MASTER)) == (4.0, None, 1.0)
    assert [step["kind"] for step in state["history"]] == ["set", "lock", "suggest"]
    assert "2 of its changes were left out" in state["notes"][0]
    assert set(state["standing"]) == {MASTER}


def test_a_suggestion_for_a_song_that_is_gone_is_not_applied(song: Page, maker: Maker) -> None:
    _, come = held(song, maker)
    files = [file["id"] for file in song.state()["files"] if file["kind"] == "stem"]
    song.done("new", {"from": "stems", "files": files})
    job = come()
    assert (job["status"], "another song" in job["error"]) == ("failed", True)
    assert song.state()["history"] == []


def test_a_suggestion_can_be_cancelled(song: Page, maker: Maker) -> None:
    before = song.state()
    job, _ = held(song, maker)
    told = song.client.get(f"/studio/jobs/{job}", params={"wait": 1}).json()
    assert (told["status"], told["fraction"], told["stage"]) == ("running", 0.5, "listening to Hit Song.wav")
    assert [each["id"] for each in song.state()["jobs"]] == [job]
    song.post(f"jobs/{job}/cancel")
    assert song.ended(job)["status"] == "cancelled"
    passing = {"loudness": None, "told_at": 0}
    assert song.state() | passing == before | passing


def test_a_suggestion_that_fails_changes_nothing(song: Page, maker: Maker) -> None:
    before = song.state()
    maker.problem = AudioError("the reference is silent")
    job = song.job("suggest")
    assert (job["status"], job["error"]) == ("failed", "the reference is silent")
    assert song.state()["session"] == before["session"]
    assert song.state()["revision"] == before["revision"]


def test_without_anything_to_go_by_nothing_is_begun(page: Page, maker: Maker) -> None:
    assert "there is no song" in page.post("suggest", expect=400)["error"]
    opened(page)
    assert "nothing to go by" in page.post("suggest", expect=400)["error"]
    assert maker.asked == []


@pytest.mark.parametrize(
    "wish",
    [
        {"references": [{"file": "0" * 32}]},
        {"references": ["x"]},
        {"references": [{"file": None, "segment": [3, 1]}]},
        {"references": [{"file": None, "segment": [100, 200]}]},
        {"references": [{"file": None, "segment": [1]}]},
        {"references": [{"file": None, "segment": ["a", "b"]}]},
        {"references": [{"file": None, "roles": ["tuba"]}]},
        {"references": [{"file": None, "weight": 0}]},
        {"references": [{"file": None, "weight": 1e9}]},
        {"references": [{"file": None}] * 9},
        {"rough_mix": "nothing"},
        {"rough_keeps": ["eq"]},
        {"prompt": "x" * 4001},
        {"prompt": 3},
    ],
)
def test_wishes_that_make_no_sense_are_not_kept(song: Page, wish: dict[str, Any]) -> None:
    """``file: None`` stands for the one that is there."""
    before = song.state()["context"]
    there = before["references"][0]["file"]
    for reference in wish.get("references", []):
        if isinstance(reference, dict) and reference["file"] is None:
            reference["file"] = there
    response = song.client.post("/studio/context", json=wish)
    assert response.status_code in (400, 404, 413)
    assert song.state()["context"] == before


@pytest.mark.slow
def test_a_song_is_mixed_looked_at_and_explained(page: Page) -> None:
    """The whole way, with nothing in the place of anything."""
    names = ("Kick.wav", "Bass DI.wav", "LdVox.wav")
    tracks = [wav(0.3 * music(6, 1, seed=seed)) for seed in (1, 2, 3)]
    ids = [page.upload(track, name)["file"]["id"] for track, name in zip(tracks, names, strict=True)]
    page.done("new", {"from": "stems", "files": ids})
    file = page.upload(wav(0.5 * music(6, 2, seed=9)), "Hit Song.wav", "reference")["file"]["id"]
    page.post("context", {"references": [{"file": file, "separation": False}]})
    state = page.done("suggest")
    report = state["suggestions"][0]["report"]
    assert report["distance_after_db"] < 0.8 * report["distance_before_db"]
    assert "Hit Song.wav" in state["history"][0]["title"]
    assert len(state["standing"]) > 5
    assert "Hit Song.wav" in str(page.done("look"))
    told = page.done("out", {"what": "explanation"})["download"]
    assert told["name"] == "New song explanation.md"
    assert "Hit Song.wav" in page.client.get(f"/studio/downloads/{told['id']}").text

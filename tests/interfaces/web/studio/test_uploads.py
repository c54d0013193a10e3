"""Files that are no sound, too much of it, or oddly called: each is one line, and nothing of it stays."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator

import anyio
import numpy as np
import pytest

from interfaces.web.studio.answers import Refused
from interfaces.web.studio.labels import label
from interfaces.web.studio.limits import Limits
from interfaces.web.studio.studio import Studio
from interfaces.web.studio.uploads import receive
from tests.interfaces.web.studio.conftest import Page
from tests.interfaces.web.studio.test_songs import wav
from tests.signals import RATE, sine

TONE = wav(0.3 * sine(100, 0.5))


@pytest.fixture
def small_limits() -> Limits:
    """Little of everything."""
    return Limits(stems=3, references=2, file_bytes=2_000_000, workspace_bytes=3_000_000, file_seconds=30)


def zipped() -> bytes:
    """An archive with sound in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("kick.wav", TONE)
    return file.getvalue()


def spoilt(value: float) -> bytes:
    """Float sound with one impossible sample."""
    sound = np.zeros((1, RATE), np.float32)
    sound[0, 1000] = value
    return wav(sound, subtype="FLOAT")


def left(studio: Studio) -> list[str]:
    """Files in the folders of all workspaces."""
    return [path.name for path in studio.run.path.rglob("*") if path.is_file() and path.name != "in-use"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"these are words, whatever the name says", "is not audio"),
        (b"", "is empty"),
        (TONE[: len(TONE) // 2], "cut short"),
        (zipped(), "is not audio"),
        (spoilt(np.nan), "is NaN"),
        (spoilt(-np.inf), "is infinite"),
        (wav(np.zeros((1, 0), np.float32)), "holds no samples"),
        (wav(np.zeros((3, 100), np.float32)), "3 channels"),
        (wav(np.zeros((1, 100), np.float32), rate=4000), "sample rate of 4000 Hz"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1000), "is not audio"),
        (b"<!doctype html><script>alert(1)</script>", "is not audio"),
    ],
)
def test_what_is_no_sound_is_refused_by_what_it_is(page: Page, studio: Studio, content: bytes, says: str) -> None:
    error = page.upload(content, "Kick.wav", expect=415)["error"]
    assert says in error
    assert error.startswith("Kick.wav")
    assert str(studio.run.path) not in error
    assert (left(studio), page.state()["files"]) == ([], [])


def test_one_sample_is_a_sound(page: Page) -> None:
    assert page.upload(wav(np.full((1, 1), 0.5, np.float32)))["file"]["seconds"] == pytest.approx(1 / RATE)


def test_the_ending_of_a_name_says_nothing(page: Page) -> None:
    assert page.upload(TONE, "kick.exe")["file"]["name"] == "kick.exe"
    assert page.done("new", {"from": "stems", "files": [page.state()["files"][0]["id"]]})["song"]["seconds"] == 0.5


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\songs\\kick.wav", "kick.wav"),
        ("/", "untitled"),
        ("..", "untitled"),
        ("", "untitled"),
        ("kick\0.wav", "kick.wav"),
        ("a\r\nb: c.wav", "ab: c.wav"),
        ('it\'s "mine" <b>&amp;.wav', 'it\'s "mine" <b>&amp;.wav'),
        ("שיר.wav", "שיר.wav"),
        ("\u202efdp.wav", "fdp.wav"),
        ("x" * 10_000 + ".wav", "x" * 251 + ".wav"),
        ("\ud83e\udd41 drum.wav".encode("utf-16", "surrogatepass").decode("utf-16"), "\U0001f941 drum.wav"),
    ],
)
def test_names_are_only_ever_text(page: Page, studio: Studio, given: str, shown: str) -> None:
    file = page.upload(TONE, given)["file"]
    assert file["name"] == shown
    assert left(studio) == [f"{file['id']}.wav"]
    track = page.done("new", {"from": "stems", "files": [file["id"]]})["session"]["tracks"][0]
    assert track["path"] == f"{file['id']}.wav"


def test_a_label_is_never_longer_than_it_may_be() -> None:
    for given in ("a" * 300, "a" * 300 + ".wav", "." * 300, "a." + "b" * 300):
        assert 0 < len(label(given, 40)) <= 40


def test_too_large_a_file_is_refused_before_it_comes(page: Page, studio: Studio) -> None:
    sent = page.client.post("/studio/upload", params={"kind": "stem", "name": "a.wav"}, content=bytes(2_000_001))
    assert (sent.status_code, "larger than 1.91 MB" in sent.json()["error"]) == (413, True)
    assert left(studio) == []


def test_the_room_of_a_browser_is_bounded(page: Page) -> None:
    long = wav(np.zeros((1, 900_000), np.float32))
    page.upload(long)
    assert "take files away" in page.upload(long, expect=413)["error"]
    page.client.delete(f"/studio/files/{page.state()['files'][0]['id']}")
    page.upload(long)


def test_too_many_files_are_refused_one_by_one(page: Page) -> None:
    for _ in range(3):
        page.upload(TONE)
    assert "there are 3" in page.upload(TONE, expect=413)["error"]
    page.upload(TONE, kind="reference")


def test_too_long_a_file_is_refused_however_small_it_is(page: Page) -> None:
    """Silence that compresses to nothing."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, np.zeros(31 * RATE), RATE, format="FLAC")
    assert len(file.getvalue()) < 100_000
    assert "longer than 0.5 minutes" in page.upload(file.getvalue(), expect=413)["error"]


def test_a_kind_that_is_none_is_refused(page: Page) -> None:
    assert "kind is one of" in page.upload(TONE, kind="../stem", expect=400)["error"]


def test_a_large_file_is_never_in_memory_as_a_whole(studio: Studio) -> None:
    """64 MB go by in pieces of 64 kB; twice what is gathered before it is written may be held."""
    studio.limits = Limits()
    workspace = studio.workspace(studio.new_owner())
    piece = bytes(1 << 16)

    async def body() -> AsyncIterator[bytes]:
        for _ in range(1024):
            yield piece

    async def send() -> None:
        with pytest.raises(Refused, match="is not audio"):
            await receive(workspace, "stem", "zeros.wav", body(), None, anyio.CapacityLimiter(1))

    tracemalloc.start()
    anyio.run(send)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20
    assert left(studio) == []


def test_an_upload_that_breaks_off_leaves_nothing(studio: Studio) -> None:
    workspace = studio.workspace(studio.new_owner())

    async def body() -> AsyncIterator[bytes]:
        yield TONE[:1000]
        raise ConnectionError

    async def send() -> None:
        with pytest.raises(ConnectionError):
            await receive(workspace, "stem", "a.wav", body(), None, anyio.CapacityLimiter(1))

    anyio.run(send)
    assert (left(studio), workspace.receiving, workspace.files) == ([], {}, {})

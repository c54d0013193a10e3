"""References as people type them."""

from __future__ import annotations

from pathlib import Path

import pytest

from interfaces.reference_argument import parse_reference
from mixer.errors import UsageError
from mixer.roles import Group, Role
from style_transfer.reference_file import ReferenceFile


@pytest.mark.parametrize(
    ("text", "name", "segment", "weight"),
    [
        ("song.flac", "song.flac", None, 1.0),
        ("song.flac*0.5", "song.flac", None, 0.5),
        ("song.flac*.25", "song.flac", None, 0.25),
        ("song.flac*2", "song.flac", None, 2.0),
        ("song.flac@62-92", "song.flac", (62.0, 92.0), 1.0),
        ("song.flac@62s-92.5s", "song.flac", (62.0, 92.5), 1.0),
        ("song.flac@1:02-1:32*0.5", "song.flac", (62.0, 92.0), 0.5),
        ("song.flac@1:02.25-1:02:03", "song.flac", (62.25, 3723.0), 1.0),
        ("song.flac@0-0:30", "song.flac", (0.0, 30.0), 1.0),
        ("me@home.flac", "me@home.flac", None, 1.0),
        ("take*2.flac", "take*2.flac", None, 1.0),
        ("me@home.flac@5-9", "me@home.flac", (5.0, 9.0), 1.0),
        ("take*2*3", "take*2", None, 3.0),
        ("a@1-2@3-4.wav@5-6*7", "a@1-2@3-4.wav", (5.0, 6.0), 7.0),
        ("my songs/hit 1.wav@1-2", "my songs/hit 1.wav", (1.0, 2.0), 1.0),
        ("-dash.wav", "-dash.wav", None, 1.0),
        ("song.flac@1:75-2:00", "song.flac@1:75-2:00", None, 1.0),
    ],
)
def test_what_is_a_segment_and_what_a_name(
    text: str, name: str, segment: tuple[float, float] | None, weight: float
) -> None:
    assert parse_reference(text) == ReferenceFile(Path(name), segment, weight)


def test_a_file_that_is_called_exactly_that(tmp_path: Path) -> None:
    odd = tmp_path / "take@1-2*3"
    odd.write_bytes(b"")
    assert parse_reference(str(odd)) == ReferenceFile(odd)
    assert parse_reference(f"{odd}*2") == ReferenceFile(odd, None, 2.0)


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("@30-10", "the segment ends before it starts"),
        ("@10-10", "the segment ends before it starts"),
        ("*0", "a weight of 0 makes no sense"),
        (
            "@1:75-2:00",
            "'@1:75-2:00' is not understood; a segment is written @1:02-1:32, roles :drums,bass, a weight *0.5",
        ),
        ("@10", "'@10' is not understood"),
        ("@-10*0.5", "'@-10' is not understood"),
        ("*half", "'*half' is not understood"),
    ],
)
def test_a_slip_behind_a_file_that_exists(tmp_path: Path, tail: str, said: str) -> None:
    song = tmp_path / "song.flac"
    song.write_bytes(b"")
    with pytest.raises(UsageError) as caught:
        parse_reference(f"{song}{tail}")
    assert str(caught.value).startswith(f"{song}{tail}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("tail", "roles"),
    [
        (":drums", (Group.DRUMS,)),
        ("@0:10-0:40:lead_vocal,bass*2", (Role.LEAD_VOCAL, Group.BASS)),
    ],
)
def test_a_reference_can_speak_for_roles_alone(tail: str, roles: tuple[Group | Role, ...]) -> None:
    assert parse_reference(f"a song.flac{tail}").roles == roles
    assert parse_reference(f"a song.flac{tail}").path == Path("a song.flac")

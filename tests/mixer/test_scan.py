"""A folder of stems becomes a session: what is found, what is said, what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mixer.arrays import F32
from mixer.audio import write
from mixer.errors import AudioError, FaderwiseError, SessionError, UsageError
from mixer.scan import Heard, ScanResult, listen, scan
from mixer.session_file import check_audio, load, save

SONGS = Path(__file__).resolve().parents[3] / "shared" / "songs"
NOISE = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 20_000)).astype(np.float32)


def stem(folder: Path, name: str, audio: F32 = NOISE[:1, :6000], rate: int = 44100) -> Path:
    write(folder / name, audio, rate)
    return folder / name


def ids(result: ScanResult) -> list[str]:
    return [track.id for track in result.session.tracks]


def refusal(folder: Path, kind: type[FaderwiseError]) -> str:
    """The one line with which a folder is refused."""
    with pytest.raises(kind) as caught:
        scan(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_becomes_tracks_with_names_roles_and_hashes(tmp_path: Path) -> None:
    for name in ("Kick In.wav", "LdVox.flac", "Bass DI.ogg"):
        stem(tmp_path, name)
    result = scan(tmp_path, name="Song")
    assert result.session.name == "Song"
    assert [(t.id, t.name, t.role.value, t.role_origin) for t in result.session.tracks] == [
        ("bass_di", "Bass DI", "bass", "name"),
        ("kick_in", "Kick In", "kick", "name"),
        ("ldvox", "LdVox", "lead_vocal", "name"),
    ]
    assert [(track.frames, track.channels) for track in result.session.tracks] == [(6000, 1)] * 3
    assert result.notes == []
    save(result.session, tmp_path)
    check_audio(load(tmp_path), tmp_path)


def test_files_that_were_listened_to_before_are_not_decoded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And it comes to the same, also where a role is heard and where there is nothing to hear."""
    silence = np.zeros((1, 100_000), np.float32)
    stem(tmp_path, "Kick.wav")
    stem(tmp_path, "Audio 3.wav", np.concatenate([silence, NOISE[:1]], axis=1))
    stem(tmp_path, "Audio 4.flac", np.concatenate([NOISE[:1], NOISE[:1]]))
    stem(tmp_path, "Audio 5.wav", silence)
    anew = scan(tmp_path)
    heard = {path.name: listen(path) for path in tmp_path.iterdir()}
    assert [heard[name].start for name in ("Kick.wav", "Audio 3.wav", "Audio 5.wav")] == [0, 65_536, None]

    def never(path: Path) -> Heard:
        raise AssertionError(path)

    monkeypatch.setattr("mixer.scan.listen", never)
    assert scan(tmp_path, heard=heard) == anew


def test_the_same_folder_gives_the_same_session(tmp_path: Path) -> None:
    for index in range(5):
        stem(tmp_path, f"{index}.wav")
    assert scan(tmp_path).session.model_dump_json() == scan(tmp_path).session.model_dump_json()


def test_two_comes_before_ten(tmp_path: Path) -> None:
    for name in ("Gtr 10.wav", "Gtr 2.wav", "gtr 1.wav", "Bass.wav"):
        stem(tmp_path, name)
    assert [track.path for track in scan(tmp_path).session.tracks] == [
        "Bass.wav",
        "gtr 1.wav",
        "Gtr 2.wav",
        "Gtr 10.wav",
    ]


def test_hidden_files_other_files_and_folders_are_left_out(tmp_path: Path) -> None:
    stem(tmp_path, "Kick.wav").rename(tmp_path / "Kick.WAV")
    stem(tmp_path, "._Kick.wav")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "old.wav").mkdir()
    stem(tmp_path / "old.wav", "Snare.wav")
    assert ids(scan(tmp_path)) == ["kick"]


def test_names_that_are_alike_or_taken_get_ids_of_their_own(tmp_path: Path) -> None:
    for name in ("Master.wav", "Kick!.wav", "Kick?.wav", "Kick.flac", "!!!.wav"):
        stem(tmp_path, name)
    found = ids(scan(tmp_path))
    assert len(set(found)) == 5
    assert not {"master", "reverb", "session"} & set(found)


def test_a_stereo_file_with_equal_sides_counts_as_mono(tmp_path: Path) -> None:
    stem(tmp_path, "a.wav", np.vstack([NOISE[0], NOISE[0]]))
    stem(tmp_path, "b.wav", NOISE)
    almost = np.vstack([NOISE[0], NOISE[0]])
    almost[1, -1] += 1 / 2**10
    stem(tmp_path, "c.wav", almost)
    result = scan(tmp_path)
    assert [track.channels for track in result.session.tracks] == [1, 2, 2]
    assert len(result.notes) == 1
    assert "a.wav" in result.notes[0]
    assert "mono" in result.notes[0]


@pytest.mark.parametrize(
    ("rates", "session_rate"),
    [
        ([48000, 48000, 44100], 48000),
        ([44100, 48000], 48000),
        ([8000, 8000, 8000], 44100),
        ([192000, 192000, 48000], 192000),
        ([384000], 192000),
    ],
)
def test_the_session_has_the_most_common_rate_inside_its_limits(
    tmp_path: Path, rates: list[int], session_rate: int
) -> None:
    for index, rate in enumerate(rates):
        stem(tmp_path, f"{index}.wav", NOISE[:1, :6000].repeat(max(1, rate // 44100), axis=1), rate)
    result = scan(tmp_path)
    assert result.session.sample_rate == session_rate
    assert [track.sample_rate for track in result.session.tracks] == rates
    converted = [note for note in result.notes if "converted" in note]
    assert len(converted) == (set(rates) != {session_rate})


def test_an_asked_rate_wins_and_is_checked(tmp_path: Path) -> None:
    stem(tmp_path, "Kick.wav")
    assert scan(tmp_path, sample_rate=96000).session.sample_rate == 96000
    with pytest.raises(UsageError, match="44100 to 192000 Hz, not 8000 Hz"):
        scan(tmp_path, sample_rate=8000)


def test_silent_and_very_short_tracks_are_kept_and_said(tmp_path: Path) -> None:
    stem(tmp_path, "Kick.wav")
    stem(tmp_path, "Room.wav", np.zeros((2, 6000), np.float32))
    stem(tmp_path, "Snare.wav", np.full((1, 1), 0.5, np.float32))
    result = scan(tmp_path)
    assert ids(result) == ["kick", "room", "snare"]
    assert [track.frames for track in result.session.tracks] == [6000, 6000, 1]
    silent = [note for note in result.notes if "silent" in note]
    short = [note for note in result.notes if "short" in note or " s long" in note]
    assert len(silent) == 1
    assert "Room.wav" in silent[0]
    assert len(short) == 1
    assert "Snare.wav" in short[0]


def test_a_role_is_heard_where_the_name_says_nothing(tmp_path: Path) -> None:
    time_s = np.arange(4 * 44100) / 44100
    notes = np.sin(2 * np.pi * 55 * time_s) + 0.5 * np.sin(2 * np.pi * 110 * time_s)
    late = np.concatenate([np.zeros(30 * 44100), 0.3 * notes]).astype(np.float32)  # silent for longer than is heard
    stem(tmp_path, "Audio 07.wav", late[None])
    stem(tmp_path, "Kick.wav", late[None])
    unnamed, named = scan(tmp_path).session.tracks
    assert (unnamed.role.value, unnamed.role_origin) == ("bass", "audio")
    assert (named.role.value, named.role_origin) == ("kick", "name")


def test_300_tracks_are_no_trouble_and_progress_reaches_the_end(tmp_path: Path) -> None:
    first = stem(tmp_path, "Gtr 1.wav")
    for index in range(2, 301):
        (tmp_path / f"Gtr {index}.wav").write_bytes(first.read_bytes())
    heard: list[float] = []
    result = scan(tmp_path, progress=lambda fraction, _: heard.append(fraction))
    assert [track.path for track in result.session.tracks] == [f"Gtr {index}.wav" for index in range(1, 301)]
    assert len(set(ids(result))) == 300
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    save(result.session, tmp_path)
    assert load(tmp_path) == result.session


def test_cancelling_from_the_progress_stops_the_scan(tmp_path: Path) -> None:
    for index in range(20):
        stem(tmp_path, f"{index}.wav")
    calls: list[float] = []

    def cancel(fraction: float, stage: str) -> None:
        del stage
        calls.append(fraction)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(tmp_path, progress=cancel)
    assert len(calls) == 1


# --- refusals -----------------------------------------------------------------------------------------------------


def test_folders_without_stems_are_refused_with_what_is_read(tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "nowhere", SessionError)
    assert "is empty" in refusal(tmp_path, SessionError)
    (tmp_path / "notes.txt").write_text("x")
    line = refusal(tmp_path, SessionError)
    assert "no audio files" in line
    assert ".wav" in line
    assert ".flac" in line
    assert "is a file" in refusal(tmp_path / "notes.txt", SessionError)


def broken_files(folder: Path) -> dict[str, str]:
    """Files that cannot be used, and a word of the reason."""
    (folder / "text.wav").write_text("this is no sound\n" * 20)
    (folder / "empty.wav").write_bytes(b"")
    soundfile.write(folder / "none.wav", np.zeros((0, 1)), 44100)
    soundfile.write(folder / "nan.wav", np.array([0.0, np.nan, 0.0]), 44100, subtype="FLOAT")
    soundfile.write(folder / "inf.wav", np.array([0.0, np.inf, 0.0]), 44100, subtype="DOUBLE")
    soundfile.write(folder / "eight.wav", np.zeros((100, 8)), 44100)
    whole = stem(folder, "cut.flac", NOISE)
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return {
        "text.wav": "not audio",
        "empty.wav": "empty",
        "none.wav": "no samples",
        "nan.wav": "NaN",
        "inf.wav": "infinite",
        "eight.wav": "8 channels",
        "cut.flac": "cut short",
    }


@pytest.mark.parametrize("name", ["text.wav", "empty.wav", "none.wav", "nan.wav", "inf.wav", "eight.wav", "cut.flac"])
def test_one_bad_file_is_named_with_its_reason_and_a_way_out(tmp_path: Path, name: str) -> None:
    reasons = broken_files(tmp_path)
    for other in reasons.keys() - {name}:
        (tmp_path / other).unlink()
    stem(tmp_path, "Kick.wav")
    line = refusal(tmp_path, AudioError)
    assert name in line
    assert reasons[name] in line
    assert "take it out of the folder" in line


def test_of_many_bad_files_three_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    reasons = broken_files(tmp_path)
    stem(tmp_path, "Kick.wav")
    line = refusal(tmp_path, AudioError)
    assert f"{len(reasons)} of {len(reasons) + 1} files" in line
    assert sum(name in line for name in reasons) == 3
    assert f"{len(reasons) - 3} more" in line


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "song"
    folder.mkdir()
    stem(tmp_path, "Kick.wav")
    (folder / "Kick.wav").symlink_to(tmp_path / "Kick.wav")
    with pytest.raises(SessionError, match=r"Kick\.wav.*link.*copy"):
        scan(folder)


def test_a_file_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    stem(tmp_path, "Kick.wav")
    try:
        (tmp_path / "Kick.wav").rename(tmp_path / os.fsdecode(b"Kick\xff.wav"))
    except OSError:
        pytest.skip("this file system takes only names that are text")
    assert "rename it" in refusal(tmp_path, AudioError)


@pytest.mark.parametrize("song", ["rock", "country", "britpop"])
def test_real_songs_keep_every_track(song: str, tmp_path: Path) -> None:
    if not SONGS.is_dir():
        pytest.skip("needs the shared songs, which are not part of the project")
    result = scan(SONGS / song)
    assert len(result.session.tracks) == len(list((SONGS / song).glob("*.flac")))
    save(result.session, tmp_path)
    assert load(tmp_path) == result.session
    check_audio(result.session, SONGS / song)

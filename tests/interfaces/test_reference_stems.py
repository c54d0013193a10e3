"""Stems of references: the user's own by their names, or separated, the part that counts alone, and once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from interfaces import reference_stems
from interfaces.reference_stems import stems_in, with_stems
from mixer import audio
from mixer.errors import AudioError, UsageError
from mixer.roles import Group
from separation.models import CACHE_VARIABLE
from separation.registry import about_separator, open_separator
from separation.song import separate_song
from style_transfer.reference_file import ReferenceFile
from style_transfer.stems import hear_stems
from tests.signals import RATE, difference_db, music


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def stem_files(folder: Path, *names: str) -> dict[str, Path]:
    folder.mkdir()
    for seed, name in enumerate(names):
        audio.write(folder / f"{name}.wav", 0.3 * music(3.5, seed=seed), RATE, depth="float")
    return {name: folder / f"{name}.wav" for name in names}


def test_own_stems_are_known_by_their_names(tmp_path: Path) -> None:
    files = stem_files(tmp_path / "mine", "Hit - Lead Vox", "drums", "BASS", "Hit_other2")
    stems = stems_in(tmp_path / "mine")
    assert stems.separator is None
    assert stems.files == dict(zip((Group.VOCALS, Group.DRUMS, Group.BASS, Group.OTHER), files.values(), strict=True))


def test_several_files_of_a_group_are_added_up_once(tmp_path: Path) -> None:
    files = stem_files(tmp_path / "mine", "guitar", "keys", "vocals")
    summed = stems_in(tmp_path / "mine").files[Group.OTHER]
    truth = audio.read(files["guitar"])[0] + audio.read(files["keys"])[0]
    assert difference_db(audio.read(summed)[0], truth) < -120  # floats
    written = summed.stat().st_mtime_ns
    assert stems_in(tmp_path / "mine").files[Group.OTHER] == summed
    assert summed.stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("vocals", "accompaniment"), r"accompaniment\.wav: holds several groups at once"),
        (("vocals", "xyz"), r"xyz\.wav: its name says no group; call stems vocals, drums, bass or other"),
        ((), r"holds no stems; put files called vocals, drums, bass and other there"),
        (("mixture",), r"holds no stems"),
    ],
)
def test_folders_that_do_not_say_what_is_in_them(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    stem_files(tmp_path / "mine", *names)
    with pytest.raises(UsageError, match=said):
        stems_in(tmp_path / "mine")


def test_own_stems_go_to_the_references_in_order(tmp_path: Path) -> None:
    stem_files(tmp_path / "mine", "vocals", "drums")
    references = [ReferenceFile(tmp_path / "a.wav"), ReferenceFile(tmp_path / "b.wav", weight=0.5)]
    first, second = with_stems(references, [tmp_path / "mine"], separation=False)
    assert first.stems is not None
    assert set(first.stems.files) == {Group.VOCALS, Group.DRUMS}
    assert second == references[1]
    with pytest.raises(UsageError, match="3 folders of stems for 2 references"):
        with_stems(references, [tmp_path / "mine"] * 3)
    with pytest.raises(UsageError, match="nowhere: there is no such folder"):
        with_stems(references, [tmp_path / "nowhere"], separation=False)


@pytest.mark.parametrize("mixed", [True, False])
def test_a_folder_may_be_the_reference(tmp_path: Path, mixed: bool) -> None:
    names = ("vocals", "drums", "bass", "other")
    files = stem_files(tmp_path / "hit", *names)
    total = np.sum([audio.read(path)[0] for path in files.values()], axis=0, dtype=np.float32)
    if mixed:
        audio.write(tmp_path / "hit" / "mixture.wav", np.asarray(0.5 * total, np.float32), RATE, depth="float")
    (reference,) = with_stems([ReferenceFile(tmp_path / "hit", (0.5, 3.5))])
    assert reference.stems is not None
    assert reference.stems.files == {Group(name): files[name] for name in names}
    assert reference.path.name == ("mixture.wav" if mixed else "hit.wav")
    wanted = np.asarray(total * (0.5 if mixed else 1), np.float32)
    assert difference_db(audio.read(reference.path)[0], wanted) < -120


@pytest.mark.slow
def test_a_reference_is_separated_around_its_segment_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    song = tmp_path / "song.flac"
    audio.write(song, 0.5 * music(14.0), RATE)
    file = ReferenceFile(song, (5.0, 8.5))
    (reference,) = with_stems([file])
    assert reference.stems is not None
    about = about_separator("spleeter-4")
    assert reference.stems.separator == f"spleeter-4 {about.version}"
    assert reference.stems.start_s == 2.0
    assert set(reference.stems.files) == set(Group)
    total = np.sum([audio.read(path)[0] for path in reference.stems.files.values()], axis=0)
    part = audio.read(song, start=2 * RATE, frames=round(9.5 * RATE))[0]  # 3 s more on both sides
    gain = float((total * part).sum() / np.square(part).sum())  # stems of 24 bit may be written quieter
    assert difference_db(total / gain, part) < -80
    assert len(hear_stems(reference.stems, (5.0, 8.5), RATE)) == 4

    def forbidden(*_: object) -> None:
        raise AssertionError("it was separated again")

    monkeypatch.setattr("separation.cache.open_separator", forbidden)
    assert with_stems([file]) == [reference]
    one_by_one = with_stems([file, file], separation=(False, True))
    assert one_by_one == [file, reference]


def test_without_separation_and_with_bad_parts_nothing_is_separated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_stems, "cached_stems", None)
    song = tmp_path / "song.wav"
    audio.write(song, 0.5 * music(4.0), RATE)
    assert with_stems([ReferenceFile(song)], separation=False)[0].stems is None
    for segment in ((3.5, 4.0), (9.0, 12.0)):  # too short, and outside: told by whoever listens
        assert with_stems([ReferenceFile(song, segment)])[0].stems is None
    with pytest.raises(AudioError, match=r"nothing\.wav"):
        with_stems([ReferenceFile(tmp_path / "nothing.wav")])


@pytest.mark.slow
def test_stems_of_a_separator_are_not_taken_for_the_truth(tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    audio.write(song, 0.5 * music(4.0), RATE)
    separate_song(song, tmp_path / "four", open_separator("spleeter-4"))
    assert (stems_in(tmp_path / "four").separator or "").startswith("spleeter-4 ")
    separate_song(song, tmp_path / "two", open_separator("spleeter-2"))
    with pytest.raises(UsageError, match="spleeter-2 gives vocals, accompaniment, but drums, bass, other are needed"):
        stems_in(tmp_path / "two")

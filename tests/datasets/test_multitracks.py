"""Folders as the makers of public multitrack sets unpack them become songs, with roles in the product's words."""

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from make_multitrack_songs import SETS, make, recipe_of
from take_excerpt import fullest_part

from mixer import audio
from mixer.roles import Role
from style_transfer.corpus import Song, read_manifest

RATE = 44_100


def _tone(path: Path, seconds: float = 2.0, hertz: float = 220.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(round(seconds * RATE)) / RATE
    audio.write(path, (0.2 * np.sin(2 * np.pi * hertz * time))[None].astype(np.float32), RATE)
    return path


def _corpus(kind: str, folder: Path, corpus: Path) -> list[Song]:
    from corpus_manifest import make_songs

    songs = {recipe_of(kind, found).id: found for found in SETS[kind](folder)}
    make_songs(corpus, [recipe_of(kind, found) for found in songs.values()], lambda r, p: make(songs, r, p))
    return read_manifest(corpus)


def _roles(song: Song) -> list[Role | None]:
    return [track.role for track in song.tracks]


def test_musdb18_hq(tmp_path: Path) -> None:
    for stem in ("mixture", "vocals", "drums", "bass", "other"):
        _tone(tmp_path / "set" / "train" / "Some Band - Song" / f"{stem}.wav")
    (song,) = _corpus("musdb18-hq", tmp_path / "set", tmp_path / "corpus")
    assert song.id == "musdb18-hq-some-band-song"
    assert sorted(map(str, _roles(song))) == ["bass", "drums", "lead_vocal", "other"]
    assert song.mix is not None
    assert song.split_key == "artist-some-band"


def test_medleydb(tmp_path: Path) -> None:
    place = tmp_path / "set" / "Band_Song"
    told = {
        "artist": "Band",
        "title": "Song",
        "genre": "Jazz",
        "stem_dir": "Band_Song_STEMS",
        "mix_filename": "Band_Song_MIX.wav",
        "stems": {
            "S01": {"filename": "Band_Song_STEM_01.wav", "instrument": "double bass"},
            "S02": {"filename": "Band_Song_STEM_02.wav", "instrument": "female singer"},
            "S03": {"filename": "Band_Song_STEM_03.wav", "instrument": ["drum set", "shaker"]},
            "S04": {"filename": "lost.wav", "instrument": "piano"},
        },
    }
    place.mkdir(parents=True)
    (place / "Band_Song_METADATA.yaml").write_text(yaml.safe_dump(told))
    for number in (1, 2, 3):
        _tone(place / "Band_Song_STEMS" / f"Band_Song_STEM_0{number}.wav")
    _tone(place / "Band_Song_MIX.wav")
    (song,) = _corpus("medleydb", tmp_path / "set", tmp_path / "corpus")
    assert _roles(song) == [Role.BASS, Role.LEAD_VOCAL, Role.DRUMS]
    assert (song.style, song.tracks[0].licence) == ("jazz", "CC-BY-NC-SA-4.0")


def test_moisesdb(tmp_path: Path) -> None:
    place = tmp_path / "set" / "0001"
    stems = [
        {"stemName": "bass", "tracks": [{"id": "a", "extension": "wav", "trackType": "bass_guitar"}]},
        {"stemName": "wind", "tracks": [{"id": "b", "extension": "wav", "trackType": "zzz"}]},
        {"stemName": "drums", "tracks": [{"id": "c", "extension": "wav", "trackType": "kick drum"}]},
    ]
    for stem, track in (("bass", "a"), ("wind", "b"), ("drums", "c")):
        _tone(place / stem / f"{track}.wav")
    (place / "data.json").write_text(json.dumps({"song": "Song", "artist": "Band", "genre": "rock", "stems": stems}))
    (song,) = _corpus("moisesdb", tmp_path / "set", tmp_path / "corpus")
    assert _roles(song) == [Role.BASS, Role.WOODWIND, Role.KICK]
    assert song.mix is None


def test_slakh2100(tmp_path: Path) -> None:
    place = tmp_path / "set" / "train" / "Track00001"
    told = {
        "stems": {
            "S00": {"inst_class": "Reed", "is_drum": False, "audio_rendered": True},
            "S01": {"inst_class": "Drums", "is_drum": True, "audio_rendered": True},
            "S02": {"inst_class": "Guitar", "is_drum": False, "audio_rendered": False},
        }
    }
    for name in ("S00", "S01", "S02"):
        _tone(place / "stems" / f"{name}.flac")
    (place / "metadata.yaml").write_text(yaml.safe_dump(told))
    (song,) = _corpus("slakh2100", tmp_path / "set", tmp_path / "corpus")
    assert _roles(song) == [Role.WOODWIND, Role.DRUMS]


def test_cambridge(tmp_path: Path) -> None:
    for name in ("01_KickIn", "02_SnareUp", "03_LeadVox", "04_BassDI"):
        _tone(tmp_path / "set" / "BandName_SongTitle_Full" / f"{name}.wav")
    (song,) = _corpus("cambridge-mt", tmp_path / "set", tmp_path / "corpus")
    assert _roles(song) == [Role.KICK, Role.SNARE, Role.LEAD_VOCAL, Role.BASS]
    assert song.split_key == "artist-bandname"


@pytest.mark.parametrize("kind", sorted(SETS))
def test_a_folder_of_something_else_holds_no_songs(kind: str, tmp_path: Path) -> None:
    (tmp_path / "readme.txt").touch()
    assert list(SETS[kind](tmp_path)) == []


def test_the_part_is_where_most_tracks_play() -> None:
    early, late = (np.zeros((1, 60 * RATE), np.float32) for _ in range(2))
    early[:, : 50 * RATE] = 0.1
    late[:, 30 * RATE :] = 0.1
    part = fullest_part([early, late], 20)
    assert part == slice(30 * RATE, 50 * RATE)

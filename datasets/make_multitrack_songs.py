"""Take multitracks that people have at home into a corpus: MUSDB18-HQ, MedleyDB, MoisesDB, Slakh2100, Cambridge-MT.

None of them may be passed on, so nothing is fetched here: a folder as its makers unpack it is read, and the part of
each song in which most of it plays becomes a song of the corpus. Roles come from what the set says of its tracks, in
the product's own words for instruments; where it says nothing, from file names and sound.

    pip install pyyaml
    python datasets/make_multitrack_songs.py medleydb ~/MedleyDB corpus/

Folders: MUSDB18-HQ ``{train,test}/SONG/{mixture,vocals,drums,bass,other}.wav``; MedleyDB ``SONG/SONG_METADATA.yaml``
with ``SONG_STEMS``; MoisesDB ``ID/data.json`` with ``ID/GROUP/ID.wav``; Slakh2100 ``{train,...}/TrackNNNNN`` with
``metadata.yaml`` and ``stems/SNN.flac``; Cambridge-MT a folder of files for each song.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from corpus_manifest import UNPLACED, NotThisSongError, Played, make_songs
from take_excerpt import cut, fullest_part, heard_role, plays, read_all, whole_mix

from mixer import audio
from mixer.roles import Role, track_names
from mixer.roles.names import role_from_name
from style_transfer.corpus import Recipe


@dataclass(frozen=True, slots=True)
class Found:
    """A song as it lies on the disk: names and files of its tracks, and its mix where there is one."""

    name: str
    artist: str
    style: str
    tracks: tuple[tuple[str, Path], ...]
    mix: Path | None
    licence: str


MEANT = {
    "chromatic percussion": "mallets",
    "pipe": "flute",
    "reed": "woodwind",
    "wind": "woodwind",
    "vocalists": "choir",
}
"""Words of the sets that the product does not know, or means otherwise, in its own."""


def musdb18_hq(folder: Path) -> Iterator[Found]:
    """Four stems a song."""
    for mixture in sorted(folder.glob("*/*/mixture.wav")):
        artist, _, title = mixture.parent.name.partition(" - ")
        stems = tuple((stem.stem, stem) for stem in sorted(mixture.parent.glob("*.wav")) if stem != mixture)
        yield Found(
            title or artist, artist, "unknown", stems, mixture, "LicenseRef-MUSDB18: research and teaching only"
        )


def medleydb(folder: Path) -> Iterator[Found]:
    """Stems, which are named by the instrument that the metadata tells."""
    for described in sorted(folder.glob("**/*_METADATA.yaml")):
        told = _yaml(described)
        stems = described.parent / str(told["stem_dir"])
        tracks = tuple(
            (_said(stem["instrument"]), stems / str(stem["filename"])) for _, stem in sorted(told["stems"].items())
        )
        mix = described.parent / str(told["mix_filename"])
        artist, style = str(told["artist"]), str(told.get("genre", "unknown")).lower()
        yield Found(str(told["title"]), artist, style, tracks, mix, "CC-BY-NC-SA-4.0")


def moisesdb(folder: Path) -> Iterator[Found]:
    """Tracks in groups; what a track is, or else its group, names it."""
    for described in sorted(folder.glob("**/data.json")):
        told = json.loads(described.read_text(encoding="utf-8"))
        tracks = tuple(
            (_moises_name(stem, track), described.parent / stem["stemName"] / f"{track['id']}.{track['extension']}")
            for stem in told["stems"]
            for track in stem["tracks"]
        )
        licence = "CC-BY-NC-SA-4.0"
        yield Found(str(told["song"]), str(told["artist"]), str(told.get("genre", "unknown")), tracks, None, licence)


def slakh2100(folder: Path) -> Iterator[Found]:
    """Tracks of a synthesised MIDI file, named by instrument class; made of no artist's recording."""
    for described in sorted(folder.glob("**/metadata.yaml")):
        told = _yaml(described)
        place = described.parent
        tracks = tuple(
            ("Drums" if stem.get("is_drum") else _said(stem["inst_class"]), place / "stems" / f"{name}.flac")
            for name, stem in sorted(told["stems"].items())
            if stem.get("audio_rendered", True)
        )
        yield Found(place.name, place.name, "unknown", tracks, place / "mix.flac", "CC-BY-4.0")


def cambridge(folder: Path) -> Iterator[Found]:
    """Raw tracks as engineers name them; a folder is the artist and the title."""
    for song in sorted(place for place in folder.iterdir() if place.is_dir()):
        files = sorted(file for file in song.rglob("*") if file.suffix.lower() in audio.SUFFIXES)
        if files:
            named = zip(track_names(files), files, strict=True)
            artist = re.split("[_-]", song.name)[0]
            yield Found(song.name, artist, "unknown", tuple(named), None, "LicenseRef-Cambridge-MT: educational only")


SETS: dict[str, Callable[[Path], Iterator[Found]]] = {
    "musdb18-hq": musdb18_hq,
    "medleydb": medleydb,
    "moisesdb": moisesdb,
    "slakh2100": slakh2100,
    "cambridge-mt": cambridge,
}


def recipe_of(kind: str, found: Found) -> Recipe:
    """Songs of one artist stay together. The sets do not say where in the world a song comes from."""
    artist, name = (re.sub("[^a-z0-9]+", "-", text.lower()).strip("-") for text in (found.artist, found.name))
    return Recipe(f"{kind}-{artist}-{name}", kind, found.style, found.style, UNPLACED, f"artist-{artist}", 0)


def make(songs: dict[str, Found], recipe: Recipe, _: Path) -> Sequence[Played]:
    """The tracks that are heard in the part where most of them are."""
    found = songs[recipe.id]
    there = [(name, file) for name, file in found.tracks if file.is_file()]
    if not there:
        raise NotThisSongError("its tracks are not there")
    sounds = read_all([file for _, file in there] + ([found.mix] if found.mix and found.mix.is_file() else []))
    part = fullest_part(sounds[: len(there)])
    made = [
        Played(name, role_of(name, sound), cut(sound, part), found.licence, found.artist, "recording")
        for (name, _), sound in zip(there, sounds, strict=False)
        if plays(sound[:, part])
    ]
    if len(sounds) > len(there):
        made.append(whole_mix(cut(sounds[-1], part), found.licence, found.artist, "recording"))
    return made


def role_of(name: str, sound: Any) -> Role:
    """The role that the name says; what is heard where it says none."""
    guess = role_from_name(name)
    return heard_role(name, sound) if guess is None else guess.role


def _moises_name(stem: dict[str, Any], track: dict[str, Any]) -> str:
    """What a track is called; its group where that says nothing that is known as an instrument."""
    kind, group = _said(track["trackType"]), _said(stem["stemName"])
    return kind if role_from_name(kind) is not None else group


def _said(name: Any) -> str:
    """An instrument as a set writes it, in words: ``lead_male_singer`` becomes ``lead male singer``."""
    said = str(name[0] if isinstance(name, list) else name).replace("_", " ")
    return MEANT.get(said.lower(), said)


def _yaml(path: Path) -> dict[str, Any]:
    import yaml

    told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description="Take multitracks from a public set into a corpus.")
    parser.add_argument("kind", choices=sorted(SETS))
    parser.add_argument("folder", type=Path, help="as its makers unpack it")
    parser.add_argument("corpus", type=Path)
    arguments = parser.parse_args()
    songs = {recipe_of(arguments.kind, found).id: found for found in SETS[arguments.kind](arguments.folder)}
    if not songs:
        raise SystemExit(f"{arguments.folder}: holds no songs of {arguments.kind} as its makers unpack it")
    recipes = [recipe_of(arguments.kind, found) for found in songs.values()]
    make_songs(arguments.corpus, recipes, partial(make, songs))


if __name__ == "__main__":
    main()

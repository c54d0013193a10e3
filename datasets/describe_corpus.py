"""Say what is in a corpus: sources, regions, families, roles and licences, with minutes, as Markdown for the README.

python datasets/describe_corpus.py corpus/ > datasets/corpus.md
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from style_transfer.corpus import Song, read_manifest

LARGEST_SHARE = 0.3
"""Of the minutes with tracks that one region, or one family of styles, should have at most."""


def described(songs: Sequence[Song]) -> str:
    """The tables, in the order of size."""
    played = [song for song in songs if song.tracks]
    lines = ["# What is in the corpus", ""]
    lines += ["Written by `describe_corpus.py`; minutes are of songs, not of tracks.", ""]
    lines += _sources(songs)
    lines += _shares("Region", [(song.region, song) for song in played])
    lines += _shares("Family of styles", [(song.family, song) for song in played])
    lines += _roles(played)
    lines += _licences(songs)
    return "\n".join(lines) + "\n"


def shares(named: Iterable[tuple[str, Song]]) -> dict[str, float]:
    """The part of the time that each name has, largest first."""
    seconds: Counter[str] = Counter()
    for name, song in named:
        seconds[name] += song.seconds  # type: ignore[assignment]  # a Counter adds fractions as well
    total = sum(seconds.values()) or 1
    return {name: part / total for name, part in seconds.most_common()}


def _sources(songs: Sequence[Song]) -> list[str]:
    groups: dict[str, list[Song]] = defaultdict(list)
    for song in songs:
        groups[song.source].append(song)
    lines = ["| source | songs | minutes | tracks | with a mix | styles |", "|---|---:|---:|---:|---:|---:|"]
    for source, own in sorted(groups.items(), key=lambda item: -sum(song.seconds for song in item[1])):
        minutes, tracks = sum(song.seconds for song in own) / 60, sum(len(song.tracks) for song in own)
        mixes, styles = sum(song.mix is not None for song in own), len({song.style for song in own})
        lines.append(f"| {source} | {len(own)} | {minutes:.1f} | {tracks} | {mixes} | {styles} |")
    minutes, tracks = sum(song.seconds for song in songs) / 60, sum(len(song.tracks) for song in songs)
    mixes, styles = sum(song.mix is not None for song in songs), len({song.style for song in songs})
    return [*lines, f"| all | {len(songs)} | {minutes:.1f} | {tracks} | {mixes} | {styles} |", ""]


def _shares(title: str, named: list[tuple[str, Song]]) -> list[str]:
    lines = [f"| {title.lower()} | minutes | share |", "|---|---:|---:|"]
    total = sum(song.seconds for _, song in named) / 60
    for name, share in shares(named).items():
        over = " (over the limit)" if share > LARGEST_SHARE else ""
        lines.append(f"| {name} | {share * total:.1f} | {100 * share:.0f} %{over} |")
    return [*lines, ""]


def _roles(songs: Sequence[Song]) -> list[str]:
    count = Counter(str(track.role) for song in songs for track in song.tracks)
    lines = ["| role | tracks |", "|---|---:|", *(f"| {role} | {number} |" for role, number in count.most_common())]
    return [*lines, ""]


def _licences(songs: Sequence[Song]) -> list[str]:
    minutes: Counter[str] = Counter()
    for song in songs:
        files = [*song.tracks, *([song.mix] if song.mix else [])]
        for licence in {re.sub(":.*", "", file.licence) for file in files}:
            minutes[licence] += song.seconds / 60  # type: ignore[assignment]  # as above
    lines = ["| licence of some of its tracks | minutes of songs |", "|---|---:|"]
    return [*lines, *(f"| {licence} | {time:.1f} |" for licence, time in minutes.most_common()), ""]


def main() -> None:
    parser = argparse.ArgumentParser(description="Say what is in a corpus, as Markdown.")
    parser.add_argument("corpus", type=Path)
    print(described(read_manifest(parser.parse_args().corpus)), end="")


if __name__ == "__main__":
    main()

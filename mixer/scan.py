"""A folder of stems becomes a session: names, roles, rates and hashes of what is in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path

import numpy as np

from mixer import audio
from mixer._parallel import cores, parallel_map
from mixer.arrays import F32
from mixer.audio import AudioInfo
from mixer.errors import AudioError, SessionError, UsageError
from mixer.naming import slug
from mixer.progress import Progress, silent
from mixer.roles import guess_role, track_names
from mixer.session import RATES_HZ, RESERVED_IDS, Session, Track
from mixer.session_file import check_links

EXCERPT_S = 20.0
"""How much of a track is listened to for its role, from its first sound on."""
SHORT_S = 0.1
"""Tracks shorter than this are kept, and said to be left alone."""
SILENCE = 10 ** (-90 / 20)
"""Peak amplitude up to which a track is silent: what 16 bit dither leaves of nothing."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """A new session, and what the user should know about the files that it was made from."""

    session: Session
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one file holds, decoded from end to end."""

    info: AudioInfo
    sha256: str
    frames: int
    """As decoded: the header of an MP3 may only estimate them."""
    channels: int
    """1 as well if both sides of a stereo file are the same."""
    start: int | None
    """A frame just before the first sound; None where there is none."""


def scan(
    folder: str | PathLike[str],
    *,
    name: str | None = None,
    names: Mapping[str, str] | None = None,
    heard: Mapping[str, Heard] | None = None,
    sample_rate: int | None = None,
    progress: Progress = silent,
) -> ScanResult:
    """Make a session of the audio files that lie in a folder (not in folders below it; hidden files are left out).

    Each file is decoded to its end, so that a damaged one is found now and not in the middle of a mix. Roles come from
    the names, and where a name says nothing from its first 20 s of sound.

    Args:
        folder: where the stems are. Paths in the session are relative to it; nothing is written.
        name: of the song; the folder's by default.
        names: what files were called (by what they are called in the folder), where they were renamed since.
        heard: what files hold (by what they are called in the folder), where ``listen`` was asked before.
        sample_rate: of the session in Hz, 44100 to 192000; by default the files' most common one (of several the
            highest), held inside these limits.

    Raises:
        SessionError: there is no such folder, no audio in it, or links in it lead outside.
        AudioError: files cannot be used; the line names the first three.
        UsageError: the sample rate is out of range.
    """
    folder = Path(folder)
    if sample_rate is not None and not RATES_HZ[0] <= sample_rate <= RATES_HZ[1]:
        raise UsageError(f"a session's sample rate is {RATES_HZ[0]} to {RATES_HZ[1]} Hz, not {sample_rate} Hz")
    called = {path: Path((names or {}).get(path.name, path.name)) for path in _audio_files(folder)}
    paths = sorted(called, key=lambda path: natural_key(called[path]))
    check_links([path.name for path in paths], folder)
    tracks: list[Track] = []
    notes: list[str] = []
    titles = track_names([called[path] for path in paths])
    listened = _listen_to_all(folder, paths, heard or {}, progress)
    for title, path, found in zip(titles, paths, listened, strict=True):
        taken = [*RESERVED_IDS, *(track.id for track in tracks)]
        tracks.append(_track(slug(title, taken), title, path, found))
        notes += _remarks(tracks[-1], found)
    rate = sample_rate or _session_rate([track.sample_rate for track in tracks])
    notes += _resampled(tracks, rate)
    title = name or folder.resolve().name.encode(errors="replace").decode() or "song"
    return ScanResult(Session(name=title, sample_rate=rate, tracks=tracks), notes)


def natural_key(path: Path) -> list[tuple[bool, int, str]]:
    """Sort key that puts "2" before "10" and does not look at case.

    >>> [path.name for path in sorted(map(Path, ["t10.wav", "T2.wav", "bass.wav"]), key=natural_key)]
    ['bass.wav', 'T2.wav', 't10.wav']
    """
    pieces = re.findall(r"[0-9]+|[^0-9]+", path.name.casefold())
    key = [(not piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece) for piece in pieces]
    return [*key, (False, 0, path.name)]


def _audio_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        if folder.exists():
            raise SessionError(f"{folder}: is a file; name the folder that holds the stems")
        raise SessionError(f"{folder}: there is no such folder; name the one that holds the stems")
    try:
        inside = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise SessionError(f"{folder}: cannot be opened ({error.strerror or error}); check its rights") from None
    found = [path for path in inside if path.suffix.casefold() in audio.SUFFIXES and not path.is_dir()]
    if not found:
        what = "holds no audio files" if inside else "is empty"
        raise SessionError(f"{folder}: {what}; put stems there (read are {' '.join(sorted(audio.SUFFIXES))})")
    return found


def _listen_to_all(
    folder: Path, paths: Sequence[Path], known: Mapping[str, Heard], progress: Progress
) -> Iterator[Heard]:
    """What each file holds, a few at a time; AudioError about all bad ones after the last."""
    bad: list[AudioError] = []
    for start in range(0, len(paths), cores()):
        batch = paths[start : start + cores()]
        for heard in parallel_map(partial(_listen, batch, known), len(batch)):
            if isinstance(heard, AudioError):
                bad.append(heard)
            elif not bad:
                yield heard
        progress(min(1.0, (start + len(batch)) / len(paths)), "reading audio files")
    if len(bad) == 1:
        raise AudioError(f"{bad[0]}, or take it out of the folder")
    if bad:
        said = [str(error).removeprefix(f"{folder}/").partition(";")[0] for error in bad[:3]]
        more = f"; and {len(bad) - 3} more" if len(bad) > 3 else ""
        raise AudioError(
            f"{folder}: {len(bad)} of {len(paths)} files cannot be used ({'; '.join(said)}{more}): "
            "export them again or take them out of the folder"
        )


def _listen(paths: Sequence[Path], known: Mapping[str, Heard], index: int) -> Heard | AudioError:
    path = paths[index]
    try:
        path.name.encode()
        return known.get(path.name) or listen(path)
    except AudioError as error:
        return error
    except UnicodeEncodeError:
        return AudioError(f"{ascii(str(path))[1:-1]}: has a name that is no valid text; rename it")


def listen(path: Path, each: Callable[[F32], None] | None = None) -> Heard:
    """What a file holds, by one way through all of it.

    Args:
        each: called with every block ``[channels, time]`` on the way; what it raises ends the way.

    Raises:
        AudioError: the file cannot be used.
    """
    info, mono, frames, start = audio.probe(path), True, 0, None
    for block in audio.blocks(path):
        mono = mono and (info.channels == 1 or np.array_equal(block[0], block[-1]))
        if start is None and np.abs(block).max() > SILENCE:
            start = frames
        frames += block.shape[1]
        if each is not None:
            each(block)
    return Heard(info, audio.sha256(path), frames, 1 if mono else 2, start)


def _track(track_id: str, title: str, path: Path, heard: Heard) -> Track:
    guess = guess_role(title, lambda: _excerpt(path, heard), heard.info.sample_rate)
    return Track(
        id=track_id,
        name=title,
        path=path.name,
        sha256=heard.sha256,
        sample_rate=heard.info.sample_rate,
        channels=1 if heard.channels == 1 else 2,
        frames=heard.frames,
        role=guess.role,
        role_origin=guess.origin,
        role_confidence=guess.confidence,
        role_reason=guess.reason,
    )


def _excerpt(path: Path, heard: Heard) -> F32:
    rate = heard.info.sample_rate
    wanted = 0 if heard.start is None else round(EXCERPT_S * rate)
    sound, _ = audio.read(path, start=heard.start or 0, frames=wanted)
    return sound


def _session_rate(rates: Sequence[int]) -> int:
    count = Counter(rates)
    common = max(count, key=lambda rate: (count[rate], rate))
    return min(max(common, RATES_HZ[0]), RATES_HZ[1])


def _remarks(track: Track, heard: Heard) -> list[str]:
    remarks = []
    if heard.start is None:
        remarks.append(f"{track.name} ({track.path}) is silent: it is kept and left alone")
    elif track.frames < SHORT_S * track.sample_rate:
        seconds = track.frames / track.sample_rate
        remarks.append(f"{track.name} ({track.path}) is only {seconds:.3f} s long: it is kept and left alone")
    if track.channels < heard.info.channels:
        remarks.append(f"{track.name} ({track.path}) holds the same sound on both sides: it counts as mono")
    return remarks


def _resampled(tracks: Sequence[Track], rate: int) -> list[str]:
    others = [track for track in tracks if track.sample_rate != rate]
    if not others:
        return []
    rates = ", ".join(str(other) for other in sorted({track.sample_rate for track in others}))
    return [f"the session is at {rate} Hz: {len(others)} of {len(tracks)} tracks are converted from {rates} Hz"]

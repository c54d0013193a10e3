"""A file becomes a folder of stems and a session that renders the file again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from mixer.errors import AudioError, UsageError
from mixer.progress import silent
from mixer.render import render
from mixer.roles import Role
from mixer.session_file import check_audio, load
from separation.chunks import Plan
from separation.outputs import each_stem, two_stems, with_levels, without
from separation.separator import F32, About, Levels, Separator
from separation.song import Format, separate_song
from tests.signals import RATE, difference_db, music

BANDS = About("bands", "by ear", ("vocals", "drums", "other"), RATE, "-", "-", True, 0.0, "here", "1")


class Bands:
    """A separator that is quick: differences between neighbouring samples are drums, the rest is shared."""

    about = BANDS
    plan = Plan(step=20_000, context=100, fade=50)

    def offset_and_gain(self, levels: Levels) -> tuple[float, float]:
        return levels.mean, 1 / levels.deviation

    def stems(self, segment: F32) -> F32:
        steps = np.diff(segment, axis=1, prepend=segment[:, :1])
        return np.stack((0.3 * (segment - steps), steps, np.full_like(segment, 1e9)))  # the rest is never believed


@pytest.fixture
def bands() -> Separator:
    return Bands()


def written(path: Path, song: F32, rate: int = RATE) -> Path:
    audio.write(path, song, rate, depth="float" if path.suffix == ".wav" else "24")
    return path


@pytest.mark.parametrize(("channels", "rate"), [(2, 44_100), (1, 44_100), (2, 48_000), (2, 22_050)])
def test_the_session_renders_the_song(tmp_path: Path, bands: Separator, channels: int, rate: int) -> None:
    path = written(tmp_path / "Blue Hour.wav", music(1.5, channels, rate=rate), rate)
    done = separate_song(path, tmp_path / "stems", bands)
    session = load(done.path)
    check_audio(session, done.path.parent)
    assert [track.role for track in session.tracks] == [Role.LEAD_VOCAL, Role.DRUMS, Role.OTHER]
    assert session.name == "Blue Hour"
    render(session, done.path.parent, tmp_path / "mix.wav", depth="float")
    mix, _ = audio.read(tmp_path / "mix.wav")
    song, _ = audio.read(path, session.sample_rate)
    # -90 dB is asked for; a song below 44.1 kHz is converted stem by stem, and soxr rounds each
    assert difference_db(mix, np.broadcast_to(song, mix.shape)) < -110


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_a_segment_is_that_part_of_the_song(tmp_path: Path, bands: Separator, rate: int) -> None:
    song = music(3.0, rate=rate)
    path = written(tmp_path / "song.wav", song, rate)
    done = separate_song(path, tmp_path / "stems", bands, segment=(0.5, 1.25))
    total = sum((audio.read(file)[0] for file in done.files), np.zeros((2, 1)))
    part = song[:, rate // 2 : rate * 5 // 4]
    assert difference_db(total, part) < -110
    separate_song(path, tmp_path / "end", bands, segment=(2.5, 9.0))  # what is there of it
    assert load(tmp_path / "end").tracks[0].frames == rate // 2
    with pytest.raises(UsageError, match=r"the segment 3-4 s is not in the file, which has 3\.0 s"):
        separate_song(path, tmp_path / "beyond", bands, segment=(3.0, 4.0))


@pytest.mark.parametrize(("suffix", "depth", "at_most_db"), [(".wav", "24", -115), (".flac", "16", -65)])
def test_integer_stems_do_not_clip_and_still_add_up(
    tmp_path: Path, bands: Separator, suffix: str, depth: str, at_most_db: float
) -> None:
    loud = 2 * music(1.0)  # peaks at 1.6: integers would clip
    path = written(tmp_path / "loud.wav", loud)
    done = separate_song(path, tmp_path / "stems", bands, format=Format(suffix, depth))  # type: ignore[arg-type]
    assert done.quieter_db > 0.5
    assert all(np.abs(audio.read(file)[0]).max() < 1 for file in done.files)
    render(done.session, done.path.parent, tmp_path / "mix.wav", depth="float")
    # three stems with the rounding of 24 bit or the dither of 16, under a song at -22 dBFS
    assert difference_db(audio.read(tmp_path / "mix.wav")[0], loud) < at_most_db


def test_ogg_in_and_out(tmp_path: Path, bands: Separator) -> None:
    song = written(tmp_path / "song.ogg", music(1.0))
    done = separate_song(song, tmp_path / "stems", bands, format=Format(".ogg"))
    total = sum((audio.read(file)[0] for file in done.files), np.zeros((2, 1), np.float32))
    assert difference_db(total, audio.read(song)[0]) < -10  # lossy, but the song


def test_what_people_do_with_stems(tmp_path: Path, bands: Separator) -> None:
    song = music(1.0)
    path = written(tmp_path / "song.wav", song)
    stems = BANDS.stems
    read = {
        file.stem: audio.read(file)[0]
        for outputs, where in (
            (each_stem(stems, ["Drums"]), "a"),
            (two_stems("vocals", stems), "b"),
            ([with_levels("vocals=-6 dB, drums=off", stems)], "c"),
        )
        for file in separate_song(path, tmp_path / where, bands, outputs).files
    }
    assert set(read) == {"drums", "vocals", "no_vocals", "mix"}
    assert difference_db(read["vocals"] + read["no_vocals"], song) < -120
    rest = read["no_vocals"] - read["drums"]
    assert difference_db(read["mix"], 10 ** (-6 / 20) * read["vocals"] + rest) < -120


@pytest.mark.parametrize("text", ["vocals", "vocals=loud", "vocals=-90dB", "flute=-3dB", "vocals=+99dB"])
def test_levels_that_make_no_sense(text: str) -> None:
    with pytest.raises(UsageError):
        with_levels(text, BANDS.stems)


def test_stems_that_do_not_exist_are_refused_with_a_hint() -> None:
    with pytest.raises(UsageError, match="did you mean 'vocals'"):
        without("vocal", BANDS.stems)
    with pytest.raises(UsageError, match="different stems"):
        each_stem(BANDS.stems, ["drums", "drums"])


def test_names_by_template(tmp_path: Path, bands: Separator) -> None:
    path = written(tmp_path / "song.wav", music(0.3))
    done = separate_song(path, tmp_path, bands, format=Format(name="{song} ({stem}, {separator})"))
    assert done.files[0].name == "song (vocals, bands).wav"
    for template in ("{stem}/{song}", "..", "{tempo}", "always the same", ".{stem}"):
        with pytest.raises(UsageError):
            separate_song(path, tmp_path / "x", bands, format=Format(name=template))
    assert not (tmp_path / "x").exists()


def test_nothing_is_replaced_unasked(tmp_path: Path, bands: Separator) -> None:
    path = written(tmp_path / "song.wav", music(0.3))
    separate_song(path, tmp_path / "stems", bands)
    with pytest.raises(UsageError, match="--force"):
        separate_song(path, tmp_path / "stems", bands)
    separate_song(path, tmp_path / "stems", bands, overwrite=True)


def test_an_interrupted_separation_leaves_nothing(tmp_path: Path, bands: Separator) -> None:
    path = written(tmp_path / "song.wav", music(2.0))

    def stop(fraction: float, stage: str) -> None:
        del stage
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        separate_song(path, tmp_path / "stems", bands, progress=stop)
    assert list((tmp_path / "stems").iterdir()) == []


def test_a_full_disk_is_found_before_the_work(
    tmp_path: Path, bands: Separator, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "song.wav", music(1.0))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000_000}))
    with pytest.raises(AudioError, match="need 1 MB, 1 MB are free"):
        separate_song(path, tmp_path / "stems", bands, progress=silent)


def test_damaged_songs_are_refused(tmp_path: Path, bands: Separator) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(AudioError):
        separate_song(tmp_path / "text.wav", tmp_path / "stems", bands)
    with pytest.raises(AudioError):
        separate_song(tmp_path / "absent.wav", tmp_path / "stems", bands)
    assert not (tmp_path / "stems").exists()

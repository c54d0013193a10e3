"""The settings of a bounce come back: levels, places and sound, by another engine's mixes; locks hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from mixer.arrays import F32, F64
from mixer.assignment import assign
from mixer.console import Settings, mix_array
from mixer.edits import set_locks
from mixer.render import sources
from mixer.session import Session
from style_transfer.desk import Desk
from style_transfer.features import distance, measure
from style_transfer.same_song import Recovered, SameSong, recognise, recover
from style_transfer.start import Values, current_values
from tests.style_transfer.same_song.mixes import RATE, TRACKS, limited, listened, placed, roomy, write_tracks, written


@dataclass(frozen=True, slots=True)
class Bounce:
    folder: Path
    session: Session
    posts: dict[str, F32]
    mix: F32
    file: Path

    def same(self) -> SameSong:
        same = recognise(self.session, self.folder, listened(self.session, self.folder), self.file)
        assert same is not None
        return same

    def desk(self, same: SameSong, session: Session | None = None) -> Desk:
        session = session or self.session
        return Desk(session, list(same.heard), current_values(session), RATE)


@pytest.fixture(scope="module")
def bounce(tmp_path_factory: pytest.TempPathFactory) -> Bounce:
    folder = tmp_path_factory.mktemp("song") / "tracks"
    session = write_tracks(folder)
    posts = placed(folder, effects=True)
    mix = roomy(np.sum(list(posts.values()), axis=0))
    return Bounce(folder, session, posts, mix, written(folder.parent / "mix.wav", mix))


@pytest.fixture(scope="module")
def recovered(bounce: Bounce) -> Recovered:
    same = bounce.same()
    return recover(bounce.desk(same), same, seed=1)


def rendered(bounce: Bounce, values: Values, only: str | None = None) -> F32:
    """The mix, or one track of it without reverb."""
    keys = [track.id for track in bounce.session.tracks]
    wanted = [source for source in sources(bounce.session, bounce.folder) if only in (None, source.key)]
    reverb = values["reverb"] if only is None else {}
    mix = mix_array(wanted, Settings({key: values[key] for key in keys}, reverb, values["master"]), RATE)
    return mix[:, : bounce.mix.shape[1]]


def energies(posts: list[F32]) -> F64:
    return np.array([np.square(post, dtype=np.float64).sum(axis=1) for post in posts])


def level_errors_db(bounce: Bounce, values: Values) -> F64:
    ours = energies([rendered(bounce, values, track.id) for track in bounce.session.tracks])
    truth = energies([bounce.posts[name] for name in TRACKS])
    apart = 10 * np.log10(ours.sum(axis=1) / truth.sum(axis=1))
    return np.asarray(np.abs(apart - np.median(apart)))


def pan_errors(bounce: Bounce, values: Values) -> F64:
    ours = energies([rendered(bounce, values, track.id) for track in bounce.session.tracks])
    truth = energies([bounce.posts[name] for name in TRACKS])
    left, right = ours.T / ours.sum(axis=1), truth.T / truth.sum(axis=1)
    return np.asarray(np.abs(left - right).max(axis=0))


@pytest.mark.slow
def test_levels_places_and_sound_come_back(bounce: Bounce, recovered: Recovered) -> None:
    assert level_errors_db(bounce, recovered.values).mean() < 0.4
    assert pan_errors(bounce, recovered.values).mean() < 0.02
    goal = measure([bounce.mix], RATE)
    plain = rendered(bounce, current_values(bounce.session))
    far, near = (distance(measure([x], RATE), goal).total_db for x in (plain, rendered(bounce, recovered.values)))
    assert near < 0.25 * far
    assert recovered.residual_db < -10
    assert max(recovered.track_residual_db.values()) < -6
    sends = [recovered.values[track.id]["send"]["level_db"] for track in bounce.session.tracks]
    assert max(sends) > -40  # there is a room, and it was found


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few steps instead of many."""
    for name in ("STEPS", "LEAST_STEPS"):
        monkeypatch.setattr(f"style_transfer.same_song.recovery.{name}", 6)
    monkeypatch.setattr("style_transfer.same_song.settle.STEPS", 3)


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_the_same_seed_gives_the_same_settings(bounce: Bounce) -> None:
    same = bounce.same()
    found = [recover(bounce.desk(same), same, seed=seed).values for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_the_start_alone_is_near_and_has_no_dynamics(bounce: Bounce) -> None:
    same = bounce.same()
    start = recover(bounce.desk(same), same, start_only=True)
    assert level_errors_db(bounce, start.values).mean() < 0.8
    assert pan_errors(bounce, start.values).mean() < 0.03
    assert all(start.values[track.id]["compressor"]["ratio"] == 1.0 for track in bounce.session.tracks)
    assert start.residual_db < -7


@pytest.mark.slow
@pytest.mark.usefixtures("hurried")
def test_what_is_locked_or_the_users_stays(bounce: Bounce) -> None:
    """A voice whose fader is locked 3 dB up and whose compressor is the user's; the others settle around them."""
    voice = bounce.session.tracks[TRACKS.index("12_LdVox")].id
    session = assign(
        bounce.session, [f"{voice}.fader.gain_db=3", f"{voice}.compressor.ratio=2", "master.fader.gain_db=-2"]
    )
    session = set_locks(session, [f"{voice}.fader"], locked=True)
    same = bounce.same()
    found = recover(bounce.desk(same, session), same, start_only=False).values
    assert found[voice]["fader"]["gain_db"] == 3.0
    assert found[voice]["compressor"]["ratio"] == 2.0
    assert found["master"]["fader"]["gain_db"] == -2.0


@pytest.mark.slow
def test_a_limited_mix_does_not_turn_peaky_tracks_down(bounce: Bounce, tmp_path: Path) -> None:
    """Clipped to a third of its peak and coded: the start reads drums low, the search does not."""
    mix = limited(bounce.mix, 0.33 * float(np.abs(bounce.mix).max()))
    loud = replace(bounce, mix=mix, file=written(tmp_path / "loud.ogg", mix))
    same = loud.same()
    start = recover(loud.desk(same), same, start_only=True)
    found = recover(loud.desk(same), same)
    assert level_errors_db(loud, found.values).mean() < 0.5
    assert level_errors_db(loud, found.values).mean() < level_errors_db(loud, start.values).mean()


def test_it_can_be_cancelled_and_needs_its_own_tracks(bounce: Bounce) -> None:
    class Stopped(Exception):  # noqa: N818  # what a user's stop raises
        pass

    def stop(fraction: float, stage: str) -> None:
        if stage == "fitting the strips":
            raise Stopped(fraction)

    same = bounce.same()
    with pytest.raises(Stopped):
        recover(bounce.desk(same), same, progress=stop)
    desk = bounce.desk(same)
    desk.heard.reverse()
    with pytest.raises(ValueError, match="order"):
        recover(desk, same)


def test_a_missing_track_is_named(bounce: Bounce, tmp_path: Path) -> None:
    mix = np.sum([post for name, post in bounce.posts.items() if name != "07_Bass DI"], axis=0)
    fewer = replace(bounce, mix=mix, file=written(tmp_path / "few.wav", mix))
    same = fewer.same()
    notes = recover(fewer.desk(same), same, start_only=True).unexplained
    assert [note for note in notes if "Bass" in note]
    assert not [note for note in notes if "Kick" in note]

"""The whole console: plain sum at defaults, one definition on two paths, any blocks, any threads, any lengths."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import Tensor

from mixer.arrays import F32
from mixer.console import (
    ChainTensors,
    ChainValues,
    Settings,
    Source,
    add,
    is_open,
    master,
    mix_array,
    mix_blocks,
    reverb_bus,
    strips,
)
from mixer.processor import Place, chain
from tests.bench.memory import GOAL_MB, measured_mb
from tests.signals import RATE, decibels, difference_db, drawn_settings, music, real_music, rms_db


def sources_of(tracks: Sequence[F32]) -> list[Source]:
    return [Source.of_array(str(index), track) for index, track in enumerate(tracks)]


def flat(keys: Sequence[str]) -> Settings:
    """Every processor in the circuit, every knob at its default."""
    strip: ChainValues = {entry.name: entry.defaults() for place in (Place.STRIP, Place.SEND) for entry in chain(place)}
    bus = {entry.name: entry.defaults() for entry in chain(Place.BUS)}
    return Settings(dict.fromkeys(keys, strip), bus, {entry.name: entry.defaults() for entry in chain(Place.MASTER)})


def plain_sum(tracks: Sequence[F32]) -> F32:
    """Mono tracks on both sides, everything added in float64 and rounded once."""
    total = np.zeros((2, max((track.shape[1] for track in tracks), default=0)))
    for track in tracks:
        total[:, : track.shape[1]] += track
    return total.astype(np.float32)


def tensors_of(values: Sequence[ChainValues]) -> ChainTensors:
    """The same chain of several tracks with a tensor ``[tracks]`` for each knob."""
    return {
        name: {knob: torch.tensor([one[name][knob] for one in values], dtype=torch.float64) for knob in values[0][name]}
        for name in values[0]
    }


def differentiable_mix(tracks: Sequence[F32], settings: Settings, frames: int) -> Tensor:
    """The mix ``[2, frames]`` by the differentiable path; mono and stereo tracks are batches of their own."""
    posts, sent = [], []
    with torch.no_grad():
        for channels in (1, 2):
            some = [index for index, track in enumerate(tracks) if track.shape[0] == channels]
            if some:
                padded = [np.pad(tracks[i], ((0, 0), (0, frames - tracks[i].shape[1]))) for i in some]
                values = tensors_of([settings.tracks[str(index)] for index in some])
                posts.append(strips(torch.from_numpy(np.stack(padded)), RATE, values))
                sent.append(values)
        sends = {
            "send": {"level_db": torch.cat([values["send"]["level_db"] for values in sent])},
        }
        every = torch.cat(posts)
        wet = reverb_bus(every, RATE, sends, tensors_of([settings.reverb]))
        return master(add(torch.cat([every, wet[None]])), RATE, tensors_of([settings.master]))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_at_defaults_the_mix_is_the_plain_sum_sample_for_sample(count: int) -> None:
    tracks = [music(1.5, 1 + index % 2, index)[:, : RATE + 1000 * index] * np.float32(0.3) for index in range(count)]
    tracks[0][:, 3000:9000] = 0
    settings = flat([str(index) for index in range(count)])
    np.testing.assert_array_equal(mix_array(sources_of(tracks), settings, RATE), plain_sum(tracks))
    frames = max(track.shape[1] for track in tracks)
    np.testing.assert_array_equal(differentiable_mix(tracks, settings, frames).numpy(), plain_sum(tracks))


def test_without_any_processor_the_mix_is_the_plain_sum_too() -> None:
    tracks = [music(1, 1, 1), music(1, 2, 2)]
    settings = Settings({"0": {}, "1": {}}, {}, {})
    np.testing.assert_array_equal(mix_array(sources_of(tracks), settings, RATE), plain_sum(tracks))


def test_at_defaults_real_stems_are_the_plain_sum() -> None:
    tracks = real_music("rock", 3.0)
    settings = flat([str(index) for index in range(len(tracks))])
    np.testing.assert_array_equal(mix_array(sources_of(tracks), settings, RATE), plain_sum(tracks))


def test_no_track_gives_no_sound_and_an_empty_track_changes_nothing() -> None:
    assert mix_array([], flat([]), RATE).shape == (2, 0)
    track = music(0.5, 2)
    with_empty = mix_array(sources_of([track, np.zeros((1, 0), np.float32)]), flat(["0", "1"]), RATE)
    np.testing.assert_array_equal(with_empty, track)


def test_one_sample_is_mixed() -> None:
    mix = mix_array(sources_of([np.full((1, 1), 0.5, np.float32)]), flat(["0"]), RATE)
    assert mix.tolist() == [[0.5], [0.5]]


@pytest.mark.parametrize(("song", "seed"), [("rock", 0), ("britpop", 1), ("country", 2)])
def test_both_paths_agree_with_everything_on(song: str, seed: int) -> None:
    # 16-bit files hold -98 dB; every recursion runs in float64, so what remains is float32 between the stages
    tracks = real_music(song, 2.0)
    settings = drawn_settings([str(index) for index in range(len(tracks))], np.random.default_rng(seed))
    fast = mix_array(sources_of(tracks), settings, RATE)
    assert fast.shape[1] > tracks[0].shape[1], "the reverb rings on"
    assert difference_db(fast, differentiable_mix(tracks, settings, fast.shape[1])) < -105


def everything() -> tuple[list[Source], Settings]:
    """Six tracks of different lengths with everything on."""
    tracks = [music(1, 1 + index % 2, index)[:, : RATE - 5000 * index] for index in range(6)]
    return sources_of(tracks), drawn_settings([str(index) for index in range(6)], np.random.default_rng(4))


def test_threads_change_no_bit() -> None:
    sources, settings = everything()
    one = mix_array(sources, settings, RATE, threads=1, block=7000)
    np.testing.assert_array_equal(mix_array(sources, settings, RATE, threads=2, block=7000), one)
    np.testing.assert_array_equal(mix_array(sources, settings, RATE, threads=5, block=7000), one)


@pytest.mark.parametrize("block", [1000, 4096, 200000])
def test_the_block_changes_rounding_alone(block: int) -> None:
    # the reverb's transforms round at -140 dB of what excites it, bass that its low cut then takes out
    sources, settings = everything()
    assert difference_db(mix_array(sources, settings, RATE, block=block), mix_array(sources, settings, RATE)) < -95


def test_a_dry_mix_does_not_depend_on_the_block_by_one_bit() -> None:
    sources, settings = everything()
    dry = Settings(settings.tracks, {}, {name: at for name, at in settings.master.items() if name != "limiter"})
    whole = mix_array(sources, dry, RATE)
    np.testing.assert_array_equal(mix_array(sources, dry, RATE, block=1000), whole)


def test_rendering_twice_gives_the_same_bits_and_leaves_the_tracks_alone() -> None:
    tracks = [music(1, 2, 1), music(1, 1, 2)]
    before = [track.copy() for track in tracks]
    settings = drawn_settings(["0", "1"], np.random.default_rng(0))
    first = mix_array(sources_of(tracks), settings, RATE)
    np.testing.assert_array_equal(mix_array(sources_of(tracks), settings, RATE), first)
    for track, original in zip(tracks, before, strict=True):
        np.testing.assert_array_equal(track, original)


def test_a_fader_at_its_lowest_is_a_missing_track() -> None:
    sources, settings = everything()
    muted = {**settings.tracks, "2": {**settings.tracks["2"], "fader": {"gain_db": -60.0}}}
    without = [source for source in sources if source.key != "2"]
    np.testing.assert_array_equal(
        mix_array(sources, Settings(muted, settings.reverb, settings.master), RATE),
        mix_array(without, settings, RATE),
    )


def test_an_absent_processor_is_bypassed() -> None:
    audio = music(1, 2)
    loud = {"fader": {"gain_db": 6.0}, "compressor": {"ratio": 20.0, "threshold_db": -40.0}}
    only_fader = {"fader": {"gain_db": 6.0}}
    compressed = mix_array(sources_of([audio]), Settings({"0": loud}, {}, {}), RATE)
    amplified = mix_array(sources_of([audio]), Settings({"0": only_fader}, {}, {}), RATE)
    assert rms_db(amplified) == pytest.approx(rms_db(audio) + 6, abs=1e-3)
    assert rms_db(compressed) < rms_db(amplified) - 3


def test_the_send_is_after_the_fader_and_the_panner() -> None:
    click = np.zeros((1, 100), np.float32)
    click[0, 0] = 1
    strip = {"fader": {"gain_db": -20.0}, "panner": {"pan": 1.0}, "send": {"level_db": 0.0}}
    mix = mix_array(sources_of([click]), Settings({"0": strip}, {"reverb": {}}, {}), RATE)
    # the response has one unit of energy a side; excited by the mean of the sides: sqrt(2) / 2 hard right, at -20 dB
    wet = mix[:, 100:]
    assert 10 * np.log10(np.square(wet, dtype=np.float64).sum(axis=1)) == pytest.approx([-23.01, -23.01], abs=0.05)


def test_the_reverb_rings_on_after_the_last_track() -> None:
    tracks = [music(0.5, 1, 1), music(0.3, 2, 2)]
    strips_of = {"0": {"send": {"level_db": -6.0}}, "1": {}}
    mix = mix_array(sources_of(tracks), Settings(strips_of, {"reverb": {"decay_s": 2.0}}, {}), RATE)
    assert mix.shape[1] / RATE == pytest.approx(0.5 + 0.01 + 1.2 * 2.0, abs=0.001)
    first, last = mix[:, RATE // 2 : RATE], mix[:, -RATE // 2 :]
    assert rms_db(first) > -50
    assert rms_db(last) < rms_db(first) - 40


@pytest.mark.parametrize("block", [1000, 65536])
def test_the_equaliser_rings_on_after_the_end_of_a_shorter_track(block: int) -> None:
    short, long = music(0.5, 1), np.zeros((1, RATE), np.float32)
    boost = {"equalizer": {"peak1_gain_db": 20.0, "peak1_hz": 40.0, "peak1_q": 5.0}}
    settings = Settings({"0": boost, "1": {}}, {}, {})
    mix = mix_array(sources_of([short, long]), settings, RATE, block=block)
    alone = mix_array(sources_of([np.pad(short, ((0, 0), (0, long.shape[1] - short.shape[1])))]), settings, RATE)
    np.testing.assert_array_equal(mix, alone)
    assert rms_db(mix[:, RATE // 2 :]) > -50, "a cut here would click"


def test_a_reverb_without_settings_is_out_of_the_circuit() -> None:
    track = music(0.5, 1)
    mix = mix_array(sources_of([track]), Settings({"0": {"send": {"level_db": 0.0}}}, {}, {}), RATE)
    np.testing.assert_array_equal(mix, np.repeat(track, 2, axis=0))


def test_the_limiters_latency_is_taken_off() -> None:
    click = np.zeros((2, 5000), np.float32)
    click[:, 2500] = 0.1
    settings = Settings({"0": {}}, {}, {"limiter": {"active": 1.0}})
    np.testing.assert_array_equal(mix_array(sources_of([click]), settings, RATE, block=512), click)


def test_the_master_limits_the_sum_of_all() -> None:
    tracks = [music(1, 2, seed) for seed in range(4)]
    settings = Settings({str(index): {} for index in range(4)}, {}, {"limiter": {"active": 1.0, "ceiling_db": -1.0}})
    mix = mix_array(sources_of(tracks), settings, RATE)
    assert decibels(float(np.abs(plain_sum(tracks)).max())) > 3
    assert decibels(float(np.abs(mix).max())) <= -1


@pytest.mark.parametrize(
    ("level_db", "is_it"),
    [(None, False), (-60.0, False), (-59.0, True), (0.0, True)],
    ids=["absent", "off", "low", "on"],
)
def test_a_send_is_open_above_its_lowest_position(level_db: float | None, is_it: bool) -> None:
    values: ChainValues = {} if level_db is None else {"send": {"level_db": level_db}}
    assert is_open(values, Place.SEND) is is_it


def test_blocks_come_as_they_are_made() -> None:
    """The first block is there before the second has been read: what streaming means."""
    taken = []

    def blocks(block: int) -> list[F32]:
        def one(index: int) -> F32:
            taken.append(index)
            return np.full((1, block), index, np.float32)

        return map(one, range(5))  # type: ignore[return-value]  # an iterator is what a source opens

    source = Source("a", 1, 5000, blocks)  # type: ignore[arg-type]
    stream = mix_blocks([source], Settings({"a": {}}, {}, {}), RATE, block=1000)
    assert next(stream)[0, 0] == 0
    assert taken == [0]
    assert next(stream)[0, 0] == 1
    assert taken == [0, 1]


def test_gradients_reach_every_knob_of_the_whole_console() -> None:
    tracks = torch.from_numpy(np.stack([music(0.5, 2, seed) for seed in range(3)]))
    settings = drawn_settings(["0", "1", "2"], np.random.default_rng(1))
    chains = [tensors_of(list(settings.tracks.values())), tensors_of([settings.reverb]), tensors_of([settings.master])]
    knobs = [knob for some in chains for values in some.values() for knob in values.values()]
    for knob in knobs:
        knob.requires_grad_()
    posts = strips(tracks, RATE, chains[0])
    mix = master(add(posts) + reverb_bus(posts, RATE, chains[0], chains[1]), RATE, chains[2])
    (mix.square().mean() + mix.mean()).backward()  # type: ignore[no-untyped-call]  # torch has no type for it
    for some in chains:
        for name, values in some.items():
            for knob_name, knob in values.items():
                if knob_name != "active":
                    assert knob.grad is not None, (name, knob_name)
                    assert bool(torch.isfinite(knob.grad).all()), (name, knob_name)
                    assert bool((knob.grad != 0).any()), (name, knob_name)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read from /proc")
def test_memory_is_bounded_and_does_not_depend_on_the_length() -> None:
    """16 tracks with everything on, from a generator, in a process of its own, over the warm interpreter."""
    short, long = measured_mb(2), measured_mb(10)
    assert long < GOAL_MB
    assert abs(long - short) < 20, "allocators differ by some megabytes, tracks of ten minutes by 3,300"

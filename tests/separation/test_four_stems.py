"""Drums, bass and the rest: what hits goes to the drums, what is low and steady to the bass."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from separation.separate import separate
from separation.spectra import istft, stft
from separation.spleeter import gains
from separation.spleeter.cues import COUNT, _mean, cues
from separation.spleeter.gains import StemGains, accompaniment_shares, plain_shares, shares, stem_gains
from tests.separation.material import sdr_db
from tests.signals import RATE, difference_db, music

F32 = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def parts(seconds: float = 6.0) -> dict[str, F32]:
    """A kit of noise bursts, a bass line of saw teeth and a held chord, each ``[2, time]``."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * RATE)) / RATE
    hits = rng.standard_normal(t.size) * np.exp(-40 * (t % 0.5))
    notes = np.repeat([41.2, 55.0, 61.7, 49.0], -(-t.size // 4))[: t.size]
    phase = np.cumsum(notes / RATE)
    bass = sum(np.sin(2 * np.pi * k * phase) / k**2 for k in range(1, 7)) * np.exp(-1.5 * (t % (seconds / 4)))
    chord = sum(np.sin(2 * np.pi * hz * t) / 3 for hz in (392.0, 493.9, 587.3, 783.99))
    made = {"drums": 0.3 * hits, "bass": 0.25 * bass, "other": 0.15 * chord}
    return {name: np.stack((x, x)).astype(np.float32) for name, x in made.items()}


def test_stems_add_up() -> None:
    song = music(2.0)
    stems = separate(song, RATE)
    assert list(stems) == ["vocals", "drums", "bass", "other"]
    assert difference_db(sum(stems.values(), np.zeros_like(song)), song) < -120


def test_each_part_goes_to_its_stem() -> None:
    truth = parts()
    mixture = sum(truth.values(), np.zeros((2, 1), np.float32))
    stems = separate(mixture, RATE)
    for name, part in truth.items():
        gained = sdr_db(part, stems[name]) - sdr_db(part, mixture)
        assert gained > 4, f"{name}: {gained:.1f} dB better than the mixture itself"


def test_shares_add_up_to_one() -> None:
    torch.manual_seed(0)
    found = shares(StemGains(), torch.randn(COUNT, 300, 40))
    assert torch.allclose(found.sum(0), torch.ones(300, 40), atol=1e-5)
    assert found.min() >= 0


def test_columns_are_the_network() -> None:
    """The fast form against the plain one."""
    torch.manual_seed(1)
    columns = torch.randn(COUNT, 40_000)
    network = stem_gains()
    assert (network.columns(columns) - network(columns.T).T).abs().max() < 1e-5


def test_means_over_bins_are_means() -> None:
    rows = torch.randn(40, 3)
    found = _mean(rows, 0, 9)
    assert torch.allclose(found[20], rows[16:25].mean(0), atol=1e-5)
    assert torch.allclose(found[1], rows[:6].mean(0), atol=1e-5)  # fewer at the edges
    assert torch.allclose(found, _mean(rows.T.contiguous(), 1, 9).T, atol=1e-5)


def test_cues_forget_what_is_far_away() -> None:
    """Segments must not disagree: what happens 64 frames on does not change a cue."""
    spectra = stft(torch.from_numpy(music(6.0)))
    voice = torch.rand(spectra.shape)
    whole = cues(spectra, voice)
    part = cues(spectra[..., :200], voice[..., :200])
    assert (whole[..., :136] - part[..., :136]).abs().max() < 1e-4


def test_shares_do_not_depend_on_how_many_frames_are_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    spectra = stft(torch.from_numpy(music(6.0)))
    voice = torch.rand(spectra.shape)
    network = stem_gains()
    whole = shares(network, cues(spectra, voice))
    monkeypatch.setattr(gains, "_FRAMES_AT_ONCE", 100)
    pieces = accompaniment_shares(network, spectra, voice)
    # means over many neighbours are rounded by where they start: -80 dB of a share of one
    assert (whole - pieces).abs().max() < 1e-4


def test_a_click_is_percussive_and_a_tone_is_not() -> None:
    samples = torch.zeros(2, RATE)
    samples[:, RATE // 2] = 1.0
    tone = 0.5 * torch.sin(2 * torch.pi * 1000 * torch.arange(RATE) / RATE).expand(2, -1)
    for signal, share in ((samples, 0.95), (tone, 0.05)):
        spectra = stft(signal)
        found = plain_shares(cues(spectra, torch.zeros(spectra.shape)))[0]
        energy = spectra.abs().square().sum(0)
        inside = slice(8, -8)  # the ends of the signal are clicks too
        mean = float((found * energy)[:, inside].sum() / energy[:, inside].sum())
        assert mean == pytest.approx(share, abs=0.05)


def test_the_transform_comes_back() -> None:
    signal = torch.from_numpy(music(1.0))
    back = istft(stft(signal), signal.shape[1])
    assert difference_db(back, signal) < -120

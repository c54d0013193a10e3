"""``analyze`` and ``compare``: figures that are true, as a table and as JSON; ``test_report`` looks at the page."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from mixer import audio
from tests.interfaces.conftest import Faderwise
from tests.signals import RATE, music


def test_analysis_in_json(faderwise: Faderwise, session: Path) -> None:
    made = faderwise("analyze", session, "--json").document
    bass, kick, voice = made["tracks"]
    assert list(made) == ["session", "tracks", "mix"]
    assert list(bass) == ["id", "name", "role", "audible", "features"]
    # the band from 20 to 100 Hz has its centre at 45 Hz, the next at 141: a tone at 82 leaks between the two
    assert 40 < bass["features"]["tonal_centre_hz"] < 142
    assert bass["features"]["true_peak_db"] == pytest.approx(20 * np.log10(0.5), abs=0.05)
    assert kick["features"]["loudness_lufs"] > voice["features"]["loudness_lufs"]
    assert made["mix"]["loudness_lufs"] > kick["features"]["loudness_lufs"]


def test_analysis_as_a_table(faderwise: Faderwise, session: Path) -> None:
    faderwise("set", session, "kick.mute=on")
    ran = faderwise("analyze", session)
    assert ran.code == 0
    assert "Kick (not in the mix)" in ran.out
    assert re.search(r"Bass DI +bass +-\d+\.\d LUFS +-6\.0 dBTP", ran.out)


def test_a_mix_is_at_no_distance_from_itself(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    mix = tmp_path / "mix.wav"
    faderwise("render", session, "-o", mix, "--bits", "float")
    made = faderwise("compare", session, mix, "--json").document
    assert list(made) == ["a", "b", "distance", "report"]
    # what is left comes from reading the same samples in blocks of another size
    assert made["distance"]["total_db"] == pytest.approx(0, abs=1e-6)
    assert made["a"]["features"]["loudness_lufs"] == pytest.approx(made["b"]["features"]["loudness_lufs"], abs=1e-9)


def test_what_differs_is_measured(faderwise: Faderwise, tmp_path: Path) -> None:
    wide, left = music(4, 2, seed=3), music(4, 2, seed=3)
    left[1] *= np.float32(0.1)
    audio.write(tmp_path / "wide.wav", wide, RATE)
    audio.write(tmp_path / "left.wav", left, RATE)
    made = faderwise("compare", tmp_path / "wide.wav", tmp_path / "left.wav", "--json").document
    # one side at a tenth: (0.01 - 1) / (0.01 + 1) of the power lies left
    assert made["b"]["features"]["imbalance"] == pytest.approx(-0.98, abs=0.01)
    assert made["distance"]["imbalance"] == pytest.approx(0.98, abs=0.02)
    assert "98 % left" in faderwise("compare", tmp_path / "wide.wav", tmp_path / "left.wav").out


@pytest.mark.parametrize(
    ("name", "said"),
    [("page.txt", "end its name in .html"), ("there.html", "--force replaces it"), ("no/page.html", "No such file")],
)
def test_a_page_that_cannot_be_written(
    faderwise: Faderwise, reference: Path, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "there.html").write_text("precious")
    before = sorted(tmp_path.rglob("*"))
    ran = faderwise("compare", reference, reference, "--report", tmp_path / name)
    assert ran.code in (2, 3)
    assert said in ran.error
    assert name in ran.error
    assert (sorted(tmp_path.rglob("*")), (tmp_path / "there.html").read_text()) == (before, "precious")

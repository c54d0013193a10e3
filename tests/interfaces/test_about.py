"""``params`` and ``doctor``."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from interfaces import selftest
from mixer.processor import processors
from tests.interfaces.conftest import Faderwise

DOCS = Path(__file__).resolve().parents[2] / "docs" / "params.md"


def test_every_knob_is_listed_with_its_range(faderwise: Faderwise) -> None:
    listed = faderwise("params", "--json").document["processors"]
    assert [entry["name"] for entry in listed] == list(processors())
    for entry, known in zip(listed, processors().values(), strict=True):
        assert [(p["name"], p["low"], p["high"], p["default"]) for p in entry["params"]] == [
            (p.name, p.low, p.high, p.default) for p in known.params
        ]


def test_one_processor(faderwise: Faderwise) -> None:
    ran = faderwise("params", "panner")
    assert ran.code == 0
    assert "fader" not in ran.out.splitlines()[0]
    assert any(line.split()[:4] == ["pan", "-1.00", "1.00", "0.00"] for line in ran.out.splitlines())


def test_an_unknown_processor(faderwise: Faderwise) -> None:
    ran = faderwise("params", "flanger")
    assert (ran.code, ran.out) == (2, "")
    assert ran.error.startswith("faderwise: there is no processor 'flanger': there are equalizer, ")


def test_the_committed_reference_is_current(faderwise: Faderwise) -> None:
    assert faderwise("params", "--markdown").out == DOCS.read_text(encoding="utf-8"), (
        "run `faderwise params --markdown > docs/params.md`"
    )


def test_a_healthy_machine(faderwise: Faderwise) -> None:
    ran = faderwise("doctor", "--json")
    assert ran.code == 0
    checks = {check["name"]: check for check in ran.document["checks"]}
    assert ran.document["ok"] is True
    assert {"Python", "torch", "kernel cache", "audio formats", "temporary space", "self-test"} <= checks.keys()
    assert {check["state"] for check in checks.values()} <= {"ok", "warn"}


def test_the_two_paths_agree_with_everything_switched_on() -> None:
    # the bound that both paths are held to; float32 between the processors leaves about -104 dB
    assert -160 < selftest.difference_db() < -90


def test_paths_that_differ_fail_the_check(faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "difference_db", lambda: -60.0)
    ran = faderwise("doctor")
    assert ran.code == 5
    assert "self-test         fail   render and differentiable path differ by -60 dB, -90 is allowed" in ran.out
    assert ran.error.endswith("checks failed (self-test): the table says what to do")


class _Usage(NamedTuple):
    free: int


def test_a_full_disk_and_a_broken_machine(faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> float:
        raise OSError("libtorch is not what it was")

    monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(free=1_000_000))
    monkeypatch.setattr(selftest, "difference_db", broken)
    ran = faderwise("doctor", "--json")
    checks = {check["name"]: check for check in ran.document["checks"]}
    assert (ran.code, ran.document["ok"]) == (5, False)
    assert checks["temporary space"]["found"] == f"0.0 GB free in {tempfile.gettempdir()}"
    assert checks["temporary space"]["remedy"] == "free some space, or set TMPDIR to a larger disk"
    assert checks["self-test"]["found"] == "OSError: libtorch is not what it was"
    assert "2 of" in ran.error


def test_a_kernel_cache_that_cannot_be_written(
    faderwise: Faderwise, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(selftest, "difference_db", lambda: -120.0)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "missing"))
    ran = faderwise("doctor", "--json")
    (cache,) = (check for check in ran.document["checks"] if check["name"] == "kernel cache")
    assert (ran.code, cache["state"]) == (0, "warn")
    assert "set NUMBA_CACHE_DIR" in cache["remedy"]

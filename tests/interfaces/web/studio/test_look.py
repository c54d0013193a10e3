"""The Look area: what is measured, what is remembered, and what the page draws of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from interfaces.looked import look_document
from interfaces.measured import Listened, listen_to_mix
from interfaces.web.page import module_text, script_url
from interfaces.web.studio.look import Compared, Looker, before_suggestion
from interfaces.web.studio.mixing import Mix
from mixer import audio
from mixer.edits import apply
from mixer.progress import Progress
from mixer.roles import Group
from mixer.scan import scan
from mixer.session import Edit, Session
from style_transfer.features import CENTRES_HZ
from style_transfer.reference_file import ReferenceFile
from style_transfer.stems import ReferenceStems
from tests.chromium import Chromium
from tests.interfaces.web.studio.conftest import Running
from tests.interfaces.web.studio.pages import open_page, open_song, song
from tests.signals import RATE, music, sine


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Mix:
    """A low and a high tone; a suggestion turned the high one up, and a hand turned the low one down afterwards."""
    folder = tmp_path_factory.mktemp("song")
    audio.write(folder / "Bass.wav", 0.4 * sine(100, 4), RATE)
    audio.write(folder / "Flute.wav", 0.04 * sine(2000, 4), RATE)
    session = moved(moved(scan(folder).session, "flute", 6.0, "suggest"), "bass", -3.0, "set")
    return Mix("one", folder, session)


def moved(session: Session, track: str, gain_db: float, kind: str) -> Session:
    edit = Edit(address=f"{track}.fader.gain_db", before=None, after={"value": gain_db, "source": "reference"})
    return apply(session, [edit], kind, "a step")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    path = tmp_path_factory.mktemp("reference") / "hit.wav"
    audio.write(path, np.float32(0.5) * music(6, 2, seed=7), RATE)
    return Compared("r1", "hit.wav", ReferenceFile(path, (1.0, 5.0)))


def tone(document: dict[str, Any], view: str, side: str) -> list[float]:
    lines = next(each for each in document["tones"] if each["key"] == view)["lines"]
    found: list[float] = next(line["db"] for line in lines if line["side"] == side)
    return found


def band(hz: float) -> int:
    return int(np.argmin(np.abs(np.log(np.array(CENTRES_HZ) / hz))))


def test_before_is_what_stood_when_the_suggestion_came(mix: Mix, compared: Compared) -> None:
    before = before_suggestion(mix.session)
    assert before is not None
    assert before.history == []
    assert before_suggestion(before) is None
    document = Looker().look(mix, [compared])
    assert [side["key"] for side in document["sides"]] == ["now", "before", "r1"]
    low, high = band(100), band(2000)
    between = {side: tone(document, "mid", side)[high] - tone(document, "mid", side)[low] for side in ("now", "before")}
    # 6 dB up and 3 dB down: 9 dB nearer to each other; tones near the edge of a band leak the same in both
    assert between["now"] - between["before"] == pytest.approx(9, abs=0.05)


def test_the_reference_is_its_segment_with_its_range(mix: Mix, compared: Compared) -> None:
    document = Looker().look(mix, [compared])
    (found,) = document["tones"][0]["ranges"]
    assert found["side"] == "r1"
    assert all(low <= high for low, high in zip(found["low_db"], found["high_db"], strict=True))
    length = next(row for row in document["figures"] if row["name"] == "Length")
    assert (length["values"]["now"], length["values"]["r1"]) == ("4.0 s", "4.0 s")
    assert document["notes"] == ["hit.wav is measured from 0:01 to 0:05, what a suggestion goes by"]
    assert str(compared.file.path.parent) not in str(document)


def test_masking_is_told_for_both(mix: Mix, compared: Compared) -> None:
    masking = Looker().look(mix, [compared])["masking"]
    assert [track["name"] for track in masking["tracks"]] == ["Bass", "Flute"]
    assert [view["side"] for view in masking["views"]] == ["now", "before"]
    now, before = (view["over_db"] for view in masking["views"])
    # bands in which a tone is its own: the other leaks 40 dB less
    assert now[0][band(100)] == before[0][band(100)] == 40.0
    assert now[0][band(8000)] is None


def test_what_was_measured_is_not_measured_again(mix: Mix, compared: Compared, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Session] = []

    def listen(session: Session, folder: Path, progress: Progress) -> Listened:
        heard.append(session)
        return listen_to_mix(session, folder, progress)

    monkeypatch.setattr("interfaces.web.studio.look.listen_to_mix", listen)
    looker = Looker()
    first = looker.look(mix, [compared])
    assert len(heard) == 2
    assert looker.look(mix, [compared]) == first
    assert len(heard) == 2
    louder = mix.with_session(moved(mix.session, "flute", 9.0, "set"))
    assert looker.look(louder, [compared]) != first
    assert len(heard) == 3  # what stood before the suggestion is known


def test_groups_of_a_reference_whose_stems_are_known(mix: Mix, compared: Compared, tmp_path: Path) -> None:
    audio.write(tmp_path / "bass.wav", 0.3 * sine(100, 6), RATE)
    audio.write(tmp_path / "other.wav", 0.3 * sine(2000, 6), RATE)
    stems = ReferenceStems({Group.BASS: tmp_path / "bass.wav", Group.OTHER: tmp_path / "other.wav"})
    known = Compared("r1", "hit.wav", ReferenceFile(compared.file.path, compared.file.segment, stems=stems))
    document = Looker().look(mix, [known])
    assert [view["key"] for view in document["tones"]] == ["mid", "side", "bass", "other"]
    theirs, ours = tone(document, "other", "r1"), tone(document, "other", "now")
    assert theirs[band(2000)] == pytest.approx(ours[band(2000)], abs=0.05)  # one tone each, relative to itself
    assert theirs[band(100)] is None


def test_the_page_draws_it_and_what_plays(browser: Chromium, studio_server: Running, tmp_path: Path) -> None:
    open_page(browser, studio_server)
    browser.errors.clear()
    open_song(browser, *song(tmp_path))
    browser.click("#tab-look")
    browser.click("[data-do=look]")
    browser.wait_for("document.querySelector('#look .tonal .line')")
    assert browser.run("document.querySelectorAll('#look .map .name').length") == 3
    assert browser.run("[...document.querySelectorAll('#look h3')].map((e) => e.textContent)") == [
        "Tonal balance",
        "Masking",
        "Loudness over time",
        "Stereo over time",
    ]
    assert browser.run("document.querySelector('#look').classList.contains('stale')") is False
    browser.run("document.querySelector('#look .map').focus()")
    for key in ("ArrowDown", "End", "ArrowLeft"):
        browser.key(key)
    said = browser.run("document.querySelector('#look .map').getAttribute('aria-valuetext')")
    assert said.startswith("Kick, 12 kHz to 15.5 kHz: ")
    browser.run("document.querySelector('#look .masking summary').click()")
    browser.wait_for("document.querySelectorAll('#look .masking td').length === 3 * 26")
    drawn = (
        "(() => { const c = document.querySelector('#look .tonal canvas');"
        " return c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((value) => value > 0); })()"
    )
    assert browser.run(drawn) is False
    browser.run("studio.engine.play()")
    browser.wait_for(drawn)
    head = "parseFloat(document.querySelector('#look .loudness .playhead').style.left)"
    browser.wait_for(f"{head} > 45")
    browser.run("studio.engine.pause()")
    browser.wait_for(f"!{drawn}")
    browser.run("document.querySelector('[data-address=\"kick.fader.gain_db\"] .dial').focus()")
    browser.key("ArrowDown")
    browser.wait_for("document.querySelector('#look').classList.contains('stale')")
    browser.click("[data-do=look]")
    browser.wait_for("!document.querySelector('#look').classList.contains('stale')")
    browser.call("Page.reload")
    browser.wait_for("window.studio?.engine && document.querySelector('#look .tonal')")
    browser.click("#tab-look")
    browser.wait_for("document.querySelector('#look .tonal .line')")
    assert browser.errors == []


def test_what_plays_is_measured_as_mixes_are(engine_page: Chromium) -> None:
    """A steady tone on the left alone: as much in the middle as at the sides, in its own band."""
    bands = look_document([], RATE)["bands"]
    levels = engine_page.run(
        """async ({script, bands}) => {
          const {Spectrum} = await import(script);
          const context = new AudioContext({sampleRate: 44100});
          await context.resume();
          const tone = new OscillatorNode(context, {frequency: 3000});
          const left = new StereoPannerNode(context, {pan: -1});
          tone.connect(left);
          tone.start();
          const spectrum = new Spectrum(left, bands);
          let levels = null;
          for (let n = 0; n < 40; n++) {
            await new Promise((done) => setTimeout(done, 50));
            levels = spectrum.read();
          }
          await context.close();
          return levels;
        }""",
        {"script": script_url(module_text("spectrum.js")), "bands": bands},
    )
    at = band(3000)
    weight = bands["weights_db"][at]
    # half of the power in the middle and half at the sides, each relative to twice their weighted sum
    for side in ("mid", "side"):
        assert levels[side][at] == pytest.approx(-10 * np.log10(4) - weight, abs=0.3)
        assert max(level for index, level in enumerate(levels[side]) if abs(index - at) > 1) < -45

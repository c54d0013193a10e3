"""The player in Chromium, opened from disk: it loads, plays, mixes, and sounds as the render does."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from interfaces.cli import main
from interfaces.web.player import unheard
from mixer import audio
from mixer.assignment import parse_assignment
from mixer.edits import apply
from mixer.processor import find
from mixer.session_file import load
from tests.chromium import Chromium
from tests.interfaces.conftest import Faderwise, contents
from tests.interfaces.web.browser_console import latency_frames
from tests.signals import RATE, difference_db, music, sine

NAME = 'Vox "1" </script><b>&'
SETTINGS = (
    "kick.fader.gain_db=-4",
    "kick.equalizer.low_gain_db=5",
    "bass_di.compressor.ratio=4",
    "bass_di.compressor.threshold_db=-30",
    "ldvox.panner.pan=0.4",
    "ldvox.send.level_db=-12",
    "reverb.reverb.decay_s=0.4",
    "master.limiter.active=on",
    "master.fader.gain_db=3",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A player and what it was made from."""

    folder: Path
    stems: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Three tracks of six seconds, FLAC, OGG and WAV, with a reference."""
    home = tmp_path_factory.mktemp("my 100 % #1 song")
    stems = home / "stems"
    stems.mkdir()
    audio.write(stems / "Kick.flac", music(6, 1, seed=1), RATE)
    audio.write(stems / "Bass DI.ogg", 0.5 * sine(82, 6), RATE)
    audio.write(stems / "LdVox.wav", np.float32(0.3) * music(6, 2, seed=2), RATE)
    audio.write(home / "hit.wav", np.float32(0.2) * music(5, 2, seed=7), 48000)
    for arguments in (
        ["new", stems],
        ["set", stems, *SETTINGS],
        ["set", stems, f"ldvox.name={NAME}"],
        ["player", stems, "-o", home / "player", "--reference", f"{home / 'hit.wav'}@1-4"],
    ):
        assert main([str(argument) for argument in arguments]) == 0
    return Made(home / "player", stems)


@pytest.fixture(scope="module")
def page(browser: Chromium, made: Made) -> Iterator[Chromium]:
    """The player's page, loaded without anybody having touched it."""
    browser.resize(1600, 900)
    browser.open((made.folder / "index.html").as_uri())
    browser.wait_for("document.body.dataset.ready === 'yes'")
    yield browser
    assert browser.errors == []


@pytest.fixture
def playing(page: Chromium) -> Iterator[Chromium]:
    """The same, at play from the start, as it was saved."""
    page.run("faderwise.seek(0)")
    page.click(".transport .play")
    page.wait_for("faderwise.position > 0.3")
    yield page
    page.run("faderwise.pause()")


def control(address: str) -> str:
    return f'.strip [data-address="{address}"] .dial'


def value_of(page: Chromium, address: str) -> float:
    return float(page.run("(a) => faderwise.get(a)", address))


def peak_db(page: Chromium, seconds: float = 0.7, track: str = "kick") -> float:
    """The loudest that a strip's meter shows within that time."""
    return float(
        page.run(
            """async (ms, id) => {
              const index = faderwise.session.tracks.findIndex((track) => track.id === id);
              let most = -200;
              const hear = () => { most = Math.max(most, faderwise.meters.strips[index].peakDb); };
              faderwise.addEventListener('meters', hear);
              await new Promise((done) => setTimeout(done, ms));
              faderwise.removeEventListener('meters', hear);
              return most;
            }""",
            1000 * seconds,
            track,
        )
    )


def test_nothing_is_asked_of_a_network(page: Chromium, made: Made) -> None:
    here = made.folder.as_uri()
    foreign = [url for url in page.requests if not url.startswith((here, "data:", "about:", "blob:"))]
    assert foreign == []
    text = (made.folder / "index.html").read_text(encoding="utf-8")
    assert str(made.folder.parent) not in text
    assert "history" not in json.loads((made.folder / "player.json").read_text(encoding="utf-8"))["session"]


def test_names_are_text(page: Chromium) -> None:
    assert page.run("document.querySelector('[data-target=ldvox] .name').textContent") == NAME


def test_it_sounds_as_the_render(page: Chromium, made: Made, tmp_path: Path) -> None:
    """The packed audio through the page's own engine, against `faderwise render`: OGG and FLAC decode alike here."""
    mix = tmp_path / "mix.wav"
    assert main(["render", str(made.stems), "-o", str(mix), "--bits", "float"]) == 0
    wanted, _ = audio.read(mix)
    late = latency_frames(RATE)
    render = """
    async (frames) => {
      const given = JSON.parse(document.getElementById('given').textContent);
      const context = new OfflineAudioContext(2, frames, given.session.sample_rate);
      const engine = new faderwise.constructor({schema: given.schema, context, ...given.urls});
      const bytes = async (name) => {
        const script = document.createElement('script'); let base64;
        const before = window.faderwiseAudio; window.faderwiseAudio = (_, text) => { base64 = text; };
        script.src = `audio/${name}`;
        await new Promise((done) => { script.onload = done; document.head.append(script); });
        window.faderwiseAudio = before;
        return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer;
      };
      const files = {};
      for (const [id, name] of Object.entries(given.audio)) files[id] = await bytes(name);
      await engine.load(given.session, files);
      await engine.play();
      await engine.settled();
      const done = await context.startRendering();
      return [0, 1].map((side) => [...done.getChannelData(side)].map((v) => Math.round(v * 2 ** 24)));
    }
    """
    heard = np.array(page.run(render, wanted.shape[1] + late)) / 2**24
    assert difference_db(heard[:, late:], wanted) < -75, "LdVox.wav became 24 bit; two decoders of Vorbis"


def test_play_and_the_meters_follow_the_fader(playing: Chromium) -> None:
    assert playing.run("faderwise.context.state") == "running"
    before = peak_db(playing)
    assert before > -30
    x, y = playing.middle(control("kick.fader.gain_db"))
    thumb = '[data-address="kick.fader.gain_db"] .thumb'
    x, y = playing.middle(thumb)
    playing.mouse("mousePressed", x, y, button="left", clickCount=1)
    for step in range(1, 9):
        playing.mouse("mouseMoved", x, y + 5 * step, button="left", buttons=1)
    playing.mouse("mouseReleased", x, y + 40, button="left", clickCount=1)
    moved = value_of(playing, "kick.fader.gain_db")
    assert moved < -12
    playing.run("faderwise.seek(0.3)")
    time.sleep(0.1)
    assert peak_db(playing) - before == pytest.approx(moved + 4, abs=1.5), "the meter tells the fader's way"
    assert playing.run("document.querySelector('[data-address=\"kick.fader.gain_db\"] .value').textContent") == (
        find("fader").param("gain_db").show(moved)
    )
    playing.click(control("kick.fader.gain_db"), count=2)
    assert value_of(playing, "kick.fader.gain_db") == 0.0


def test_mute_solo_and_lock(playing: Chromium) -> None:
    playing.click('[data-target="kick"] .mute')
    time.sleep(0.2)
    assert peak_db(playing, 0.3) < -100
    assert playing.run("document.querySelector('[data-target=kick] .mute').getAttribute('aria-pressed')") == "true"
    playing.click('[data-target="kick"] .mute')
    playing.click('[data-target="bass_di"] .solo')
    time.sleep(0.2)
    assert peak_db(playing, 0.3) < -100
    assert peak_db(playing, 0.3, "bass_di") > -40
    playing.click('[data-target="bass_di"] .solo')
    playing.click('[data-target="kick"] .lock')
    assert playing.run("faderwise.session.tracks.find((t) => t.id === 'kick').locked") is True
    assert playing.run("document.querySelector('[data-target=kick] .control').classList.contains('locked')") is True
    playing.click('[data-target="kick"] .lock')


def test_keys_wheel_and_typing(page: Chromium) -> None:
    param = find("compressor").param("threshold_db")
    knob = control("bass_di.compressor.threshold_db")
    page.run("(s) => document.querySelector(s).focus()", knob)
    page.key("ArrowUp")
    step = (param.high - param.low) / 100
    assert value_of(page, "bass_di.compressor.threshold_db") == pytest.approx(-30 + step)
    page.key("Home")
    assert value_of(page, "bass_di.compressor.threshold_db") == param.low
    x, y = page.middle(knob)
    page.mouse("mouseWheel", x, y, deltaX=0, deltaY=-100)
    page.wait_for(f"faderwise.get('bass_di.compressor.threshold_db') > {param.low}")
    page.run("(s) => document.querySelector(s).focus()", knob)
    page.key("-", "-")
    page.call("Input.insertText", text="24.5 dB")
    page.key("Enter")
    assert value_of(page, "bass_di.compressor.threshold_db") == -24.5
    page.key("l")
    assert page.run("faderwise.isLocked('bass_di.compressor.threshold_db')") is True
    page.key("l")
    assert page.run("(s) => document.querySelector(s).getAttribute('aria-valuetext')", knob) == "-24.5 dB"
    page.key("Enter")
    page.call("Input.insertText", text="nonsense")
    page.key("Escape")
    assert value_of(page, "bass_di.compressor.threshold_db") == -24.5


def test_what_is_heard_can_be_switched(playing: Chromium) -> None:
    for key, heard in (("a", "raw"), ("r", "reference"), ("b", "mix")):
        playing.key(key)
        assert playing.run("faderwise.listening") == heard
        assert playing.run(f"document.querySelector('.listen.{heard}').getAttribute('aria-pressed')") == "true"


def test_the_timeline_seeks_and_loops(page: Chromium) -> None:
    """A press goes to a place, a drag marks a range and repeats it, the button lets the song run through again."""
    box = page.run(
        "(() => { const b = document.querySelector('.timeline').getBoundingClientRect();"
        " return [b.x, b.y + b.height / 2, b.width]; })()"
    )
    x, y, width = box
    page.mouse("mousePressed", x + width / 2, y, button="left", clickCount=1)
    page.mouse("mouseReleased", x + width / 2, y, button="left", clickCount=1)
    assert page.run("faderwise.position") == pytest.approx(3, abs=0.05)
    page.mouse("mousePressed", x + width / 4, y, button="left", clickCount=1)
    page.mouse("mouseMoved", x + width / 3, y, button="left", buttons=1)
    page.mouse("mouseReleased", x + width / 3, y, button="left", clickCount=1)
    assert page.run("faderwise.loopRange") == pytest.approx([1.5, 2.0], abs=0.05)
    page.run("document.activeElement.blur()")
    page.key(" ", " ")
    page.wait_for("faderwise.playing")
    time.sleep(1.2)
    assert 1.4 < page.run("faderwise.position") < 2.1
    page.key(" ", " ")
    page.wait_for("!faderwise.playing")
    page.click("[aria-label='Loop the marked range']")
    assert page.run("faderwise.loopRange") is None


def test_all_knobs_of_one_strip(page: Chromium) -> None:
    page.click('[data-target="kick"] .name')
    shown = set(page.run("[...document.querySelectorAll('.panel .control')].map((e) => e.dataset.address)"))
    mono = {"kick.panner.width"}
    processors = ("equalizer", "compressor", "fader", "panner", "send")
    assert shown == {f"kick.{name}.{knob}" for name in processors for knob in find(name).knobs} - mono
    page.click(".panel .of-equalizer .power")
    assert page.run("faderwise.get('kick.equalizer.bypass')") is True
    page.click(".panel .of-equalizer .power")


def test_everything_has_a_name_and_is_reached_by_keyboard(page: Chromium) -> None:
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    named = [node for node in nodes if node.get("role", {}).get("value") in ("button", "slider", "textbox")]
    assert len(named) > 50
    assert [node["nodeId"] for node in named if not node.get("name", {}).get("value")] == []
    focusable = "[...document.querySelectorAll('[role=slider], .toggle')].filter((e) => e.tabIndex !== 0).length"
    assert page.run(focusable) == 0


def test_what_was_changed_is_a_session(page: Chromium, made: Made, tmp_path: Path) -> None:
    """The downloaded settings load as the song's session, with what was moved by hand."""
    page.run("faderwise.set('ldvox.equalizer.highpass_hz', 120)")
    shutil.copytree(made.stems, tmp_path / "stems")
    text = page.run("JSON.stringify(faderwise.session)")
    (tmp_path / "stems" / "faderwise.json").write_text(text, encoding="utf-8")
    session = load(tmp_path / "stems")
    knob = session.knob("ldvox.equalizer.highpass_hz")
    assert (knob.value, knob.source) == (120.0, "user")
    assert session.knob("ldvox.panner.pan").value == 0.4


@pytest.mark.parametrize(("width", "mobile"), [(1600, False), (1024, False), (390, True)])
def test_it_fits(page: Chromium, width: int, mobile: bool) -> None:
    page.resize(width, 844, mobile=mobile)
    assert page.run("document.documentElement.scrollWidth") <= width
    sizes = page.run(
        "['.fader .dial', '.place .dial', '.lock'].map((s) => { const b = document.querySelector(`.strip ${s}`)"
        ".getBoundingClientRect(); return [b.width, b.height]; })"
    )
    assert all(min(size) >= 20 for size in sizes)
    lies = sizes[0][0] > sizes[0][1]
    assert lies == mobile, "on a phone faders lie"
    page.resize(1600, 900)


def test_a_finger_moves_a_fader(page: Chromium) -> None:
    """A drag along the way moves it, two taps put it back."""
    page.resize(390, 844, mobile=True)
    page.run("faderwise.set('kick.fader.gain_db', -20)")
    x, y = page.middle('[data-address="kick.fader.gain_db"] .thumb')
    page.touch("touchStart", x, y)
    for step in range(1, 6):
        page.touch("touchMove", x + 10 * step, y)
    page.touch("touchEnd")
    assert value_of(page, "kick.fader.gain_db") > -12
    x, y = page.middle('[data-address="kick.fader.gain_db"] .thumb')
    for _ in range(2):
        page.touch("touchStart", x, y)
        page.touch("touchEnd")
    page.wait_for("faderwise.get('kick.fader.gain_db') === 0")
    page.resize(1600, 900)


def test_a_lost_file_is_named(browser: Chromium, made: Made, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(made.folder, copy)
    (lost,) = (copy / "audio").glob("01*")
    lost.unlink()
    browser.open((copy / "index.html").as_uri())
    browser.wait_for("document.querySelector('#state.failed')")
    assert f"audio/{lost.name} is missing" in browser.run("document.getElementById('state').textContent")
    browser.errors.clear()


# --- the verb ---------------------------------------------------------------------------------------------------------


def test_the_verb_tells_where_it_is(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    document = faderwise("player", session, "-o", tmp_path / "player", "--json").document
    assert Path(document["page"]).is_file()
    assert document["not_carried"] == []
    before = contents(tmp_path / "player")
    ran = faderwise("player", session, "-o", tmp_path / "player")
    assert (ran.code, contents(tmp_path / "player")) == (2, before)
    faderwise("set", session, "kick.fader.gain_db=-9")
    assert faderwise("player", session, "-o", tmp_path / "player", "--force").code == 0
    assert contents(tmp_path / "player") != before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["player", "stems"]


def test_force_takes_no_folder_that_is_no_player(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    mine = tmp_path / "site"
    mine.mkdir()
    (mine / "index.html").write_text("my page")
    for place in (mine, session.parent):
        before = contents(place)
        assert faderwise("player", session, "-o", place, "--force").code == 2
        assert contents(place) == before


def test_a_reference_that_is_none_leaves_nothing(faderwise: Faderwise, session: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.wav"
    notes.write_text("la la")
    ran = faderwise("player", session, "-o", tmp_path / "player", "--reference", notes)
    assert ran.code == 3
    assert "notes.wav" in ran.error
    assert not (tmp_path / "player").exists()


def test_nothing_is_cut_off_at_full_scale(faderwise: Faderwise, tmp_path: Path) -> None:
    """A float track at twice full scale is packed as it is; one below it in 24 bit."""
    stems = tmp_path / "stems"
    stems.mkdir()
    loud, soft = np.float32(2.5) * music(1, 1), music(1, 1, seed=2)
    for name, sound in (("Loud", loud), ("Soft", soft)):
        audio.write(stems / f"{name}.wav", sound, RATE, depth="float")
    assert faderwise("new", stems).code == 0
    assert faderwise("player", stems, "-o", tmp_path / "player").code == 0
    assert sorted(path.suffix for path in (tmp_path / "player").rglob("*") if path.is_file()) == [
        ".html",
        ".js",
        ".js",
        ".json",
    ]
    for script, sound, ending in (("01-loud.js", loud, "wav"), ("02-soft.js", soft, "flac")):
        text = (tmp_path / "player" / "audio" / script).read_text(encoding="utf-8")
        packed = tmp_path / f"packed.{ending}"
        packed.write_bytes(base64.b64decode(text.split('"')[3]))
        assert difference_db(audio.read(packed)[0], sound) < -120


def test_what_a_browser_does_not_have_is_said(session: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("interfaces.web.player.realised", lambda names: [n for n in names if n != "equalizer"])
    opened = load(session)
    assert unheard(opened) == []
    changed = apply(opened, [parse_assignment(opened, "kick.equalizer.low_gain_db=3")], "set", "low")
    assert unheard(changed) == ["kick.equalizer"]

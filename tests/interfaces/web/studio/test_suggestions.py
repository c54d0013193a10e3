"""Asking for a mix in the page: what is asked, what comes, why, and what the user says to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from interfaces import suggesting
from interfaces.web.studio import asking, studio_page
from mixer import audio
from tests.axe import serious_findings
from tests.chromium import Chromium
from tests.interfaces.web.studio.answers import STAGES, Answers, values
from tests.interfaces.web.studio.conftest import Running
from tests.interfaces.web.studio.pages import STANDS, open_page, open_song, put, song, texts, told, undo_all, wait_told
from tests.signals import RATE, music

FADER = "kick.fader.gain_db"
BAND = "kick.equalizer.peak1_gain_db"


@pytest.fixture(scope="module")
def answers() -> Iterator[Answers]:
    """What answers in the place of the search."""
    made = Answers()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "suggestions", made)
        yield made


@pytest.fixture(scope="module")
def page(
    browser: Chromium, studio_server: Running, answers: Answers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chromium]:
    """A song of three tracks, and nothing wished for yet."""
    del answers
    open_page(browser, studio_server)
    open_song(browser, *song(tmp_path_factory.mktemp("song"), 2.0))
    yield browser
    assert browser.errors == []


@pytest.fixture
def suggested(page: Chromium) -> Chromium:
    """The same after a suggestion of two alternatives, of which the first is chosen and nothing is said to it."""
    undo_all(page)
    if told(page, "context.prompt") != "vocals louder":
        page.run("studio.context.prompt.say('vocals louder')")
        wait_told(page, "state.context.prompt === 'vocals louder'")
    page.run("document.querySelector('input[name=count][value=\"3\"]').click()")
    ask(page)
    return page


def ask(page: Chromium, timeout_s: float = 60) -> None:
    """Press the button, and wait until the answer is on the desk."""
    page.wait_for("!document.querySelector('[data-do=suggest]').disabled")
    steps = told(page, "history.length")
    page.click("#suggest [data-do=suggest]")
    page.wait_for(f"studio.state.history.length > {steps} && studio.tabs.shown === 'why'", timeout_s)


def value(page: Chromium, address: str) -> float:
    return float(page.run("(a) => studio.engine.get(a)", address))


def row(address: str) -> str:
    return f'.change[data-address="{address}"]'


def ghost(page: Chromium, address: str) -> str | None:
    """What the mark on the desk says, if there is one."""
    ask_for = "(s) => document.querySelector(s)?.title ?? null"
    found: str | None = page.run(ask_for, f'#desk [data-address="{address}"] .ghost')
    return found


def test_a_quick_answer_is_offered_where_there_is_a_reference_and_somebody_who_learned(
    page: Chromium, studio_server: Running, answers: Answers, tmp_path: Path
) -> None:
    """It is one, whatever is chosen beside it."""
    quick = "document.querySelector('[data-do=quick]')"
    audio.write(tmp_path / "hit.wav", music(2.0, 2, seed=9), RATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(studio_page, "has_weights", lambda: True)
        page.open(studio_server.address)
        page.wait_for(STANDS)
    assert page.run(f"{quick}.offsetParent") is None
    page.choose_files("#context input[type=file]", tmp_path / "hit.wav")
    page.wait_for(f"{quick}.offsetParent && !{quick}.disabled")
    page.run("document.querySelector('input[name=count][value=\"3\"]').click()")
    assert serious_findings(page) == []
    page.click("[data-do=quick]")
    page.wait_for("studio.state.history.length === 1 && studio.tabs.shown === 'why'")
    assert (answers.requests[-1].fast, answers.requests[-1].alternatives) == (True, None)
    undo_all(page)
    page.click(".card.reference [aria-label='Remove hit.wav']")
    page.wait_for(f"!{quick}.offsetParent")
    page.open(studio_server.address)
    page.wait_for(STANDS)


def test_with_nothing_to_go_by_the_button_says_so(page: Chromium) -> None:
    button = "document.querySelector('[data-do=suggest]')"
    assert page.run(f"{button}.disabled") is True
    assert "add a reference" in page.run(
        f"document.getElementById({button}.getAttribute('aria-describedby')).textContent"
    )
    put(page, "#prompt", "vocals louder")
    page.wait_for(f"!{button}.disabled")
    assert texts(page, "#suggest-reason") == [""]


def test_what_is_asked_is_what_is_set(page: Chromium, answers: Answers) -> None:
    """How far, overall and in one aspect; one aspect of one track; and no more than one answer."""
    put(page, '.amount[data-amount="all"] input[type=number]', "60")
    assert page.run("document.querySelector('.amount[data-amount=all] input[type=range]').value") == "60"
    page.run("document.querySelectorAll('#suggest details').forEach((fold) => { fold.open = true; })")
    put(page, '.amount[data-amount="eq"] input[type=number]', "300")
    put(page, '.amount[data-amount="level"] input[type=number]', "30")
    for label in ("Touch EQ", "Touch Kick"):
        page.click(f'#suggest [aria-label="{label}"]')
    ask(page)
    request = answers.requests[-1]
    assert request.intensity == ("60", "level=30"), "300 is more than all"
    assert request.only == ("kick.eq",)
    assert request.prompt == "vocals louder"
    assert request.alternatives is None
    for label in ("Touch EQ", "Touch Kick"):
        page.click(f'#suggest [aria-label="{label}"]')
    put(page, '.amount[data-amount="all"] input[type=number]', "100")


def test_the_mix_comes_with_its_alternatives_and_reasons(suggested: Chromium) -> None:
    for address, wanted in values().items():
        assert value(suggested, address) == pytest.approx(wanted)
    assert texts(suggested, ".alternative b") == ["balanced", "kick back"]
    assert "7 changes" in texts(suggested, ".alternative")[0]
    assert "kick 5.0 dB down" in texts(suggested, ".alternative")[1]
    said = suggested.run("(s) => document.querySelector(s).innerText", row(FADER))
    assert "0.0 dB → -4.0 dB" in said
    assert "4.0 LU above the drums of the reference" in said
    band = suggested.run("(s) => document.querySelector(s).innerText", row(BAND))
    assert "0.0 dB → +3.0 dB" in band
    assert "at 80 Hz" in band, "what goes with a gain is told with it"
    assert len(suggested.run("(s) => [...document.querySelectorAll(s)].map((e) => e.dataset.address)", ".change")) == 6
    why = suggested.run("document.getElementById('why').innerText")
    assert "The mix stood at -20.0 LUFS" in why
    assert "it is locked" in why
    assert "follow practice" in why


def test_another_alternative_is_heard_within_a_second(suggested: Chromium) -> None:
    start = time.monotonic()
    suggested.run("document.querySelectorAll('.alternative input')[1].click()")
    suggested.wait_for(f"studio.engine.get('{FADER}') === -9")
    assert time.monotonic() - start < 3, "a second, and what a busy machine adds"
    suggested.wait_for("document.querySelectorAll('.alternative input')[1].checked")
    assert told(suggested, "suggestions[1].chosen") is True
    assert told(suggested, "history.length") == 1, "it takes the place of the other"


def test_refusing_takes_back_and_accepting_lays_the_ghost(suggested: Chromium) -> None:
    assert "was 0.0 dB" in (ghost(suggested, FADER) or "")
    suggested.run("(s) => document.querySelector(s).click()", f"{row(FADER)} [data-do=refuse]")
    suggested.wait_for(f"studio.engine.get('{FADER}') === 0")
    assert "refused" in suggested.run("(s) => document.querySelector(s).innerText", row(FADER))
    assert ghost(suggested, FADER) is None
    address = "bass_di.panner.pan"
    assert ghost(suggested, address) is not None
    suggested.run("(s) => document.querySelector(s).click()", f"{row(address)} [data-do=accept]")
    suggested.wait_for(f"document.querySelector('{row(address)} .said-to').textContent === 'accepted'")
    assert value(suggested, address) == 0.5
    assert ghost(suggested, address) is None
    suggested.click("[data-do=undo]")
    suggested.wait_for(f"document.querySelector('{row(address)} .said-to').textContent === ''")
    assert ghost(suggested, address) is not None
    assert told(suggested, "history.length") == 2, "the suggestion and the refusal stand"


def test_all_can_be_refused_after_a_whole_track_was(suggested: Chromium) -> None:
    suggested.run("document.querySelector('[aria-label=\"Refuse Kick\"]').click()")
    suggested.wait_for(f"studio.engine.get('{FADER}') === 0")
    suggested.run("document.querySelector('[aria-label=\"Refuse all\"]').click()")
    wait_told(suggested, "Object.values(state.standing).every(({ verdict }) => verdict === 'refused')")


def test_a_processor_a_track_and_all_at_once(suggested: Chromium) -> None:
    suggested.run("document.querySelector('[aria-label=\"Refuse Kick EQ\"]').click()")
    suggested.wait_for(f"studio.engine.get('{BAND}') === 0 && studio.engine.get('{FADER}') === -4")
    suggested.run("document.querySelector('[aria-label=\"Accept Kick\"]').click()")
    wait_told(suggested, f"state.standing['{FADER}'].verdict === 'accepted'")
    suggested.run("document.querySelector('[aria-label=\"Refuse all\"]').click()")
    suggested.wait_for(
        "studio.engine.get('ldvox.fader.gain_db') === 0 && studio.engine.get('bass_di.panner.pan') === 0"
    )


def test_from_a_reason_to_its_knob_and_back(suggested: Chromium) -> None:
    """By keyboard: enter on a change leads to the knob, W on the knob to the change."""
    focus = "(s) => { const e = document.querySelector(s); e.focus(); e.click(); }"
    suggested.run(focus, f"{row(BAND)} .moved-knob")
    at = "document.activeElement.closest('[data-address]').dataset.address"
    assert suggested.run(at) == BAND
    assert suggested.run("studio.tabs.shown") == "knobs", "only the panel has this knob"
    assert suggested.run("document.activeElement.getClientRects().length") == 1
    suggested.key("w", "w")
    assert suggested.run("studio.tabs.shown") == "why"
    assert suggested.run(f"Boolean(document.activeElement.closest('{row(BAND)}'))") is True
    suggested.run(focus, f"{row(FADER)} .moved-knob")
    assert suggested.run(at) == FADER
    assert suggested.run("studio.tabs.shown") == "why", "the strip has it"


def test_the_old_value_can_be_heard(suggested: Chromium) -> None:
    """O on the knob, and the mark itself; the session stays as it is."""
    suggested.run("(s) => document.querySelector(s).focus()", f'.strip [data-address="{FADER}"] .dial')
    said = suggested.run("document.activeElement.getAttribute('aria-valuetext')")
    assert said == "-4.0 dB, was 0.0 dB"
    suggested.key("o", "o")
    assert suggested.run("studio.engine.hearing") == "Kick fader gain as it was"
    assert value(suggested, FADER) == -4
    assert "Kick fader gain as it was" in texts(suggested, ".hearing")[0]
    suggested.key("o", "o")
    assert suggested.run("[studio.engine.hearing, studio.engine.listening]") == [None, "mix"]
    suggested.click(f'.strip [data-address="{FADER}"] .ghost')
    assert suggested.run("studio.engine.listening") == "trial"
    suggested.key("b", "b")
    assert suggested.run("studio.engine.listening") == "mix"
    assert told(suggested, "history.length") == 1


def test_what_is_locked_carries_its_lock(suggested: Chromium) -> None:
    suggested.click('[data-target="kick"] .lock')
    wait_told(suggested, "state.session.tracks.find((track) => track.id === 'kick').locked")
    suggested.wait_for(f"!document.querySelector('{row(FADER)} .held').hidden")
    assert suggested.run("(s) => document.querySelector(s).hidden", f"{row('ldvox.fader.gain_db')} .held") is True
    suggested.click('[data-target="kick"] .lock')
    wait_told(suggested, "!state.session.tracks.find((track) => track.id === 'kick').locked")


def test_it_can_be_called_off(suggested: Chromium, answers: Answers) -> None:
    steps = told(suggested, "history.length")
    answers.hold = True
    suggested.click("#suggest [data-do=suggest]")
    suggested.wait_for(f"document.querySelector('#suggest .asked p').textContent.startsWith('{STAGES[0]}')")
    suggested.click("#suggest [data-do=cancel]")
    suggested.wait_for("!document.querySelector('[data-do=suggest]').hidden")
    answers.hold = False
    assert told(suggested, "history.length") == steps
    assert "Called off" in texts(suggested, "#status")[0]


@pytest.mark.slow
def test_what_the_search_finds_is_on_the_desk(suggested: Chromium, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search itself, by words alone; every change has a reason, and the desk follows when the server has it."""
    monkeypatch.setattr(asking, "suggestions", suggesting.suggestions)
    suggested.run("studio.context.prompt.say('much more compression on the vocals, warmer kick, bass softer')")
    wait_told(suggested, "state.context.prompt.startsWith('much')")
    suggested.run("document.querySelector('input[name=count][value=\"1\"]').click()")
    suggested.run(
        "void (window.took = new Promise((done) => studio.addEventListener('job', ({detail}) => {"
        " if (detail.status !== 'done') return; const start = performance.now();"
        " studio.addEventListener('state', () => { document.body.getBoundingClientRect();"
        " done(performance.now() - start); }); })))"
    )
    ask(suggested, 240)
    assert suggested.run("window.took") < 3000, "all knobs within a second, and what a busy machine adds"
    changes = suggested.run("studio.state.suggestions[0].changes.map(({address, after}) => [address, after])")
    assert len(changes) > 5
    assert all(value(suggested, address) == pytest.approx(after) for address, after in changes)
    reasons = texts(suggested, ".because")
    assert len(reasons) > 3
    assert all(reasons)

"""What a hand does on the desk is kept by the server, can be taken back, and earlier mixes can be heard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interfaces.web.studio import asking
from tests.chromium import Chromium
from tests.interfaces.web.studio.answers import Answers
from tests.interfaces.web.studio.conftest import Running
from tests.interfaces.web.studio.pages import STANDS, open_page, open_song, put, song, texts, told, undo_all, wait_told

FADER = "kick.fader.gain_db"
PAN = "ldvox.panner.pan"
KEPT = "session.tracks.find(({id}) => id === 'kick').settings.fader?.knobs?.gain_db?.value"
"""Where the server's state has the kick's fader."""
CTRL, SHIFT = 2, 8


@pytest.fixture(scope="module")
def opened(browser: Chromium, studio_server: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A song of three tracks, with something to go by."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "suggestions", Answers())
        open_page(browser, studio_server)
        open_song(browser, *song(tmp_path_factory.mktemp("song"), 2.0))
        put(browser, "#prompt", "vocals louder")
        wait_told(browser, "state.context.prompt === 'vocals louder'")
        yield browser
        assert browser.errors == []


@pytest.fixture
def page(opened: Chromium) -> Chromium:
    """The same, as it was opened."""
    undo_all(opened)
    opened.wait_for("studio.state.history.length === 0")
    opened.run("studio.engine.listen('mix')")
    return opened


def value(page: Chromium, address: str) -> float:
    return float(page.run("(a) => studio.engine.get(a)", address))


def drag(page: Chromium, address: str, *downwards: int, release: bool = True) -> None:
    """Take hold of a fader's thumb and move it, in pixels from where it was."""
    x, y = page.middle(f'.strip [data-address="{address}"] .thumb')
    page.mouse("mousePressed", x, y, button="left", clickCount=1)
    for down in downwards:
        page.mouse("mouseMoved", x, y + down, button="left", buttons=1)
    if release:
        page.mouse("mouseReleased", x, y + downwards[-1], button="left", clickCount=1)
        page.run("studio.link.flush()")


def suggest(page: Chromium) -> None:
    steps = told(page, "history.length")
    page.click("#suggest [data-do=suggest]")
    page.wait_for(f"studio.state.history.length > {steps} && !document.querySelector('[data-do=suggest]').hidden")


def steps(page: Chromium) -> list[str]:
    """The titles, the latest first."""
    return texts(page, ".steps .step-title")


def test_a_drag_is_one_step(page: Chromium) -> None:
    drag(page, FADER, 3, 8, 15, 30)
    wait_told(page, "state.history.length === 1")
    moved = value(page, FADER)
    assert moved < -3
    assert told(page, KEPT) == moved
    assert steps(page)[0].startswith("Kick fader gain: ")


def test_undo_and_redo_by_keys(page: Chromium) -> None:
    drag(page, FADER, 20)
    wait_told(page, "state.history.length === 1")
    moved = value(page, FADER)
    page.run("document.activeElement.blur()")
    page.key("z", modifiers=CTRL)
    page.wait_for(f"studio.engine.get('{FADER}') === 0")
    page.wait_for("document.querySelector('[data-do=undo]').disabled")
    page.key("Z", modifiers=CTRL | SHIFT)
    page.wait_for(f"studio.engine.get('{FADER}') === {moved}")
    page.wait_for("document.querySelector('[data-do=redo]').disabled")


def test_what_comes_meanwhile_does_not_disturb_a_drag(page: Chromium) -> None:
    """Another window pans the vocal while the kick's fader is held: both hold."""
    drag(page, FADER, 5, 10, release=False)
    held = value(page, FADER)
    other = """(address) => studio.client.post('/studio/edit', {revision: studio.state.revision, set: [[address, 0.5]]})
        .then((state) => studio.update(state))"""
    page.run(other, PAN)
    assert value(page, PAN) == 0.5
    assert value(page, FADER) == held
    x, y = page.middle(f'.strip [data-address="{FADER}"] .thumb')
    page.mouse("mouseMoved", x, y + 10, button="left", buttons=1)
    page.mouse("mouseReleased", x, y + 10, button="left", clickCount=1)
    page.run("studio.link.flush()")
    assert value(page, FADER) < held
    assert told(page, KEPT) == value(page, FADER)
    assert told(page, "history.length") == 2


def test_a_page_that_knows_an_old_session_catches_up(page: Chromium) -> None:
    """A change of another window that this one has not heard of: its own comes on top, and it shows both."""
    page.run("(a) => studio.client.post('/studio/edit', {revision: studio.state.revision, set: [[a, -0.5]]})", PAN)
    assert value(page, PAN) == 0
    drag(page, FADER, 12)
    wait_told(page, "state.history.length === 2")
    page.wait_for(f"studio.engine.get('{PAN}') === -0.5")
    assert told(page, KEPT) == value(page, FADER)
    assert value(page, FADER) < -1
    assert [error for error in page.errors if "409" not in error] == []
    page.errors.clear()


def test_suggestions_have_letters_and_can_be_heard(page: Chromium) -> None:
    """A is the raw song, B the mix as it stands, R the reference; suggestions follow from C on."""
    suggest(page)
    assert page.run("document.querySelectorAll('.letters button').length") == 0, "it is B"
    drag(page, FADER, 25)
    page.wait_for("document.querySelectorAll('.letters button').length === 1")
    moved = value(page, FADER)
    assert texts(page, ".letters button") == ["C"]
    page.run("document.activeElement.blur()")
    page.key("c", "c")
    page.wait_for("studio.engine.listening === 'trial'")
    assert page.run("studio.engine.trial.get('kick.fader.gain_db')") == -4
    assert value(page, FADER) == moved, "the session stays"
    assert page.run("document.querySelector('.letters button').getAttribute('aria-pressed')") == "true"
    page.key("b", "b")
    assert page.run(
        "[studio.engine.listening, document.querySelector('.letters button').getAttribute('aria-pressed')]"
    ) == [
        "mix",
        "false",
    ]


def test_the_list_goes_back_in_one_step(page: Chromium) -> None:
    suggest(page)
    drag(page, FADER, 25)
    wait_told(page, "state.history.length === 2")
    moved = value(page, FADER)
    page.click("#history [aria-controls=steps]")
    assert [title.split(":")[0] for title in steps(page)] == [
        "Kick fader gain",
        "Suggestion after “vocals louder”",
        "As it was opened",
    ]
    page.click('.steps [data-n="0"] [data-do=hear]')
    page.wait_for("studio.engine.listening === 'trial'")
    assert page.run("studio.engine.trial.get('bass_di.panner.pan')") == 0
    page.click('.steps [data-n="1"] [data-do=back]')
    wait_told(page, "state.history.length === 3")
    page.wait_for(f"studio.engine.get('{FADER}') === -4 && studio.engine.listening === 'mix'")
    assert steps(page)[0] == "Back to C"
    assert told(page, "session.tracks.find(({id}) => id === 'kick').settings.fader.knobs.gain_db.source") == "reference"
    page.click("[data-do=undo]")
    page.wait_for(f"studio.engine.get('{FADER}') === {moved}")
    page.run("document.querySelector('#history [aria-controls=steps]').focus()")
    page.key("Escape")
    assert page.run("document.getElementById('steps').hidden") is True


def test_an_undone_suggestion_can_be_brought_back(page: Chromium) -> None:
    suggest(page)
    page.run("document.querySelector('[data-do=undo]').click()")
    page.wait_for(f"studio.engine.get('{FADER}') === 0")
    assert "undone" in page.run("document.getElementById('why').innerText")
    page.run("document.querySelector('.alternative input').click()")
    page.wait_for(f"studio.engine.get('{FADER}') === -4")
    page.wait_for("document.querySelectorAll('.change').length > 0")


def test_another_role_colours_its_strip(page: Chromium) -> None:
    colour = "document.querySelector('#desk [data-target=kick]').style.getPropertyValue('--role')"
    before = page.run(colour)
    page.run("studio.edit([['kick.role', 'lead_vocal']], 'Kick: lead vocal')")
    page.wait_for(f"{colour} !== '{before}'")
    assert page.run(colour) == page.run("studio.given.colours.roles.lead_vocal")
    page.run("studio.edit([['kick.name', 'Kick In']], 'Named')")
    page.wait_for("document.querySelector('#desk [data-target=kick] .name').textContent === 'Kick In'")


def test_a_reload_brings_all_of_it_back(page: Chromium, studio_server: Running) -> None:
    suggest(page)
    drag(page, "ldvox.fader.gain_db", 10)
    wait_told(page, "state.history.length === 2")
    moved = value(page, "ldvox.fader.gain_db")
    page.run("studio.engine.set('ldvox.panner.pan', 0.25)")
    page.open(studio_server.address)
    page.wait_for(STANDS)
    assert value(page, "ldvox.fader.gain_db") == moved
    assert value(page, PAN) == 0.25, "what was moved in the moment before is sent on the way out"
    assert texts(page, ".letters button") == ["C"]
    assert "was 0.0 dB" in page.run(
        "document.querySelector('#desk [data-address=\"kick.fader.gain_db\"] .ghost').title"
    )
    assert texts(page, ".change .move") != []

"""One browser for the tests of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chromium import Chromium
from tests.interfaces.web.browser_console import prepare


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """Chromium with an empty page on disk; skipped where it is not installed."""
    with Chromium(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture(scope="module")
def engine_page(browser: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Chromium:
    """The same with the engine in the page."""
    prepare(browser, tmp_path_factory.mktemp("page"))
    return browser

"""A real server on a loopback port with a store of its own, and a real Chromium that drives it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from engine.serving import BROWSERS, FLAGS, Server, chromium, start, stop
from tests.e2e.actions import STRAIGHT, press_connect

PATIENCE_MS = 90_000
"""A bound, not a measure: what must be quick is timed where that is tested."""

Open = Callable[..., Page]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Server]:
    """The server of most tests, with a store that is empty at first."""
    running = start(tmp_path_factory.mktemp("e2e") / "store")
    yield running
    stop(running)


@pytest.fixture
def fresh_server(server: Server) -> Iterator[Server]:
    """Another process on the same store: it has never heard of any visitor."""
    running = start(server.store)
    yield running
    stop(running)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, the machine's own; skips where there is none."""
    path = chromium()
    if path is None and os.environ.get("ISTHMUS_REQUIRE_CHROMIUM"):
        pytest.fail("ISTHMUS_REQUIRE_CHROMIUM is set, and there is no Chromium on the PATH")
    if path is None:
        pytest.skip(f"needs a Chromium on the PATH, one of: {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def tab(browser: Browser) -> Iterator[Page]:
    """The one tab in which pages are opened: a new one would fetch and compile the app's scripts again."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def forget(page: Page) -> None:
    """Make this tab a new visitor's: nothing is stored in it, and Back leads nowhere."""
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear(), sessionStorage.clear()")
    page.goto("about:blank")
    page.context.clear_cookies()


@pytest.fixture
def visit(tab: Page, server: Server) -> Iterator[Open]:
    """Opens a page as a new visitor, who leaves the former: `visit("/runs", width=390, theme="dark")`."""

    def opened(path: str, width: int = 1280, theme: str = "light", at: Server = server) -> Page:
        forget(tab)
        tab.set_viewport_size({"width": width, "height": 900})
        tab.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        tab.goto(at.url + path)
        return tab

    yield opened
    forget(tab)


@pytest.fixture(scope="session")
def result(server: Server, tab: Page) -> str:
    """The key of a finished search, made through the page once for all tests."""
    tab.set_viewport_size({"width": 1280, "height": 900})
    tab.goto(f"{server.url}{STRAIGHT}")
    tab.get_by_text("Between them stands a barrier").wait_for()
    press_connect(tab)
    tab.get_by_text("Take it with you").wait_for()
    tab.wait_for_url("**run=**")
    key = tab.url.split("run=")[1].split("&")[0]
    forget(tab)
    return key

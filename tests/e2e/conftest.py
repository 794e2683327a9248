"""A real server on a loopback port with a store of its own, and a real Chromium that drives it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.actions import STRAIGHT, press_connect
from tests.e2e.serving import Server, start, stop

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
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
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None and os.environ.get("ISTHMUS_REQUIRE_CHROMIUM"):
        pytest.fail("ISTHMUS_REQUIRE_CHROMIUM is set, and there is no Chromium on the PATH")
    if path is None:
        pytest.skip(f"needs a Chromium on the PATH, one of: {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Open]:
    """Opens a page as a new visitor: `visit("/runs", width=390, theme="dark")`."""
    contexts = []

    def opened(path: str, width: int = 1280, theme: str = "light", at: Server = server) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(at.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def result(server: Server, browser: Browser) -> str:
    """The key of a finished search, made through the page once for all tests."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{server.url}{STRAIGHT}")
    page.get_by_text("Between them stands a barrier").wait_for()
    press_connect(page)
    page.get_by_text("Take it with you").wait_for()
    page.wait_for_url("**run=**")
    key = page.url.split("run=")[1].split("&")[0]
    page.close()
    return key

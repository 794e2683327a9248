"""A real server on a loopback port with a store of its own, and a real Chromium that drives it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.actions import press_connect

ROOT = Path(__file__).resolve().parents[2]
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
START_SECONDS = 60
PATIENCE_MS = 30_000

Open = Callable[..., Page]

expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class Server:
    """A running server, the folder of its store, and the file of its log."""

    url: str
    store: Path
    process: subprocess.Popen[bytes]
    log: Path


def start(store: Path, health: int = 200, **environment: str) -> Server:
    """Start a server of its own process; its health check answers `health` when this returns."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    flags = [
        "--server.port",
        str(port),
        "--server.address",
        "127.0.0.1",
        "--server.headless",
        "true",
    ]
    log = (store.parent / f"server-{port}.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *flags],
        cwd=ROOT,
        env={**os.environ, "ISTHMUS_STORE": str(store), "ISTHMUS_MODE": "local", **environment},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    server = Server(f"http://127.0.0.1:{port}", store, process, Path(log.name))
    _await(server, health)
    return server


def stop(server: Server) -> None:
    """End a server and everything that it started."""
    server.process.terminate()
    try:
        server.process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()


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
    page.goto(f"{server.url}/real-real")
    page.get_by_text("Between them stands a barrier").wait_for()
    press_connect(page)
    page.get_by_text("Take it with you").wait_for()
    page.wait_for_url("**run=**")
    key = page.url.split("run=")[1].split("&")[0]
    page.close()
    return key


def _await(server: Server, health: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/_stcore/health", timeout=2).status_code == health:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    stop(server)
    log = server.log.read_text(errors="replace")[-3000:]
    pytest.fail(f"The server did not start with health {health}:\n{log}")

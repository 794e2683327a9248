"""A server of the app in a process of its own, and a Chromium to drive it: for the bench and the tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from engine.shipped import APP

START_SECONDS = 60

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
"""How Chromium is started."""

STILL = """() => {
    const busy = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning"
        || document.querySelector("[data-testid=stProgress]")
    const seen = location.href + document.getElementsByTagName("*").length
    if (busy || seen !== window.lastSeen) [window.lastSeen, window.since] = [seen, performance.now()]
    return performance.now() - window.since > 500
}"""
"""Neither does the page's script run nor has anything been added for half a second."""


def chromium() -> str | None:
    """The path of the machine's own Chromium; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


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
        [sys.executable, "-m", "streamlit", "run", str(APP), *flags],
        cwd=APP.parent,
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


def _await(server: Server, health: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        if _health(server.url) == health:
            return
        time.sleep(0.05)
    stop(server)
    log = server.log.read_text(errors="replace")[-3000:]
    raise RuntimeError(f"The server did not start with health {health}:\n{log}")


def _health(url: str) -> int:
    """What the health check answers; 0 while nobody does."""
    try:
        # Our own server on this machine.
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:  # nosec B310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0

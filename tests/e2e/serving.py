"""A real server on a loopback port, with a store of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


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
    raise AssertionError(f"The server did not start with health {health}:\n{log}")

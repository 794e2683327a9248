"""Downloads are whole or not at all, checked, told of, cancelled, and explained when they fail."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.datasets.local import download
from engine.errors import DataError, OfflineError
from engine.progress import SILENT, Cancelled

CONTENT = bytes(range(256)) * 4000
SUM = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


class Server(BaseHTTPRequestHandler):
    """Serves CONTENT at /whole, and breaks off in the middle of it at /cut."""

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT if self.path == "/whole" else CONTENT[:5000])

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_arrives_whole_with_progress(address: str, tmp_path: Path) -> None:
    told: list[tuple[float, float]] = []
    target = tmp_path / "deep" / "file.bin"
    download(
        f"{address}/whole", target, SUM, lambda step, total, **_: told.append((step, total)), ""
    )
    assert target.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert len(told) >= 4
    assert [step for step, _ in told] == sorted(step for step, _ in told)


@pytest.mark.parametrize("path", ["/missing", "/cut"])
def test_a_failure_says_what_to_do_instead(address: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(OfflineError, match=r"Not Found.*Use a map\.|broke off.*Use a map\."):
        download(address + path, tmp_path / "file.bin", SUM, SILENT, "Use a map.")
    assert not list(tmp_path.iterdir())


def test_no_server_is_offline(tmp_path: Path) -> None:
    with pytest.raises(OfflineError, match=r"Cannot download .* Use a map\."):
        download("http://127.0.0.1:9/x", tmp_path / "file.bin", SUM, SILENT, "Use a map.")
    assert not list(tmp_path.iterdir())


def test_a_wrong_sum_keeps_nothing(address: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected MD5 sum 00, got"):
        download(f"{address}/whole", tmp_path / "file.bin", "00", SILENT, "")
    assert not list(tmp_path.iterdir())


def test_cancelling_keeps_nothing(address: str, tmp_path: Path) -> None:
    def cancel(step: float, total: float, **_: float | str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        download(f"{address}/whole", tmp_path / "file.bin", SUM, cancel, "")
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_named(address: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match="Cannot write to"):
        download(f"{address}/whole", tmp_path / "file" / "x.bin", SUM, SILENT, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, mode: str) -> io.FileIO:
        os.close(handle)
        return io.FileIO("/dev/full", mode)

    monkeypatch.setattr("os.fdopen", full)
    with pytest.raises(DataError, match="Free some space"):
        download(f"{address}/whole", tmp_path / "file.bin", SUM, SILENT, "")
    assert not list(tmp_path.iterdir())

"""The audit of packages in .ci: findings block, and who could not be asked does not pass for content."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pip_audit", reason="requirements-dev.txt is not installed")

BAD = {"name": "jinja2", "version": "2.4.1", "vulns": [{"id": "PYSEC-1"}]}
CLEAN = {"name": "tqdm", "version": "4.70.1", "vulns": []}
UNKNOWN = {"name": "tqdm", "skip_reason": "Dependency not found on PyPI and could not be audited"}
AUDIT = Path(__file__).resolve().parents[1] / ".ci" / "audit.py"
Audited = Callable[..., tuple[int, str]]


def _answer(bad: tuple[str, ...]) -> type[BaseHTTPRequestHandler]:
    """A service of vulnerabilities, in OSV's words, to which the packages `bad` have one."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            package = asked["package"]
            known = {"id": "PYSEC-1", "summary": "Bad.", "affected": [{"package": package}]}
            body = json.dumps({"vulns": [known]} if package["name"] in bad else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Answer


@pytest.fixture
def audited() -> Iterator[Audited]:
    """Runs the audit of two packages: `audited("jinja2", ...)` with a service that knows these as bad."""
    servers = []

    def run(*bad: str) -> tuple[int, str]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _answer(bad))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v1/query"
        environment = {**os.environ, "PIP_AUDIT_OSV_URL": address}
        command = [
            sys.executable,
            str(AUDIT),
            "osv",
            "--packages",
            "pillow==13.0.0",
            "tqdm==4.70.1",
        ]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    yield run
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_finding_blocks(audited: Audited) -> None:
    code, said = audited("jinja2", "tqdm")
    assert code == 1
    assert "tqdm 4.70.1: PYSEC-1" in said
    assert "asked about 2 packages and names 1 " in said


def test_a_service_without_data_does_not_pass_for_a_clean_one(audited: Audited) -> None:
    code, said = audited()
    assert code == 0
    assert "NOT DONE" in said
    assert "was asked" not in said


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ([[BAD], [CLEAN]], 0, "pypi was asked about 1 packages and names 0 "),
        ([[BAD], [BAD]], 1, "jinja2 2.4.1: PYSEC-1"),
        ([[BAD], [UNKNOWN]], 1, "pypi knows nothing of tqdm"),
        ([[], [BAD], [CLEAN]], 0, "osv was asked about 1 packages and names 0 "),
        ([[UNKNOWN], [BAD], [BAD]], 1, "jinja2 2.4.1: PYSEC-1"),
        ([[CLEAN], []], 0, "NOT DONE"),
        ([[BAD], [], []], 0, "NOT DONE"),
    ],
)
def test_only_a_service_that_knows_what_is_known_is_believed(
    answers: list[list[dict[str, Any]]],
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = runpy.run_path(str(AUDIT))
    replies = iter(answers)
    monkeypatch.setattr(sys, "argv", ["audit.py"])
    script["main"].__globals__["asked"] = lambda service, packages: next(replies)
    assert script["main"]() == code
    said = capsys.readouterr().out
    assert words in said
    assert ("NOT DONE" in said) != ("was asked" in said)

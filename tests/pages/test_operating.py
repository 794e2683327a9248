"""What whoever runs a server sees of it: a log without persons, and numbers for Prometheus."""

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Iterator

import httpx
import numpy as np
import pytest

from engine.experiments.pair.real_real import RealReal
from engine.jobs.job import Job
from engine.jobs.job import log as jobs_log
from engine.records import Store
from pages.shared import server
from pages.shared.door import Door
from pages.shared.journal import JsonLine
from pages.shared.setup import setup
from tests.aside import run_aside
from tests.pages.conftest import InlineJobs

SECRET = "ada@example.org"


class Heard(logging.Handler):
    """Keeps what is written, as JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(JsonLine())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What the jobs of this test say to the log."""
    handler, level = Heard(), jobs_log.level
    jobs_log.addHandler(handler)
    jobs_log.setLevel(logging.INFO)
    yield handler
    for added in [*jobs_log.handlers]:
        jobs_log.removeHandler(added)
    jobs_log.setLevel(level)


def begun() -> Job:
    """A job that a worker has begun."""
    spec = RealReal(first="3", second="7", label=SECRET)
    job = Job(spec, "0" * 24, 0, lambda job: None)
    job.join(SECRET)
    job.hear({"attempt": "1", "done": 0.5, "stage": SECRET, "numbers": {}})
    return job


def line(name: str, message: str, *arguments: object, error: bool = False) -> dict[str, object]:
    """A record of the log as it is written."""
    kind = sys.exc_info() if error else None
    record = logging.LogRecord(name, logging.ERROR, "x.py", 7, message, arguments, kind)
    written = JsonLine().format(record)
    assert "\n" not in written
    assert SECRET not in written
    return json.loads(written)


def test_a_line_says_what_the_code_says_and_nothing_else() -> None:
    ours = line("pages.shared.x", "No %s.", SECRET)
    assert (ours["level"], ours["from"], ours["message"]) == ("error", "pages.shared.x:7", "No %s.")
    assert line("streamlit.x", "Not %s.", SECRET)["message"] == "Not %s."
    assert "message" not in line("streamlit.x", f"Not {SECRET}.")


def test_an_error_is_told_by_its_kind_and_its_place() -> None:
    try:
        int(SECRET)
    except ValueError:
        told = line("streamlit.x", "Failed: %s", SECRET, error=True)
    assert told["error"] == "ValueError"
    assert any("test_operating.py" in str(frame) for frame in told["trace"])


def test_a_job_tells_its_kind_and_its_time(heard: Heard) -> None:
    begun().end("failed", f"No class {SECRET}.", SECRET)
    assert not any(SECRET in line for line in heard.lines)
    first, last = map(json.loads, heard.lines)
    assert {"time", "level", "from", "message", "kind", "waited"} <= first.keys()
    assert (last["message"], last["kind"], last["outcome"]) == (
        "A job has ended.",
        "real-real",
        "failed",
    )
    assert last["seconds"] >= 0


def test_prometheus_is_told_of_jobs_store_and_sessions(
    heard: Heard, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("prometheus_client", reason="requirements.txt is not installed")
    from pages.shared import metrics

    queue = InlineJobs(store)
    queue.held = True
    queue.submit(RealReal(first="3", second="7"))
    store.put_image(np.zeros((8, 8, 3), dtype=np.uint8))
    monkeypatch.setattr(Door, "sessions", 5)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    metrics.serve(queue, port)
    begun().end("done")
    begun().end("failed", SECRET)
    told = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    for words in (
        'isthmus_jobs{state="queued"} 1.0',
        'isthmus_jobs{state="running"} 0.0',
        'isthmus_jobs_ended_total{kind="real-real",outcome="failed"} 1.0',
        'isthmus_job_seconds_count{kind="real-real",outcome="done"} 1.0',
        "isthmus_sessions 5.0",
        f"isthmus_store_quota_bytes {store.quota_bytes:.0e}",
        "process_resident_memory_bytes",
    ):
        assert words in told
    assert "isthmus_store_bytes 0.0" not in told
    assert SECRET not in told
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.2:{port}/metrics")
    metrics.serve(queue, port)  # taken by now: the server goes on, and its log says so


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ISTHMUS_LOG", "jsn", "Did you mean 'json'?"),
        ("ISTHMUS_METRICS", "on", "expected the number of a port, got 'on'."),
        ("ISTHMUS_METRICS", "0", "expected the number of a port"),
        ("ISTHMUS_METRICS", "65536", "expected the number of a port"),
    ],
)
def test_a_wrong_setting_shuts_the_server(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    assert words in setup().faults[0]


def test_memory_is_given_back_once_visitors_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    held, given = iter([2, 3, 3, 1, 1, 0]), []
    monkeypatch.setattr(server, "TIDY_SECONDS", 0)
    monkeypatch.setattr(server, "_sessions", lambda: next(held))
    monkeypatch.setattr(server, "give_back", lambda: given.append(1))
    with pytest.raises(RuntimeError):  # where the numbers end
        run_aside(server._tidy())
    assert len(given) == 2

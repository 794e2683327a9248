"""Numbers for Prometheus, on a port of the loopback interface: ISTHMUS_METRICS=9464 turns them on.

What a job took is heard from the log of the jobs, so that log and numbers agree.
"""

from __future__ import annotations

import logging
import time
from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily

from engine.jobs import Jobs
from engine.jobs.job import log as jobs_log
from engine.records.quota import holdings
from pages.shared.door import Door

LOOPBACK = "127.0.0.1"
SECONDS = (0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 7200)
STORE_SECONDS = 60
"""Between two looks at the size of the store, for each goes through all its files."""

log = logging.getLogger(__name__)


def serve(jobs: Jobs, port: int) -> None:
    """Answer Prometheus from now on; where the port is taken the log says so."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(State(jobs))
    jobs_log.addHandler(Ended(registry))
    jobs_log.setLevel(logging.INFO)
    try:
        start_http_server(port, LOOPBACK, registry)
    except OSError as error:
        facts = {"port": port, "reason": error.strerror}
        log.error("There are no metrics on port %s: %s.", *facts.values(), extra={"facts": facts})


class Ended(logging.Handler):
    """Counts jobs that end, and what they took."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        labels = ("kind", "outcome")
        self._ended = Counter(
            "isthmus_jobs_ended",
            "Jobs that have ended: done, failed, cancelled",
            labels,
            registry=registry,
        )
        self._seconds = Histogram(
            "isthmus_job_seconds",
            "What jobs took from the beginning of work on them",
            labels,
            buckets=SECONDS,
            registry=registry,
        )

    def emit(self, record: logging.LogRecord) -> None:
        """Take in what the log of the jobs says."""
        facts = getattr(record, "facts", {})
        if "outcome" in facts:
            labels = facts["kind"], facts["outcome"]
            self._ended.labels(*labels).inc()
            if "seconds" in facts:
                self._seconds.labels(*labels).observe(facts["seconds"])


class State:
    """What there is at the moment when it is asked: jobs, pages in browsers, bytes in the store."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._stored, self._looked = 0, float(-STORE_SECONDS)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The numbers, as Prometheus calls for them."""
        active = Tally(job.state for job in self._jobs.jobs() if job.active)
        states = GaugeMetricFamily("isthmus_jobs", "Jobs that wait or run", labels=["state"])
        for state in ("queued", "running"):
            states.add_metric([state], active[state])
        yield states
        for name, words, value in (
            ("sessions", "Pages that are open in browsers", Door.sessions),
            ("store_bytes", "What the store holds", self._bytes()),
            ("store_quota_bytes", "What the store may hold", self._jobs.store.quota_bytes),
        ):
            yield GaugeMetricFamily(f"isthmus_{name}", words, value)

    def _bytes(self) -> int:
        now = time.monotonic()
        if now - self._looked >= STORE_SECONDS:
            self._stored = sum(held.size for held in holdings(self._jobs.store.root))
            self._looked = now
        return self._stored

"""A job: one experiment on its way. The queue's thread writes it, any thread may read it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from engine.experiments.base import Spec
from engine.pace import Pace

State = Literal["queued", "running", "done", "failed", "cancelled"]

TRACE_ROWS = 256

log = logging.getLogger(__name__)


class Job:
    """An experiment that was submitted, under the key of its record.

    `starts` is how often a worker began it, and it is `suspect` where workers or servers died meanwhile, of
    servers so many as `deaths`.
    `done` is the share done (0 to 1) and `stage` what is being done, in words; `submitted` and `started`
    are moments of `time.monotonic`. `preview` is a small picture of what is being made, a data URI, where
    the experiment sends one. `error` is for users, `details` for developers.
    """

    def __init__(
        self, spec: Spec, key: str, priority: int, withdraw: Callable[[Job], None]
    ) -> None:
        self.spec = spec
        self.key = key
        self.priority = priority
        self._owners: dict[str | None, None] = {}
        self.submitted = time.monotonic()
        self.state: State = "queued"
        self.done = 0.0
        self.stage = "Waiting for a worker"
        self.preview = ""
        self.started: float | None = None
        self.error = ""
        self.details = ""
        self.suspect = False
        self.deaths = 0
        self.starts = 0
        self._withdraw = withdraw
        self._attempt = ""
        self._began = 0.0
        self._trace: list[dict[str, float]] = []
        self._heard, self._stride = 0, 1
        self._pace = Pace(self._began)
        self._lock = threading.Lock()
        self._news = threading.Condition(self._lock)
        self._ended = threading.Event()

    def __repr__(self) -> str:
        return f"<Job {self.spec.kind} {self.key} {self.state} {self.done:.0%}>"

    @property
    def active(self) -> bool:
        """Whether it is queued or running."""
        return not self._ended.is_set()

    @property
    def metrics(self) -> list[dict[str, float]]:
        """The numbers reported so far, oldest first, with `done` (0 to 1) and `seconds` in each row.

        The rows span the whole job; a long one is thinned, so there are never many.
        """
        return list(self._trace)

    @property
    def eta_s(self) -> float | None:
        """Seconds until it is done; None while that is not known."""
        with self._lock:
            return self._pace.left(time.monotonic()) if self.state == "running" else None

    @property
    def time_words(self) -> str:
        """The time left, or the time so far where that is not known; empty before it runs."""
        with self._lock:
            return self._pace.words(time.monotonic()) if self.state == "running" else ""

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the job has ended, `timeout` seconds at most; True if it has."""
        return self._ended.wait(timeout)

    def watch(self, timeout: float) -> None:
        """Block until it tells of its progress or ends, `timeout` seconds at most."""
        with self._news:
            if self.active:
                self._news.wait(timeout)

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose job it is, as far as they were named; whoever asked first comes first."""
        return tuple(owner for owner in self.everyone if owner is not None)

    @property
    def everyone(self) -> tuple[str | None, ...]:
        """Its owners, with None for whoever submitted it without a name."""
        return tuple(self._owners)

    def join(self, owner: str | None) -> bool:
        """Share the job; False if it has ended, so that there is nothing to share."""
        with self._lock:
            self._owners.setdefault(owner)
            return self.active

    def cancel(self, owner: str | None = None) -> None:
        """Stop the job. With `owner`, only if nobody else has submitted the same."""
        with self._lock:
            self._owners.pop(owner, None)
            shared = owner is not None and bool(self._owners)
            ends = not shared and self._end("cancelled")
        if ends:
            self._withdraw(self)

    def requeue(self, why: str) -> None:
        """Let it wait again, after those who computed it were lost."""
        with self._lock:
            if self.active:
                self.state, self.stage, self.done, self.preview = "queued", why, 0.0, ""

    def hear(self, message: Mapping[str, Any]) -> None:
        """Take in a worker's report of its progress."""
        with self._lock:
            if not self.active:
                return
            if message["attempt"] != self._attempt:
                self._begin(message["attempt"])
            now = time.monotonic()
            self.done = min(max(float(message["done"]), 0.0), 1.0)
            self.stage = message["stage"] or self.stage
            self.preview = message.get("preview") or self.preview
            self._pace.note(self.done, now)
            numbers = message["numbers"]
            if numbers:
                self._note({"done": self.done, "seconds": now - self._began, **numbers})
            self._news.notify_all()

    def end(self, state: State, error: str = "", details: str = "") -> bool:
        """Bring the job to an end; False if it had one already, which then stands."""
        with self._lock:
            return self._end(state, error, details)

    def _end(self, state: State, error: str = "", details: str = "") -> bool:
        if not self.active:
            return False
        self.state, self.error, self.details = state, error, details
        if state == "done":
            self.done = 1.0
        self._ended.set()
        self._news.notify_all()
        self._tell("A job has ended.", outcome=state)
        return True

    def _begin(self, attempt: str) -> None:
        """A worker has begun: the first one, or another after the first was lost."""
        self._attempt, self._began = attempt, time.monotonic()
        self.starts += 1
        self.state, self.started = "running", time.monotonic()
        self._trace, self._pace = [], Pace(self._began)
        self._heard, self._stride = 0, 1
        self.preview = ""
        self._tell("A job has begun.")

    def _tell(self, message: str, **facts: str) -> None:
        """Say to the log what happened and what it took, and nothing of what the job is about."""
        now = time.monotonic()
        seconds = {"waited": (self.started or now) - self.submitted}
        if self.started:
            seconds["seconds"] = now - self.started
        rounded = {name: round(value, 3) for name, value in seconds.items()}
        log.info(message, extra={"facts": {"kind": self.spec.kind, **facts, **rounded}})

    def _note(self, row: dict[str, float]) -> None:
        """Keep every row, then every second one, then every fourth ..."""
        if self._heard % self._stride == 0:
            self._trace.append(row)
        self._heard += 1
        if len(self._trace) >= TRACE_ROWS:
            self._trace = self._trace[::2]
            self._stride *= 2

"""A sweep's parts, spread over the cluster by the task that needs them.

The task leaves its place in the worker to others while it waits. It keeps one part under way for each
worker, so that between two parts there is room for what somebody waits for. A part is stored when it is
done; whatever happens to the sweep, it goes on from the parts that are there.
"""

from __future__ import annotations

import pickle
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from distributed import Client, Future, KilledWorker, get_worker, secede

from engine.errors import JobError
from engine.experiments.base import Findings, Spec
from engine.jobs.answering import MEMORY_TOPIC, TOPIC, Answer, Progress, answered, packed, why_died
from engine.jobs.keys import as_client
from engine.jobs.turns import Claim
from engine.local_files import asked_from, asking_folder
from engine.progress import Reporter
from engine.records import Store, run, stored

PRIORITY = -10
"""Parts wait until nothing else does."""

POLL_SECONDS = 0.3


def perform_part(spec: Spec, key: str, home: str, folder: str, claim: Claim) -> Answer:
    """Run a part into this worker's store; its record comes along unless `home` is that store.

    Relative paths in it begin in `folder`.
    """
    with asked_from(folder):
        return answered(lambda: _perform_part(spec, key, home, claim))


class Spread:
    """Computes parts of what `progress` reports on, wherever there is room, under its `claim`.

    `store` is where they are looked for and gathered.
    """

    def __init__(self, store: Store, progress: Progress, claim: Claim) -> None:
        self._store = store
        self._progress = progress
        self._claim = replace(claim, priority=claim.priority + PRIORITY, urgent=False)
        self._done: dict[str, float] = {}
        self._suspects: set[str] = set()
        self._news = threading.Event()

    def __call__(self, specs: Sequence[Spec], report: Reporter) -> list[Findings]:
        """Their findings in the same order; JobError where a part cannot be computed."""
        keys = [spec.key() for spec in specs]
        missing = {
            key: spec
            for key, spec in zip(keys, specs, strict=True)
            if stored(key, self._store) is None
        }
        self._done = {key: 0.0 if key in missing else 1.0 for key in keys}
        if missing:
            with self._progress.away():
                self._compute(missing, report)
        return [run(spec, store=self._store).findings for spec in specs]

    def _compute(self, missing: dict[str, Spec], report: Reporter) -> None:
        worker = get_worker()
        with suppress(KeyError):  # it has left its place already, for parts before these
            secede()
        waiting = deque(missing.items())
        flying: dict[Future, tuple[str, Spec]] = {}
        # A client of its own, for whoever listens last on one gets all that is said.
        with Client(
            worker.scheduler.address, set_as_default=False, security=as_client(worker.security)
        ) as client:
            client.subscribe_topic(TOPIC, self._hear)
            try:
                while waiting or flying:
                    self._launch(client, waiting, flying)
                    report(sum(self._done.values()), len(self._done))
                    self._gather(client, waiting, flying)
            finally:
                for future in flying:
                    future.release()

    def _launch(
        self,
        client: Client,
        waiting: deque[tuple[str, Spec]],
        flying: dict[Future, tuple[str, Spec]],
    ) -> None:
        room = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        home, folder = self._store.identity, asking_folder()
        while waiting and len(flying) < room:
            key, spec = waiting.popleft()
            again = key in self._suspects
            claim = replace(self._claim, suspect=self._claim.suspect or again)
            call = packed(perform_part, spec, key, home, folder, claim)
            name = f"{key}-{home}-again" if again else f"{key}-{home}"
            future = client.submit(pickle.loads, call, key=name, priority=PRIORITY)
            future.add_done_callback(lambda _: self._news.set())
            flying[future] = key, spec

    def _gather(
        self,
        client: Client,
        waiting: deque[tuple[str, Spec]],
        flying: dict[Future, tuple[str, Spec]],
    ) -> None:
        self._news.wait(POLL_SECONDS)
        self._news.clear()
        for future in [future for future in flying if future.done()]:
            key, spec = flying.pop(future)
            try:
                answer: Answer = future.result()
            except KilledWorker as error:
                if key not in self._suspects:
                    self._suspects.add(key)
                    waiting.append((key, spec))
                    continue
                raise JobError(why_died(error, client.get_events(MEMORY_TOPIC))) from error
            finally:
                future.release()
            self._progress.elsewhere += answer.seconds
            if answer.state != "done":
                raise JobError(answer.error or "A part of the sweep was cancelled. Run it again.")
            if answer.parcel:
                self._store.unpack(answer.parcel, key)
            self._done[key] = 1.0

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take in how far a part is."""
        message = event[1]
        if "done" in message and self._done.get(message["key"], 1.0) < 1.0:
            self._done[message["key"]] = min(float(message["done"]), 0.99)


def _perform_part(spec: Spec, key: str, home: str, claim: Claim) -> Answer:
    report = Progress(spec, key, claim)
    with report.computing():
        if spec.key() != key:
            raise JobError(
                "The worker has another version of Isthmus, of the weights or of the images than the "
                "task that asks. Install the same on all."
            )
        store = Store()
        run(spec, store=store, report=report)
        parcel = b"" if store.identity == home else store.pack(key)
    return Answer("done", get_worker().address, store.identity, parcel, seconds=report.seconds)

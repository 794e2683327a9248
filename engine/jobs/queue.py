"""The queue: one for each server process. Submitting and asking never wait for the cluster."""

from __future__ import annotations

import asyncio
import atexit
import json
import logging
import math
import os
import pickle
import threading
import time
import traceback
from collections.abc import Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import replace
from typing import Any

from distributed import KilledWorker

from engine.errors import IsthmusError, JobError, RecordError
from engine.experiments import spec_class
from engine.experiments.base import Spec
from engine.jobs import work
from engine.jobs.answering import Answer, packed
from engine.jobs.cluster import Cluster
from engine.jobs.job import Job
from engine.jobs.ledger import Entry, Ledger
from engine.jobs.limits import NO_LIMITS, Limits
from engine.jobs.turns import Claim
from engine.local_files import check_names
from engine.records import Store
from engine.records.names import uploads_in

VARIABLE = "ISTHMUS_SCHEDULER"
ASKED = 6
"""How often a job is submitted whose scheduler is lost again and again while it is computed."""

BACK_SECONDS = 60
"""How long a scheduler that was lost may take to come back."""

SERVERS = 3
"""How many servers may be killed while a job is computed before it is given up, for it may be the cause."""

FATAL = (
    f"The server was killed {SERVERS} times while this was computed, so it is not started again by itself. "
    "Choose smaller numbers, or submit it again."
)

KEPT = 200
"""Jobs that are remembered after their end."""

AGES = 1e10
"""Seconds so many that what passes in fewer never outweighs a step of priority."""

EPOCH = time.time() - time.monotonic()
"""What makes of `Job.submitted` seconds since the epoch, which several servers of one scheduler share."""

FRESH_SECONDS = 10
CLOSE_SECONDS = 15

LOOK_SECONDS = 2
"""Between two looks at whether there are workers, for a job that waits for one."""

PATIENCE_SECONDS = 180
"""After so long without any, workers of our own will not come ..."""

QUEUED_SECONDS = 3600
"""... and those of others, which a batch system may let wait, are not waited for any more."""

START_WORKERS = (
    "Start them with `dask worker` in the app's folder, with the same packages installed."
)
NO_WORKERS = f"The scheduler has no workers yet. {START_WORKERS}"
NONE_CAME = (
    f"The scheduler has had no workers for a long time. {START_WORKERS} Then submit it again."
)
NONE_START = (
    "The workers of this machine do not start. What they said stands in the log, or where the app was "
    "started. Free some memory, or install Isthmus again with all that it needs."
)

log = logging.getLogger(__name__)


class Jobs:
    """Experiments under way. Thread-safe; shared by all sessions of a server.

    `address` is $ISTHMUS_SCHEDULER; without one, the first job (or `warm`) starts a scheduler and
    workers on this machine, which end with `close` or with this process, however it ends. A job may take
    what `limits` say.
    """

    def __init__(
        self,
        store: Store | None = None,
        address: str | None = None,
        limits: Limits = NO_LIMITS,
    ) -> None:
        self.store = store or Store()
        self.limits = limits
        self.address = address or os.environ.get(VARIABLE) or None
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[Job, asyncio.Task[None]] = {}
        self._elsewhere: dict[str, tuple[float, str]] = {}
        self._ledger: Ledger | None = None
        self._lock = threading.RLock()
        self._closed = False
        self._loop = asyncio.new_event_loop()
        # What Dask leaves behind when it is closed is nothing to a user.
        self._loop.set_exception_handler(lambda _, about: log.info("%s", about))
        self._cluster = Cluster(self.address, self.store, self._hear)
        self._thread = threading.Thread(target=self._loop.run_forever, name="jobs", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def submit(self, spec: Spec, priority: int = 0, owner: str | None = None) -> Job:
        """The job that computes `spec`: one that is under way, or a new one; JobError over the limits.

        It is done at once where the record is stored. A `priority` above 0 is for what somebody is waiting
        for: it goes before everything else. `owner` is whose wish it is: several may share a job, and one
        of them may `cancel` for himself.
        """
        self.limits.admit(spec)
        key = spec.key()
        with self._lock:
            if self._closed:
                raise JobError("The server is shutting down. Submit the job again in a moment.")
            job = self._jobs.get(key)
            if job is None or not job.join(owner):
                job = self._new(spec, key, priority, [owner])
            else:
                self._note(job)
        return job

    def resume(self) -> None:
        """Go on with what earlier queues of this store left, and leave what is under way to the next one."""
        try:
            self._ledger = Ledger(self.store.root)
        except OSError as error:
            log.warning("Jobs are not kept for the next server: %s", error)
            return
        for entry in self._ledger.inherited():
            try:
                self._take_over(entry)
            except IsthmusError as error:
                log.warning("A job of an earlier server cannot be gone on with: %s", error)

    def job(self, key: str) -> Job | None:
        """The job with this key, if it is known here or another server's workers report on it."""
        with self._lock:
            if key in self._jobs:
                return self._jobs[key]
            heard, canonical = self._elsewhere.get(key, (0.0, ""))
        if not canonical or time.monotonic() - heard > FRESH_SECONDS:
            return None
        try:
            document = json.loads(canonical)
            spec = spec_class(document.pop("kind")).from_document(document)
            return self.submit(spec) if spec.key() == key else None
        except IsthmusError as error:
            log.info("A job of another server cannot be shared: %s", error)
            return None

    def jobs(self) -> list[Job]:
        """All jobs that are under way or ended lately, newest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: job.submitted, reverse=True)

    def warm(self, network: str = "", like: Spec | None = None) -> None:
        """Start or join the cluster in the background, and let its workers import what they need.

        With a `network`, let them load it once: only then is a file known to be of use. With a spec, let
        them compute it once and keep nothing: who asks for something `like` it finds all at hand.
        """
        asyncio.run_coroutine_threadsafe(self._cluster.warm(network, like), self._loop)

    def close(self) -> None:
        """Cancel what is under way and end what was started. Nothing can be submitted afterwards.

        After `resume`, the next queue goes on with it.
        """
        with self._lock:
            if self._closed:
                return
            self._closed = True
            ledger, self._ledger = self._ledger, None
        atexit.unregister(self.close)
        if ledger:  # what is under way now did not end this server
            for job in self.jobs():
                if job.active:
                    ledger.note(job.key, replace(_entry(job), begun=False))
                else:  # it may have ended just now
                    ledger.strike(job.key)
            ledger.close()
        for job in self.jobs():
            job.cancel()
        closing = asyncio.run_coroutine_threadsafe(self._shut_down(), self._loop)
        try:
            closing.result(CLOSE_SECONDS)
        except TimeoutError:
            log.warning("The job queue did not end in time; its processes end with this one.")
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._loop.close()

    def _new(
        self, spec: Spec, key: str, priority: int, owners: Sequence[str | None], deaths: int = 0
    ) -> Job:
        job = Job(spec, key, priority, self._withdraw)
        job.deaths, job.suspect = deaths, bool(deaths)
        for owner in owners:
            job.join(owner)
        if self._stored(key):
            job.end("done")
        elif deaths >= SERVERS:
            job.end("failed", FATAL)
        else:
            images = {digest: self.store.png(digest) for digest in uploads_in(spec.canonical())}
            self._note(job)
            self._loop.call_soon_threadsafe(self._launch, job, images)
        self._jobs[key] = job
        for old in [job for job in self.jobs() if not job.active][KEPT:]:
            del self._jobs[old.key]
        return job

    def _take_over(self, entry: Entry) -> None:
        check_names(entry.spec)  # the server before may have been one for its own machine
        self.limits.admit(entry.spec)
        key = entry.spec.key()
        with self._lock:
            if key not in self._jobs and not self._closed:
                deaths = entry.deaths + entry.begun
                self._new(entry.spec, key, entry.priority, entry.owners, deaths)

    def _note(self, job: Job) -> None:
        if self._ledger:
            self._ledger.note(job.key, _entry(job))

    def _stored(self, key: str) -> bool:
        try:
            return self.store.find(key) is not None
        except RecordError:
            # A damaged record is computed again, and replaced.
            return False

    def _withdraw(self, job: Job) -> None:
        self._loop.call_soon_threadsafe(self._stop, job)

    # What follows runs on the event loop.

    def _launch(self, job: Job, images: dict[str, bytes]) -> None:
        task = self._loop.create_task(self._follow(job, images))
        self._tasks[job] = task
        task.add_done_callback(lambda _: self._over(job))

    def _over(self, job: Job) -> None:
        del self._tasks[job]
        with self._lock:
            # Somebody may have submitted the same anew.
            if self._ledger and self._jobs.get(job.key, job) is job:
                self._ledger.strike(job.key)

    def _stop(self, job: Job) -> None:
        if job in self._tasks:
            self._tasks[job].cancel()

    async def _follow(self, job: Job, images: dict[str, bytes]) -> None:
        """See a job through to its end, whatever that is."""
        watching = self._loop.create_task(self._watch(job))
        try:
            answer = await self._compute(job, images)
            job.end(answer.state, answer.error, answer.details)
        except IsthmusError as error:
            job.end("failed", str(error))
        except ImportError as error:
            job.end("failed", f"The workers lack a part of Isthmus ({error}). {START_WORKERS}")
        except Exception as error:
            # A job must end, and its error be seen, whatever goes wrong between us and the workers.
            words = f"The job could not be carried out ({type(error).__name__}: {error})."
            job.end("failed", words, traceback.format_exc())
        finally:
            watching.cancel()

    async def _watch(self, job: Job) -> None:
        """Say what a job waits for, as long as it waits; end it where it would wait for ever."""
        if not self._cluster.ready:
            job.stage = "Joining the cluster" if self.address else "Starting the workers"
        began = moved = time.monotonic()
        shown = ""
        while job.active:
            sign = self._cluster.sign(job.key) if self.limits.words() else ""
            if not sign or sign != shown:
                shown, moved = sign, time.monotonic()
            elif time.monotonic() - moved > self.limits.standstill:
                self._stop_worker(job, sign)
            if job.state != "queued":
                began = time.monotonic()
            elif await self._has_workers():
                began, job.stage = time.monotonic(), "Waiting for a worker"
            elif time.monotonic() - began > (QUEUED_SECONDS if self.address else PATIENCE_SECONDS):
                job.end("failed", NONE_CAME if self.address else NONE_START)
                self._stop(job)
            elif self.address:
                job.stage = NO_WORKERS if self._cluster.ready else "Joining the cluster"
            await asyncio.sleep(LOOK_SECONDS)

    def _stop_worker(self, job: Job, sign: str) -> None:
        """End a worker in which nothing moves, and the job that keeps it, if it is clear which one does."""
        log.warning("A worker does not move and is stopped, at the turn of %s.", job)
        if json.loads(sign)["jobs"] == [job.key] and job.end("failed", self.limits.stuck(job.spec)):
            self._stop(job)
        self._cluster.stop(sign)

    async def _has_workers(self) -> bool:
        """Whether anybody is there to compute; what goes wrong is told where it is waited for."""
        with suppress(JobError, OSError, CancelledError):
            return await self._cluster.has_workers()
        return False

    async def _compute(self, job: Job, images: dict[str, bytes]) -> Answer:
        """Have the record computed, and brought here if it is in another machine's store."""
        answer = await self._ask(job, images)
        if answer.state == "done" and answer.store != self.store.identity:
            job.stage = "Fetching the record"
            answer = await self._ask(job, images, answer.worker)
            if answer.state == "done":
                await asyncio.to_thread(self.store.unpack, answer.parcel, job.key)
        if answer.state == "done" and not await asyncio.to_thread(self._stored, job.key):
            raise JobError(
                "The record was computed but is not in the store: it was deleted meanwhile, or the "
                "store's quota is too small for it. Submit it again, or raise ISTHMUS_STORE_QUOTA_GB."
            )
        if answer.state == "done":
            await asyncio.to_thread(self._claim, job)
        return answer

    def _claim(self, job: Job) -> None:
        """The record is whose wish it was first, of those who still wait for it."""
        try:
            record = self.store.find(job.key)
            for owner in job.owners[:1]:
                if record:
                    self.store.claim(record, owner)
        except RecordError as error:
            log.warning("A record stays without an owner: %s", error)

    async def _ask(self, job: Job, images: dict[str, bytes], worker: str = "") -> Answer:
        """The answer of a worker that has computed the record; with it, of `worker` if that can give it.

        Where the scheduler or workers are lost on the way, it is asked again, unless it may be the cause.
        """
        deaths = losses = 0
        lost = -math.inf
        while losses < ASKED:
            starts = job.starts
            try:
                return await self._ask_once(job, images, worker, deaths)
            except KilledWorker as error:
                deaths += 1
                # It may have died before anybody heard that it had begun.
                if job.starts > starts or deaths > ASKED:
                    if job.suspect:
                        raise JobError(await self._cluster.why_died(error)) from error
                    job.suspect = True
                job.requeue("Starting again, for a worker was lost")
            except JobError:  # nobody is there
                if time.monotonic() - lost > BACK_SECONDS:
                    raise
                await asyncio.sleep(LOOK_SECONDS)
            except (CancelledError, OSError) as error:
                losses += job.starts > starts
                lost = time.monotonic()
                log.warning("The scheduler was lost (%s); %s is submitted again.", error, job)
                job.requeue("Starting again, for the scheduler was lost")
        where = f"scheduler at {self.address}" if self.address else "workers on this machine"
        raise JobError(
            f"The connection to the {where} was lost {ASKED} times. Submit the job again."
        )

    async def _ask_once(
        self, job: Job, images: dict[str, bytes], worker: str, deaths: int
    ) -> Answer:
        client = await self._cluster.client()
        owner, urgent = min(job.owners, default=""), job.priority > 0
        submitted = EPOCH + job.submitted
        claim = Claim(owner, job.priority, urgent, job.suspect, self.limits, job.key, submitted)
        pack = bool(worker)
        # Servers that want the same share a task. One whose workers died has its key for ever.
        name = f"{job.key}-parcel" if pack else job.key
        call = packed(work.perform, job.spec, job.key, images, os.getcwd(), pack, claim)
        future = client.submit(
            pickle.loads,
            call,
            key=f"{name}-{deaths}" if deaths else name,
            # First come, first served, whatever the order in which the scheduler hears of them; and
            # within the default's 100 ms the last would go first.
            priority=job.priority - submitted / AGES,
            fifo_timeout=0,
            workers=[worker] if worker else None,
            allow_other_workers=bool(worker),
        )
        try:
            answer: Answer = await future
            return answer
        finally:
            # The scheduler stops a task, and forgets its result, when nobody wants it any more.
            future.release()

    def _hear(self, message: dict[str, Any]) -> None:
        job = self._jobs.get(message["key"])
        if "ended" in message:
            if job and job.end("failed", message["ended"]):
                self._stop(job)
            return
        if job:
            starts = job.starts
            job.hear(message)
            if job.starts > starts:
                self._note(job)
            return
        now = time.monotonic()
        self._elsewhere[message["key"]] = now, message["spec"]
        for key, (heard, _) in list(self._elsewhere.items()):
            if now - heard > FRESH_SECONDS:
                del self._elsewhere[key]

    async def _shut_down(self) -> None:
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._cluster.close()


def _entry(job: Job) -> Entry:
    return Entry(job.spec, job.priority, job.everyone, job.starts > 0, job.deaths)

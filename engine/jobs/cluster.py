"""The Dask cluster that computes: our own on this machine, or one that is there already.

Everything here runs on the queue's event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

from distributed import Client, Future, KilledWorker
from distributed.security import Security

from engine.errors import JobError
from engine.experiments.base import Spec
from engine.jobs import work
from engine.jobs.answering import MEMORY_TOPIC, TOPIC, why_died
from engine.jobs.own import OwnCluster
from engine.records import Store

CONNECT_SECONDS = 5
WARM_SECONDS = 60
STARTS = 4
"""How often a cluster of our own is started where something ends it at once."""

log = logging.getLogger(__name__)
logging.getLogger("distributed").setLevel(logging.WARNING)


class Cluster:
    """A connection to the workers, made when it is first needed and again after it was lost.

    With `address` it joins that scheduler, else it starts a scheduler and workers of its own. `hear`
    takes the workers' reports.
    """

    def __init__(
        self, address: str | None, store: Store, hear: Callable[[dict[str, Any]], None]
    ) -> None:
        self.address = address
        self._store = store
        self._hear = hear
        self._opening: asyncio.Task[Client] | None = None
        self._client: Client | None = None
        self._own: OwnCluster | None = None
        self._guard: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether `client` need not wait."""
        return self._client is not None and self._client.status == "running"

    async def client(self) -> Client:
        """A connected client; JobError where no scheduler can be reached or started."""
        if self._client and self.ready:
            return self._client
        if self._opening is None:
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(self._opened)
        # Shielded: a job that is cancelled while it waits must not stop the start for the others.
        return await asyncio.shield(self._opening)

    async def has_workers(self) -> bool:
        """Whether anybody is there to compute."""
        client = await self.client()
        return bool((await client.scheduler.identity(n_workers=1))["workers"])

    async def why_died(self, error: KilledWorker) -> str:
        """What to say of a task whose workers died."""
        client: Any = await self.client()
        return why_died(error, await client.get_events(MEMORY_TOPIC))

    def sign(self, job: str) -> str:
        """What a worker of our own shows at whose turn a job is, as `OwnCluster.sign`."""
        return self._own.sign(job) if self._own else ""

    def stop(self, sign: str) -> None:
        """End a worker of our own that shows this and does not move."""
        if self._own:
            self._own.stop(sign)

    async def warm(self, network: str = "", like: Spec | None = None) -> None:
        """Connect, and let workers of our own import what they need and try a network beforehand.

        They compute the spec that is `like` later ones in turn, so that the others can be asked meanwhile.
        """
        try:
            client: Any = await self.client()
            if self._own:
                await client.wait_for_workers(self._own.size, timeout=WARM_SECONDS)
                workers = client.scheduler_info()["workers"]
                await client.gather(
                    [_on(worker, client, work.warm_up, network) for worker in workers]
                )
                for worker in workers if like else ():
                    await _on(worker, client, work.rehearse, like)
        except (JobError, OSError, ImportError, CancelledError) as error:
            # The next job meets the same difficulty, and its owner is told.
            log.warning("No workers yet: %s", error, extra={"facts": {"reason": str(error)}})

    async def close(self) -> None:
        """Leave the cluster, and end it if it is our own."""
        if self._opening:
            self._opening.cancel()
            await asyncio.wait([self._opening])
        await self._leave()

    async def _open(self) -> Client:
        for left in reversed(range(STARTS)):
            await self._leave()
            try:
                return await self._join()
            except JobError:
                if self.address or not left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _join(self) -> Client:
        if self.address is None:
            own = self._own = await OwnCluster.start(self._store)
            self._guard = asyncio.create_task(self._watch(own))
            client = await _connected(own.address, own.security)
        else:
            client = await _connected(self.address)
        client.subscribe_topic(TOPIC, lambda event: self._hear(event[1]))
        self._client = client
        return client

    def _opened(self, _: asyncio.Task[Client]) -> None:
        self._opening = None

    async def _watch(self, own: OwnCluster) -> None:
        """When a process of our own cluster ends unasked, give it up: the next job starts a new one."""
        await own.ended()
        if self._own is own:
            log.warning("A process of the job queue ended unexpectedly.")
            await self._leave()

    async def _leave(self) -> None:
        client, own = self._client, self._own
        self._client = self._own = None
        if client:
            # Closing also ends the wait of every job that is still on its way.
            with contextlib.suppress(TimeoutError, OSError):
                await client.close(timeout=CONNECT_SECONDS)
        if own:
            await own.close()


async def _connected(address: str, security: Security | None = None) -> Client:
    """A client at `address`, with the keys that Dask is configured with where none are given."""
    client: Any = None
    try:
        client = Client(
            address,
            asynchronous=True,
            set_as_default=False,
            timeout=CONNECT_SECONDS,
            security=security,
        )
        return await client
    except BaseException as error:
        if client:
            await client.close()
        if not isinstance(error, OSError | ValueError | ImportError | TypeError):
            raise
        raise JobError(
            f"The Dask scheduler at {address} cannot be reached ({error}). Start it, or correct "
            "ISTHMUS_SCHEDULER, or unset it to compute on this machine. A tls:// address needs the keys "
            "that DASK_DISTRIBUTED__COMM__TLS__CA_FILE, __CLIENT__CERT and __CLIENT__KEY name."
        ) from error


def _on(worker: str, client: Client, task: Callable[..., None], *words: Any) -> Future:
    key = f"warm-{uuid.uuid4().hex}"
    return client.submit(task, *words, os.getcwd(), key=key, workers=[worker])

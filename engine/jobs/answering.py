"""What every task of a worker needs: how it answers, how it tells of its progress, how it stops."""

from __future__ import annotations

import logging
import os
import pickle
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from distributed import KilledWorker, get_worker

from engine.allocation import give_back, keep_memory
from engine.classifiers.passes import looking
from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.jobs.limits import Exceeded, Limits
from engine.jobs.turns import TURNS, Claim, Turn
from engine.progress import Cancelled
from engine.words import size

TOPIC = "isthmus-progress"
REPORT_SECONDS = 0.2
TOLD_SECONDS = 1.0
"""How long the news of a task's end may take to leave a process that ends with it."""

OVERDUE = 75
"""The exit code of such a process."""

PREVIEW_START = "data:image/png;base64,"
PREVIEW_LENGTH = 20_000
"""The longest preview that is sent on, in characters; more would burden the scheduler."""

MEMORY_TOPIC = "worker-restart-memory"
"""Where Dask's nannies tell of workers that they ended because of their memory."""

LESS_MEMORY = (
    "Choose fewer points, a smaller plane or a smaller network, or a machine with more memory."
)

TOO_LARGE = f"The worker ran out of memory. {LESS_MEMORY}"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """How the work ended, which worker did it, and in which store the record is.

    `parcel` is the record as a zip file, if that was asked for; `seconds` is what computing took.

    Errors travel as words: the server could not unpickle torch's exceptions without importing torch.
    """

    state: Literal["done", "failed", "cancelled"]
    worker: str = ""
    store: str = ""
    parcel: bytes = b""
    error: str = ""
    details: str = ""
    seconds: float = 0.0


def packed(work: Callable[..., Answer], *arguments: Any) -> bytes:
    """A call as bytes, which `pickle.loads` makes.

    A scheduler or worker that cannot read a task loses its connection and the task with it. This one can be
    read everywhere; where a part of Isthmus is missing, making the call is what fails, and is told.
    """
    return pickle.dumps(_Call(work, arguments))


class _Call:
    """Pickled as a call, so that it is made where it is read."""

    def __init__(self, work: Callable[..., Answer], arguments: tuple[Any, ...]) -> None:
        self._call = work, arguments

    def __reduce__(self) -> tuple[Callable[..., Answer], tuple[Any, ...]]:
        return self._call


def answered(work: Callable[[], Answer]) -> Answer:
    """What `work` answers, or an answer that says in words why there is none."""
    keep_memory()
    try:
        return work()
    except Exceeded as error:
        return Answer("failed", error=str(error))
    except Cancelled:
        return Answer("cancelled")
    except IsthmusError as error:
        return Answer("failed", error=str(error))
    except MemoryError:
        return Answer("failed", error=TOO_LARGE, details=traceback.format_exc())
    except Exception as error:
        # Whatever it is, it must reach the user as words, and the developer with its traceback.
        return Answer("failed", error=_defect(error), details=traceback.format_exc())
    finally:
        give_back()


class Progress:
    """Reporter of a task: tells the scheduler a few times a second, takes turns, and stops unwanted work.

    `elsewhere` are seconds that others have computed for it.
    """

    def __init__(self, spec: Spec, key: str, claim: Claim) -> None:
        self.key = key
        self.elsewhere = 0.0
        self._spec = spec
        self._turn = Turn(claim)
        self._worker = get_worker()
        self._task = self._worker.get_current_task()
        self._fixed = {"key": key, "spec": spec.canonical(), "attempt": uuid.uuid4().hex}
        self._next = 0.0
        self._preview = ""

    def __call__(self, step: float, total: float, **metrics: float | str) -> None:
        self._check()
        now = time.monotonic()
        due = now >= self._next
        if due:
            self._next = now + REPORT_SECONDS
            TURNS.charge()
            self._turn.claim.limits.check(self._spec, self.seconds, self._turn.memory)
        TURNS.pass_on(self._turn, self._check)
        if not due:
            return
        numbers = {n: float(v) for n, v in metrics.items() if not isinstance(v, str)}
        message: dict[str, Any] = {
            "done": float(step / total) if total else 1.0,
            "stage": str(metrics.get("stage", "")),
            "numbers": numbers,
        }
        preview = metrics.get("preview", "")
        if preview != self._preview and is_preview(preview):
            self._preview = message["preview"] = str(preview)
        self._worker.log_event(TOPIC, self._fixed | message)

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Inside, the task computes, in its turn."""
        Limits(memory=self._worker.memory_manager.memory_limit or 0).admit(self._spec)
        over = threading.Event()
        admit = partial(self._turn.claim.limits.admit, self._spec)
        with TURNS.taking(self._turn, self._check), looking(admit):
            if self._turn.claim.limits.words():
                threading.Thread(target=self._guard, args=(over,), daemon=True).start()
            try:
                yield
            finally:
                over.set()

    def away(self) -> AbstractContextManager[None]:
        """Inside, it waits for others."""
        return TURNS.away(self._turn, self._check)

    @property
    def seconds(self) -> float:
        """How long it has computed, waiting apart."""
        return self._turn.spent + self.elsewhere

    def _guard(self, over: threading.Event) -> None:
        """End this process where the task takes too much and does not report, which would stop it.

        Nothing else can. Other tasks of this process are begun again in another one.
        """
        claim, words = self._turn.claim, ""
        while not over.wait(claim.limits.silence):
            TURNS.charge()
            try:
                claim.limits.check(self._spec, self.seconds, self._turn.memory)
            except Exceeded as error:
                if words:  # it had time to report since
                    log.warning("A task does not report and has to be stopped: its worker ends.")
                    self._worker.log_event(TOPIC, {"key": claim.job, "ended": words})
                    if not over.wait(TOLD_SECONDS):
                        os._exit(OVERDUE)
                words = str(error)

    def _check(self) -> None:
        """Cancelled where every client has withdrawn: the scheduler then told this worker to let go."""
        task = self._worker.state.tasks.get(self._task)
        if task is None or task.state == "cancelled":
            raise Cancelled


def is_preview(value: float | str) -> bool:
    """Whether a metric is a picture small enough to be sent with the progress."""
    text = isinstance(value, str) and value.startswith(PREVIEW_START)
    return text and len(str(value)) <= PREVIEW_LENGTH


def why_died(error: KilledWorker, told: Iterable[tuple[float, Mapping[str, Any]]]) -> str:
    """What to say of a task whose workers died; `told` are the events of MEMORY_TOPIC."""
    began = "The worker's process died several times while it computed this"
    large = [event["rss"] for _, event in told if event["worker"] == error.last_worker.address]
    if large:
        return f"{began}, at last for having taken {size(max(large))} of memory. {LESS_MEMORY}"
    return (
        f"{began}: it was killed from outside, or crashed. Submit the job again. If that does not help, "
        "please report it with the line of shell above."
    )


def _defect(error: Exception) -> str:
    return (
        f"The computation failed unexpectedly ({type(error).__name__}: {error}). This is a defect "
        "of Isthmus, not of your parameters: please report it with the line of shell above."
    )

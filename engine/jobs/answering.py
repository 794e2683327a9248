"""What every task of a worker needs: how it answers, how it tells of its progress, how it stops."""

from __future__ import annotations

import pickle
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from distributed import get_worker

from engine.allocation import keep_memory
from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.progress import Cancelled

TOPIC = "isthmus-progress"
REPORT_SECONDS = 0.2
PREVIEW_START = "data:image/png;base64,"
PREVIEW_LENGTH = 20_000
"""The longest preview that is sent on, in characters; more would burden the scheduler."""


WORKER_DIED = (
    "The worker's process died several times while it computed this, probably for lack of memory. "
    "Choose fewer points, a smaller plane or a smaller network, or a machine with more memory."
)


@dataclass(frozen=True)
class Answer:
    """How the work ended, which worker did it, and in which store the record is.

    `parcel` is the record as a zip file, if that was asked for.

    Errors travel as words: the server could not unpickle torch's exceptions without importing torch.
    """

    state: Literal["done", "failed", "cancelled"]
    worker: str = ""
    store: str = ""
    parcel: bytes = b""
    error: str = ""
    details: str = ""


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
    except Cancelled:
        return Answer("cancelled")
    except IsthmusError as error:
        return Answer("failed", error=str(error))
    except MemoryError:
        return Answer("failed", error=_too_large(), details=traceback.format_exc())
    except Exception as error:
        # Whatever it is, it must reach the user as words, and the developer with its traceback.
        # PyTorch's error for a full GPU has this name; asking by name needs no torch.
        full = type(error).__name__ == "OutOfMemoryError"
        words = _too_large() if full else _defect(error)
        return Answer("failed", error=words, details=traceback.format_exc())


class Progress:
    """Reporter of a task: tells the scheduler a few times a second, and stops unwanted work."""

    def __init__(self, spec: Spec, key: str) -> None:
        self._worker = get_worker()
        self._task = self._worker.get_current_task()
        self._fixed = {"key": key, "spec": spec.canonical(), "attempt": uuid.uuid4().hex}
        self._next = 0.0
        self._preview = ""

    def __call__(self, step: float, total: float, **metrics: float | str) -> None:
        if self._unwanted():
            raise Cancelled
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + REPORT_SECONDS
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

    def _unwanted(self) -> bool:
        """Whether every client has withdrawn: the scheduler then told this worker to let go."""
        task = self._worker.state.tasks.get(self._task)
        return task is None or task.state == "cancelled"


def is_preview(value: float | str) -> bool:
    """Whether a metric is a picture small enough to be sent with the progress."""
    text = isinstance(value, str) and value.startswith(PREVIEW_START)
    return text and len(str(value)) <= PREVIEW_LENGTH


def _too_large() -> str:
    return (
        "The worker ran out of memory. Choose fewer points, a smaller plane or a smaller network, "
        "or run it on a machine with more memory."
    )


def _defect(error: Exception) -> str:
    return (
        f"The computation failed unexpectedly ({type(error).__name__}: {error}). This is a defect "
        "of Isthmus, not of your parameters: please report it with the line of shell above."
    )

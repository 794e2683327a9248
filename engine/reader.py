"""Pictures that anybody sends are read in processes of their own, within limits of time and memory.

A file may be made so that its decoder works for minutes, takes gigabytes or crashes. There it costs its
sender an error, and nobody else anything. The processes end with whoever started them. No torch.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import LifoQueue
from typing import IO, Any

import numpy as np

from engine.decoding import decode
from engine.errors import ImageError, IsthmusError
from engine.images import encode_png, fit, with_channels
from engine.picture_notes import notes_on
from engine.uploaded import digest_of, pixels_in, tidied

try:
    import resource
except ImportError:  # on Windows there is the limit of time alone
    resource = None  # type: ignore[assignment]

SECONDS = 20
"""Of computing, for one picture. The largest that is taken needs about 6 on two slow cores."""

PATIENCE_SECONDS = 120
"""After so long a picture is given up, whatever the machine was busy with."""

MEMORY_BYTES = 2**30
"""For one picture, beside what the process takes itself."""

PROCESSES = 2
"""Pictures that are read at once; others wait."""


@dataclass(frozen=True)
class Reading:
    """A picture that was read: the digest of its pixels, itself as a PNG file, what its file lost."""

    digest: str
    png: bytes
    notes: tuple[str, ...]


class Reader:
    """Reads pictures elsewhere, at most `PROCESSES` at once. Any thread may use it."""

    def __init__(self, seconds: int = SECONDS, memory: int = MEMORY_BYTES) -> None:
        self._seconds, self._memory = seconds, memory
        self._free: LifoQueue[_Process | None] = LifoQueue()
        for _ in range(PROCESSES):
            self._free.put(None)

    def warm(self) -> None:
        """Start a process before it is needed; it gets ready by itself."""
        self._free.put(self._free.get() or self._process())

    def read(self, data: bytes, name: str) -> Reading:
        """The picture in a file that is called `name`; ImageError for anything else."""
        about, png = self._ask(name, data, "read", name)
        return Reading(about["digest"], png, tuple(about["notes"]))

    def check(self, png: bytes, digest: str) -> None:
        """ImageError unless a PNG file holds the picture with this digest."""
        self._ask(_title(digest), png, "check", digest)

    def small(
        self, png: bytes, digest: str, size: tuple[int, int], resize: int | None, channels: int
    ) -> np.ndarray:
        """The picture in a PNG file as a classifier takes it, uint8 (*size, channels)."""
        _, pixels = self._ask(_title(digest), png, "small", digest, *size, resize, channels)
        return np.frombuffer(pixels, np.uint8).reshape(*size, channels)

    def close(self) -> None:
        """End the processes that are free; later ones are started anew."""
        for _ in range(PROCESSES):
            if process := self._free.get():
                process.end()
            self._free.put(None)

    def _ask(self, name: str, data: bytes, task: str, *arguments: Any) -> tuple[Any, bytes]:
        process, whole = self._free.get(), None
        try:
            if process is None or not process.running:
                process = self._process()
            about, answer = process.ask(data, task, arguments)
            whole = process
        except (OSError, EOFError, ValueError) as error:
            slow = process is not None and process.end()
            raise ImageError(self._refusal(name, slow)) from error
        finally:
            self._free.put(whole)
        if "error" in about:
            raise ImageError(about["error"])
        return about, answer

    def _process(self) -> _Process:
        return _Process(self._seconds, self._memory)

    def _refusal(self, name: str, slow: bool) -> str:
        """What to say of a picture over which a process ended."""
        why = (
            f"takes more than {self._seconds} seconds to decode, and no picture gets more"
            if slow
            else "could not be read: its decoder broke off, as it does over a damaged file, or over one that "
            f"needs more than {self._memory / 2**20:,.0f} MB of memory"
        )
        return f"{name} {why}. Save it again as an ordinary PNG or JPEG, or smaller."


class _Process:
    """One process that reads pictures, one after the other."""

    def __init__(self, seconds: int, memory: int) -> None:
        self._slow = False
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SOURCE, str(seconds), str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # A pool of threads would take address space, and a picture has no use for it.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def ask(self, data: bytes, task: str, arguments: tuple[Any, ...]) -> tuple[Any, bytes]:
        """Its answer; EOFError or OSError where it ended over the task."""
        inlet, outlet = self._process.stdin, self._process.stdout
        assert inlet is not None
        assert outlet is not None
        watch = threading.Timer(PATIENCE_SECONDS, self._give_up)
        watch.start()
        try:
            _send(inlet, [task, *arguments], data)
            return _receive(outlet)
        finally:
            watch.cancel()

    def end(self) -> bool:
        """Kill it, if it has not ended; whether it took too long."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        ended = self._process.wait()
        return self._slow or ended == -getattr(signal, "SIGXCPU", 0)

    def _give_up(self) -> None:
        self._slow = True
        self._process.kill()


def serve() -> None:
    """Be such a process: read pictures from standard input until it ends."""
    inlet, outlet = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a decoder prints is no answer
    seconds, memory = map(int, sys.argv[1:])
    _limit_memory(memory)
    with suppress(EOFError):
        while True:
            (task, *arguments), data = _receive(inlet)
            _limit_time(seconds)
            try:
                about, answer = TASKS[task](data, *arguments)
            except IsthmusError as error:
                about, answer = {"error": str(error)}, b""
            _send(outlet, about, answer)
            del data, answer


def _read(data: bytes, name: str) -> tuple[Any, bytes]:
    picture = decode(data, name)
    digest = digest_of(picture)
    return {"digest": digest, "notes": notes_on(data)}, encode_png(picture, tidied(name))


def _check(png: bytes, digest: str) -> tuple[Any, bytes]:
    pixels_in(png, digest)
    return {}, b""


def _small(
    png: bytes, digest: str, height: int, width: int, resize: int | None, channels: int
) -> tuple[Any, bytes]:
    picture = pixels_in(png, digest)
    return {}, with_channels(fit(picture, height, width, resize), channels).tobytes()


TASKS: dict[str, Callable[..., tuple[Any, bytes]]] = {
    "read": _read,
    "check": _check,
    "small": _small,
}
"""What a process can do, by name: of bytes and arguments, something for JSON and bytes."""


def _limit_memory(memory: int) -> None:
    statistics = Path("/proc/self/statm")
    if resource:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if resource and statistics.exists():
        taken = int(statistics.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory,) * 2)


def _limit_time(seconds: int) -> None:
    """From now on: so one process serves for ever."""
    if resource:
        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + seconds + 1
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _send(pipe: IO[bytes], about: Any, data: bytes) -> None:
    pipe.write(f"{json.dumps([about, len(data)])}\n".encode())
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> tuple[Any, bytes]:
    line = pipe.readline()
    if not line:
        raise EOFError
    about, size = json.loads(line)
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return about, data


def _title(digest: str) -> str:
    return f"The uploaded image {digest[:12]}..."


_ROOT = str(Path(__file__).parents[1])
_SOURCE = f"import sys; sys.path.insert(0, {_ROOT!r}); from engine import reader; reader.serve()"

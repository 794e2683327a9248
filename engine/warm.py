"""What a process keeps between computations, by what it is made from, within so many bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

MOST = 2**29
"""Bytes that are kept at most."""

Value = TypeVar("Value")


class Warm:
    """Values by key; what was not used for the longest goes first. Threads may share one.

    A key must tell a value from all others, as a digest of what it is made from does. Nobody may change a
    value that is kept; one that grows by what it works out is weighed anew every time.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[Any, Callable[[Any], int]]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value], size: Callable[[Value], int]) -> Value:
        """The value under `key`, made where it is not kept; `size` tells its bytes."""
        with self._lock:
            found = self._kept.get(key)
            if found:
                self._kept.move_to_end(key)
        # Made outside the lock: two threads may make the same one.
        value: Value = found[0] if found else make()
        with self._lock:
            self._kept.setdefault(key, (value, size))
            sizes = {name: size(value) for name, (value, size) in self._kept.items()}
            # What is larger than all that may be kept is dropped before anything goes for its sake.
            order = sorted(sizes, key=lambda name: sizes[name] <= self._most)
            while sum(sizes.values()) > self._most:
                del self._kept[order[0]], sizes[order.pop(0)]
        return value


WARM = Warm()
"""What this process keeps."""

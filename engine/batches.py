"""How many images go through a network at once, and fewer where the GPU's memory does not hold them.

Two rules. `batch_size` is the fastest for a device. `lanes` is a fixed number for work that must give
the same bits whoever does it: the arithmetic of a network depends on the number of images in a pass, but,
with this many, neither on what the other images are, nor on their order, nor on the number of threads. Where
few images are looked at and somebody waits, it is the least that this holds for; see `narrow`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from engine.errors import IsthmusError

if TYPE_CHECKING:
    import torch

BATCHES = {"cpu": (200_000, 8, 256), "cuda": (2**24, 64, 4096)}
"""By device: values (N x C x H x W) of one forward pass, and the least and most images of it.

What the caches of a processor hold runs fastest there; a GPU wants to be filled.
"""

LANES = {"cpu": (16, 32), "cuda": (16, 128)}
"""By device: the least and most lanes. Below 16, the kernel taken depends on the number of threads."""

PARTS = (1, 2, 4, 8)
"""What batches are divided by, one after the other, while the GPU's memory does not hold them."""

_part: ContextVar[int] = ContextVar("part", default=0)
_narrow: ContextVar[bool] = ContextVar("narrow", default=False)

Result = TypeVar("Result")


def batch_size(shape: torch.Size | tuple[int, ...], device: torch.device) -> int:
    """How many images of shape (C, H, W) one forward pass takes on `device`."""
    return max(1, _fastest(shape, device) // (_part.get() or 1))


def fitting(compute: Callable[[], Result]) -> Result:
    """What `compute` gives, begun again with smaller batches where the GPU's memory does not hold them.

    IsthmusError where it does not hold the smallest.
    """
    if _part.get():  # part of a computation that begins again as a whole
        return compute()
    for part in PARTS:
        token = _part.set(part)
        try:
            return compute()
        except RuntimeError as error:
            # The name tells PyTorch's error without importing it.
            if type(error).__name__ != "OutOfMemoryError":
                raise
        finally:
            _part.reset(token)
        _let_go()
    raise IsthmusError(
        f"The GPU's memory does not hold this, with batches of an {PARTS[-1]}th of their size neither. "
        "Choose a smaller network or fewer images at once, or set ISTHMUS_DEVICE=cpu."
    )


def _let_go() -> None:
    """Give what PyTorch keeps of the GPU's memory back."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _fastest(shape: torch.Size | tuple[int, ...], device: torch.device) -> int:
    values, least, most = BATCHES.get(device.type, BATCHES["cpu"])
    return max(least, min(most, values // int(np.prod(shape))))


def lanes(shape: torch.Size | tuple[int, ...], device: torch.device) -> int:
    """How many images of shape (C, H, W) every pass of reproducible work takes: a power of two."""
    least, most = LANES.get(device.type, LANES["cpu"])
    most = least if _narrow.get() else most
    fitting = max(least, min(most, _fastest(shape, device)))
    return 1 << (fitting.bit_length() - 1)


@contextmanager
def narrow() -> Iterator[None]:
    """While it lasts, in this thread, a pass takes the least lanes: few images fill it with copies."""
    token = _narrow.set(True)
    try:
        yield
    finally:
        _narrow.reset(token)


def filled(rows: torch.Tensor, size: int) -> torch.Tensor:
    """`rows` (n, ...) with the last one repeated until there are a whole number of batches of `size`."""
    import torch

    missing = -len(rows) % size
    return torch.cat([rows, rows[-1:].expand(missing, *rows.shape[1:])]) if missing else rows

"""How many images go through a network at once.

Two rules. `batch_size` is the fastest for a device. `lanes` is a fixed number for work that must give
the same bits whoever does it: the arithmetic of a network depends on the number of images in a pass, but,
with this many, neither on what the other images are, nor on their order, nor on the number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

BATCHES = {"cpu": (200_000, 8, 256), "cuda": (2**24, 64, 4096)}
"""By device: values (N x C x H x W) of one forward pass, and the least and most images of it.

What the caches of a processor hold runs fastest there; a GPU wants to be filled.
"""

LANES = {"cpu": (16, 32), "cuda": (16, 128)}
"""By device: the least and most lanes. Below 16, the kernel taken depends on the number of threads."""


def batch_size(shape: torch.Size | tuple[int, ...], device: torch.device) -> int:
    """How many images of shape (C, H, W) one forward pass takes on `device`."""
    values, least, most = BATCHES.get(device.type, BATCHES["cpu"])
    return max(least, min(most, values // int(np.prod(shape))))


def lanes(shape: torch.Size | tuple[int, ...], device: torch.device) -> int:
    """How many images of shape (C, H, W) every pass of reproducible work takes: a power of two."""
    least, most = LANES.get(device.type, LANES["cpu"])
    fitting = max(least, min(most, batch_size(shape, device)))
    return 1 << (fitting.bit_length() - 1)


def filled(rows: torch.Tensor, size: int) -> torch.Tensor:
    """`rows` (n, ...) with the last one repeated until there are a whole number of batches of `size`."""
    import torch

    missing = -len(rows) % size
    return torch.cat([rows, rows[-1:].expand(missing, *rows.shape[1:])]) if missing else rows

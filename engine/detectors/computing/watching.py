"""Watching what every ReLU of a network returns, while the network runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class Enough(Exception):  # noqa: N818 - no error: the rest of the network is not needed
    """Leaves a network early."""


class Watch(TorchFunctionMode):
    """Keeps `measure` of what every ReLU returns while it is entered, in this thread."""

    def __init__(
        self, measure: Callable[[torch.Tensor], torch.Tensor], count: int, last: int | None
    ) -> None:
        super().__init__()
        self.measure, self.count, self.last = measure, count, last
        self.kept: list[torch.Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        named = kwargs or {}
        output = func(*args, **named)
        if _is_relu(func, args, named):
            self.kept.append(self.measure(output))
            # A program for small batches runs several times, and only the first pass would be cut.
            if len(self.kept[0]) >= self.count and len(self.kept) - 1 == self.last:
                raise Enough
        return output


def _is_relu(func: Any, args: Any, named: dict[str, Any]) -> bool:
    """Whether a function is a ReLU of some kind; `nn.ReLU6` calls `hardtanh` from 0 on."""
    name = getattr(func, "__name__", "")
    lowest = named.get("min_val", args[1] if len(args) > 1 else None)
    return "relu" in name or ("hardtanh" in name and lowest == 0)

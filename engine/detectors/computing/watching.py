"""Watching what every activation function of a network returns, while the network runs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import inf
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

ACTIVATIONS = {
    *("relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "celu", "selu", "gelu", "silu"),
    *("mish", "softplus", "hardswish", "hardtanh", "tanh"),
}
"""Functions that a layer ends with. A sigmoid mostly is a gate, and so is a hard one."""


class Enough(Exception):  # noqa: N818 - no error: the rest of the network is not needed
    """Leaves a network early."""


class Watch(TorchFunctionMode):
    """Keeps `measure` of what activation functions return while it is entered, in this thread.

    Of the outputs (n, C, ...), those whose `numbers`, from 0, are among these, or all where that is None;
    the network makes `total` of them in a pass. It leaves early after the last, once there are `enough`
    images.
    """

    def __init__(
        self,
        measure: Callable[[torch.Tensor], torch.Tensor],
        numbers: Collection[int] | None = None,
        total: int = 0,
        enough: float = inf,
    ) -> None:
        super().__init__()
        self.measure, self.numbers, self.total, self.enough = measure, numbers, total, enough
        self.kept: list[torch.Tensor] = []
        self._seen = 0
        self._channels_last = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", "").partition(".")[0].rstrip("_")
        if name == "linear" or name.startswith("conv"):
            # A linear layer has its channels last: those of a transformer, or of a ConvNeXt.
            self._channels_last = name == "linear"
        elif name in ACTIVATIONS:
            self._keep(output)
        return output

    def _keep(self, output: torch.Tensor) -> None:
        number, self._seen = self._seen, self._seen + 1
        if self.numbers is None:
            self.kept.append(self.measure(output))
            return
        # A program for small batches runs several times, and only the first pass would be cut.
        if number % self.total not in self.numbers:
            return
        self.kept.append(self.measure(output.movedim(-1, 1) if self._channels_last else output))
        if number == max(self.numbers) and len(self.kept[0]) >= self.enough:
            raise Enough

"""What the layers of any classifier see: its ReLU outputs, in the order in which they are computed.

Functions are watched, not modules, so that it does not matter who wrote the network or whether it is a
program that somebody exported.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import torch
from torch.overrides import TorchFunctionMode

from engine.errors import DataError

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

Measure = Callable[[torch.Tensor], torch.Tensor]
"""What is kept of one output (n, C, ...): a tensor (n, ...) that shares no memory with it."""


def relu_outputs(
    classifier: Classifier,
    images: torch.Tensor,
    measure: Measure = torch.clone,
    last: int | None = None,
) -> list[torch.Tensor]:
    """`measure` of every ReLU output for images (N, C, H, W): tensors (N, ...), differentiable.

    `measure` is taken at once, for a network may overwrite an output. With `last`, the network need not
    run on after ReLU number `last`, from 0. DataError for a network without any ReLU.
    """
    watch = _Watch(measure, len(images), last)
    with suppress(_Enough), watch:
        classifier.forward(images)
    if not watch.kept:
        raise DataError(
            f"{classifier.name} has no ReLU, and this detector looks at ReLU outputs. Choose a detector "
            "that looks at images or logits alone, or a classifier with ReLUs."
        )
    return _joined(watch.kept, len(images))[: None if last is None else last + 1]


def channel_means(output: torch.Tensor) -> torch.Tensor:
    """Means (n, C) over all positions of a layer's output (n, C, ...)."""
    return output.reshape(*output.shape[:2], -1).mean(2)


class _Enough(Exception):  # noqa: N818 - no error: the rest of the network is not needed
    """Leaves a network early."""


class _Watch(TorchFunctionMode):
    """Keeps `measure` of what every ReLU returns while it is entered, in this thread."""

    def __init__(self, measure: Measure, count: int, last: int | None) -> None:
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
                raise _Enough
        return output


def _is_relu(func: Any, args: Any, named: dict[str, Any]) -> bool:
    """Whether a function is a ReLU of some kind; `nn.ReLU6` calls `hardtanh` from 0 on."""
    name = getattr(func, "__name__", "")
    lowest = named.get("min_val", args[1] if len(args) > 1 else None)
    return "relu" in name or ("hardtanh" in name and lowest == 0)


def _joined(kept: list[torch.Tensor], count: int) -> list[torch.Tensor]:
    """One tensor a layer, where a program for small batches had to run several times."""
    passes = -(-count // len(kept[0]))
    layers = len(kept) // passes
    if passes == 1:
        return [output[:count] for output in kept]
    return [torch.cat(kept[layer::layers])[:count] for layer in range(layers)]

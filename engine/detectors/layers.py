"""What the layers of any classifier see: its ReLU outputs, in the order in which they are computed.

Functions are watched, not modules, so that it does not matter who wrote the network or whether it is a
program that somebody exported.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from engine.errors import DataError
from engine.lazy import torch

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

Measure: TypeAlias = "Callable[[torch.Tensor], torch.Tensor]"
"""What is kept of one output (n, C, ...): a tensor (n, ...) that shares no memory with it."""


def relu_outputs(
    classifier: Classifier,
    images: torch.Tensor,
    measure: Measure | None = None,
    last: int | None = None,
) -> list[torch.Tensor]:
    """`measure` of every ReLU output for images (N, C, H, W): tensors (N, ...), differentiable.

    It is taken at once, for a network may overwrite an output; without it, the output is kept whole. With
    `last`, the network need not run on after ReLU number `last`, from 0. DataError for a network
    without any ReLU.
    """
    return _watched(classifier, images, measure or torch.clone, last)[0]


def outputs_and_logits(
    classifier: Classifier, images: torch.Tensor
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Every ReLU output for images (N, C, H, W), kept whole, and the logits (N, K) of the same pass."""
    outputs, logits = _watched(classifier, images, torch.clone, None)
    assert logits is not None
    return outputs, logits


def _watched(
    classifier: Classifier, images: torch.Tensor, measure: Measure, last: int | None
) -> tuple[list[torch.Tensor], torch.Tensor | None]:
    from engine.detectors.computing.watching import Enough, Watch

    watch = Watch(measure, len(images), last)
    logits = None
    with suppress(Enough), watch:
        logits = classifier.forward(images)
    if not watch.kept:
        raise DataError(
            f"{classifier.name} has no ReLU, and this detector looks at ReLU outputs. Choose a detector "
            "that looks at images or logits alone, or a classifier with ReLUs."
        )
    outputs = _joined(watch.kept, len(images))
    return outputs[: None if last is None else last + 1], logits


def channel_means(output: torch.Tensor) -> torch.Tensor:
    """Means (n, C) over all positions of a layer's output (n, C, ...)."""
    return output.reshape(*output.shape[:2], -1).mean(2)


def _joined(kept: list[torch.Tensor], count: int) -> list[torch.Tensor]:
    """One tensor a layer, where a program for small batches had to run several times."""
    passes = -(-count // len(kept[0]))
    layers = len(kept) // passes
    if passes == 1:
        return [output[:count] for output in kept]
    return [torch.cat(kept[layer::layers])[:count] for layer in range(layers)]

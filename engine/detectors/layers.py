"""What the layers of any classifier see: outputs of its activation functions, in the order of computation.

Of a ReLU, SiLU, GELU or another; of a deep network some, spread over its depth. Functions are watched, not
modules, so that it does not matter who wrote the network or whether it is a program that somebody exported.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

from engine.errors import DataError
from engine.lazy import torch

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

MOST = 20
"""Outputs that are looked at; a deeper network shows so many, evenly spread, the last among them."""

Measure: TypeAlias = "Callable[[torch.Tensor], torch.Tensor]"
"""What is kept of one output (n, C, ...): a tensor (n, ...) that shares no memory with it."""


def activations(
    classifier: Classifier,
    images: torch.Tensor,
    measure: Measure | None = None,
    last: int | None = None,
) -> list[torch.Tensor]:
    """`measure` of each output (N, C, ...) for images (N, C, H, W): tensors (N, ...), differentiable.

    It is taken at once, for a network may overwrite an output; without it, the output is kept whole. With
    `last`, the network need not run on after output number `last`, from 0. DataError for a network
    without any activation function.
    """
    return _watched(classifier, images, measure or torch.clone, last)[0]


def activations_and_logits(
    classifier: Classifier, images: torch.Tensor
) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Every output for images (N, C, H, W), kept whole, and the logits (N, K) of the same pass."""
    outputs, logits = _watched(classifier, images, torch.clone, None)
    assert logits is not None
    return outputs, logits


def count_of(classifier: Classifier) -> int:
    """How many outputs are looked at; DataError for a network without any activation function."""
    return len(_numbers(classifier)[0])


def _watched(
    classifier: Classifier, images: torch.Tensor, measure: Measure, last: int | None
) -> tuple[list[torch.Tensor], torch.Tensor | None]:
    from engine.detectors.computing.watching import Enough, Watch

    numbers, total = _numbers(classifier)
    shown = numbers[: None if last is None else last + 1]
    watch = Watch(measure, shown, total, inf if last is None else len(images))
    logits = None
    with suppress(Enough), watch:
        logits = classifier.forward(images)
    return _joined(watch.kept, len(images)), logits


_COUNTED: WeakKeyDictionary[Classifier, int] = WeakKeyDictionary()


def _numbers(classifier: Classifier) -> tuple[list[int], int]:
    """Which outputs are looked at, and how many there are in a pass."""
    from engine.detectors.computing.watching import Watch

    if classifier not in _COUNTED:
        watch = Watch(lambda output: output.new_empty(0))
        with torch.no_grad(), watch:
            classifier.forward(classifier.grey)
        _COUNTED[classifier] = len(watch.kept)
    total = _COUNTED[classifier]
    if not total:
        raise DataError(
            f"{classifier.name} has no activation function that is known here (ReLU, SiLU, GELU, tanh and "
            "their like), and this detector looks at what they return. Choose a detector that looks at "
            "images or logits alone."
        )
    shown = min(total, MOST)
    return [round(k * (total - 1) / max(shown - 1, 1)) for k in range(shown)], total


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

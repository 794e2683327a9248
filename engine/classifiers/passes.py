"""What a network takes of memory, measured on a small pass, and told to whoever limits it.

Whoever limits memory learns it when a network is loaded, before anything is computed with it, and may refuse
to go on. Imports no torch until then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from engine.batches import batch_size, lanes

if TYPE_CHECKING:
    import torch

    from engine.classifiers.classifier import Classifier


@dataclass(frozen=True)
class Need:
    """Bytes of a network's `weights`, and `held` for each image while a gradient is computed.

    `batch` is the most images of a pass whose size nothing else decides.
    """

    weights: int
    held: int
    batch: int


Look = Callable[[Need], None]

_LOOK: ContextVar[Look | None] = ContextVar("look", default=None)


@contextmanager
def looking(look: Look) -> Iterator[None]:
    """Inside, `look` is asked about every network that is to be computed with on the CPU; it may raise."""
    token = _LOOK.set(look)
    try:
        yield
    finally:
        _LOOK.reset(token)


def looked_at(classifier: Classifier) -> Classifier:
    """The classifier, once whoever limits memory has seen what it needs."""
    if (look := _LOOK.get()) and classifier.device.type == "cpu":
        look(need(classifier))
    return classifier


def need(classifier: Classifier) -> Need:
    """What it needs, from one pass of two images."""
    import torch

    own = {
        one.untyped_storage()._cdata: one
        for one in chain(classifier.parameters(), classifier.buffers())
    }
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor
        return tensor

    images = classifier.grey.repeat(2, 1, 1, 1).requires_grad_(True)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        logits = classifier.forward(images)
    held = sum(kept[place].untyped_storage().nbytes() for place in kept.keys() - own.keys())
    del logits
    sizes = (rule(classifier.input_shape, classifier.device) for rule in (batch_size, lanes))
    weights = sum(one.untyped_storage().nbytes() for one in own.values())
    return Need(weights, held // 2, max(sizes))

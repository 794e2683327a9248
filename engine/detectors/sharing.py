"""Passes of a classifier that detectors share: while `sharing`, no image is looked at twice.

Every pass takes as many images as there are lanes, so none depends on what else is in it, and what was
found before is the same to the bit as what would be found now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from engine.batches import filled, lanes, narrow
from engine.detectors.layers import Measure, activations, activations_and_logits
from engine.lazy import torch

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

Value = TypeVar("Value")


@dataclass
class _Shared:
    """Logits (K,) by image, and whatever else was worked out once."""

    logits: dict[bytes, torch.Tensor] = field(default_factory=dict)
    others: dict[Hashable, Any] = field(default_factory=dict)


_SHARED: ContextVar[_Shared | None] = ContextVar("shared", default=None)


@contextmanager
def sharing() -> Iterator[None]:
    """While it lasts, and in this thread, what one detector found of some images is there for all.

    Of one classifier, and without gradients. All is kept until the end: of few images at a time, in passes of
    the least lanes.
    """
    token = _SHARED.set(_Shared())
    try:
        with narrow():
            yield
    finally:
        _SHARED.reset(token)


def logits_of(classifier: Classifier, images: torch.Tensor) -> torch.Tensor:
    """Logits (n, K) of images (n, C, H, W) on the classifier's device, every pass taking as many."""
    shared = _SHARED.get()
    if shared is None:
        return _in_passes(classifier, images)
    names = [name_of(image) for image in images]
    new = {name: row for row, name in enumerate(names) if name not in shared.logits}
    if new:
        found = _in_passes(classifier, images[[*new.values()]])
        shared.logits.update(zip(new, found, strict=True))
    return torch.stack([shared.logits[name] for name in names])


def layers_of(
    classifier: Classifier, images: torch.Tensor, measure: Measure, last: int | None = None
) -> list[torch.Tensor]:
    """`measure` of every layer for images (n, C, H, W), in one pass that is filled: tensors (n, ...).

    While sharing, all outputs are kept whole, and what the network makes of the images is known too.
    """
    count, size = len(images), lanes(classifier.input_shape, classifier.device)
    whole = filled(images, size)
    if _SHARED.get() is None:
        return [output[:count] for output in activations(classifier, whole, measure, last)]
    outputs = once(("layers", name_of(whole)), lambda: _outputs(classifier, whole))
    # On a GPU the kernel that measures may depend on how many there are.
    rows = count if classifier.device.type == "cpu" else len(whole)
    shown = outputs[: None if last is None else last + 1]
    return [measure(output[:rows])[:count] for output in shown]


def once(key: Hashable, make: Callable[[], Value]) -> Value:
    """What `make` gives; while sharing, it is made once for a key, which tells all that it depends on."""
    shared = _SHARED.get()
    if shared is None:
        return make()
    if key not in shared.others:
        shared.others[key] = make()
    found: Value = shared.others[key]
    return found


def _outputs(classifier: Classifier, images: torch.Tensor) -> list[torch.Tensor]:
    outputs, logits = activations_and_logits(classifier, images)
    shared = _SHARED.get()
    if shared is not None:
        shared.logits.update(
            {name_of(image): own for image, own in zip(images, logits, strict=True)}
        )
    return outputs


def _in_passes(classifier: Classifier, images: torch.Tensor) -> torch.Tensor:
    size = lanes(classifier.input_shape, classifier.device)
    passes = [classifier.forward(filled(batch, size))[: len(batch)] for batch in images.split(size)]
    return torch.cat(passes)


def name_of(images: torch.Tensor) -> bytes:
    """What tells pixels from all others."""
    pixels = images.detach().cpu().contiguous().numpy()
    return hashlib.sha256(pixels.data).digest()

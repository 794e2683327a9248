"""Classes as a caller names them, by index or by name, become the classifier's indices, or are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.batches import batch_size
from engine.classifiers.labels import class_index
from engine.errors import ParameterError
from engine.lazy import torch

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier


def class_of(classifier: Classifier, given: Any, what: str = "target") -> int:
    """The index of one class, given by index or by name (in any case)."""
    return int(classes_of(classifier, given, 1, what)[0])


def classes_of(
    classifier: Classifier, given: Any, count: int, what: str = "target", of: str = "images"
) -> torch.Tensor:
    """One class for each of `count` images (or what they are `of`), int64 (count,), from one or as many.

    Classes are given by index or by name (in any case). UnknownNameError for a name that is no class's,
    ParameterError for anything else that is no class.
    """
    values = _indices(classifier, given, what).reshape(-1)
    if len(values) not in {1, count}:
        raise ParameterError(
            f"{what}: expected one class, or one for each of the {count} {of}, got {len(values)}."
        )
    last = len(classifier.classes) - 1
    wrong = values[(values < 0) | (values > last)]
    if len(wrong):
        raise ParameterError(
            f"{what}: expected class indices from 0 to {last} of {classifier.name}, "
            f"got {int(wrong[0])}."
        )
    return values.expand(count).clone()


def seen(classifier: Classifier, images: torch.Tensor) -> torch.Tensor:
    """The class that each of the images (N, C, H, W) is seen as, int64 (N,), on the CPU."""
    batches = images.split(batch_size(classifier.input_shape, classifier.device))
    with torch.no_grad():
        return torch.cat([classifier.forward(batch).argmax(1).cpu() for batch in batches])


def _indices(classifier: Classifier, given: Any, what: str) -> torch.Tensor:
    """What was given as whole numbers, names looked up."""
    if isinstance(given, str):
        given = [given]
    if isinstance(given, Sequence | np.ndarray):
        given = [
            class_index(one, classifier.classes) if isinstance(one, str) else one for one in given
        ]
    try:
        # A copy, for arrays may be read-only, which PyTorch does not know.
        values = torch.as_tensor(given if torch.is_tensor(given) else np.array(given))
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"{what}: expected class indices or names, got {type(given).__name__}."
        ) from error
    if values.is_floating_point() or values.is_complex() or values.dtype == torch.bool:
        raise ParameterError(f"{what}: expected class indices, whole numbers, got {values.dtype}.")
    return values.detach().cpu().long()

"""What somebody asks to be connected: the ends of every path and its class, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import ImageError, ParameterError
from engine.lazy import torch
from engine.pixels import as_images, check_range
from engine.targets import classes_of, seen

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier


def ends_of(classifier: Classifier, a: Any, c: Any, free: bool) -> torch.Tensor:
    """Both ends of every path, (N, 2, C, H, W) on the classifier's device, after checking what came."""
    starts, ends = (as_images(images).to(classifier.device) for images in (a, c))
    expected = (len(starts), *classifier.input_shape)
    if not len(starts):
        raise ImageError("There are no pairs to connect. Give at least one.")
    if tuple(starts.shape) != expected or tuple(ends.shape) != expected:
        raise ImageError(
            f"{classifier.name} takes images of shape {tuple(classifier.input_shape)} in equal "
            f"numbers, got {tuple(starts.shape)} and {tuple(ends.shape)}."
        )
    for images in () if free else (starts, ends):
        check_range(images)
    if bool((starts == ends).flatten(1).all(1).any()):
        raise ImageError("The two images are identical. Choose two different images to connect.")
    return torch.stack([starts, ends], dim=1)


def targets_of(classifier: Classifier, nodes: torch.Tensor, target: Any) -> list[int]:
    """The class of every pair; where none is given, the one that both ends are seen as."""
    if target is not None:
        return classes_of(classifier, target, len(nodes), of="pairs").tolist()
    starts, ends = (seen(classifier, nodes[:, end]).tolist() for end in (0, 1))
    for one, other in zip(starts, ends, strict=True):
        if one != other:
            names = classifier.classes[one], classifier.classes[other]
            raise ParameterError(
                f"target: expected a class, for {classifier.name} sees the first image as "
                f"{names[0]!r} and the second as {names[1]!r}. Say which of them the path shall keep."
            )
    return starts

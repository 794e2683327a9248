"""The loss over the plane through any three images.

The plane has its origin at the first image and its x axis towards the third; distances are Euclidean
in pixel units ([0, 1] a channel), so angles and lengths in a figure are those of image space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from engine.batches import batch_size
from engine.classifiers.classifier import Classifier
from engine.errors import ImageError
from engine.pixels import as_images, check_range, check_shape
from engine.progress import SILENT, Reporter
from engine.targets import class_of, seen


@dataclass(frozen=True)
class LossPlane:
    """Loss in nats and prediction on a grid: `loss[j, i]` belongs to (x[i], y[j]).

    `origin` and the orthonormal `axes` (2, C, H, W) place any image in the plane.
    """

    x: np.ndarray
    y: np.ndarray
    loss: np.ndarray
    prediction: np.ndarray
    origin: torch.Tensor
    axes: torch.Tensor

    def __repr__(self) -> str:
        return (
            f"<LossPlane: {len(self.x)} x {len(self.y)} points, loss from {self.loss.min():.3g} to "
            f"{self.loss.max():.3g} nats>"
        )

    def coordinates(self, images: Any) -> tuple[np.ndarray, np.ndarray]:
        """Coordinates (N, 2) of images in the plane, and their distance (N,) from it."""
        away = as_images(images).cpu() - self.origin
        xy = torch.einsum("nchw,kchw->nk", away, self.axes)
        rest = away - torch.einsum("nk,kchw->nchw", xy, self.axes)
        return xy.numpy(), rest.flatten(1).norm(dim=1).numpy()


def loss_plane(
    classifier: Classifier,
    first: Any,
    second: Any,
    third: Any,
    target: int | str | None = None,
    resolution: int = 41,
    margin: float = 0.2,
    report: Reporter = SILENT,
    *,
    free: bool = False,
) -> LossPlane:
    """Loss with respect to `target` over the plane through three images (C, H, W) in [0, 1].

    `target` is a class, by index or by name; without it, the one that the first image is seen as. The
    grid has `resolution` points a side and reaches `margin` beyond the three images. The second may be a
    node of a path, and leave [0, 1]; `free` lets the others. ImageError for pixels outside it, and
    where the images lie on one line, for then they span no plane.
    """
    corners = as_images([first, second, third])
    check_shape(classifier, corners)
    if not free:
        check_range(corners[[0, 2]])
    target = class_of(classifier, seen(classifier, corners[:1]) if target is None else target)
    axes = _axes(corners)
    spots = torch.einsum("nchw,kchw->nk", corners - corners[0], axes).numpy()
    x, y = (_extent(spots[:, k], resolution, margin) for k in (0, 1))
    loss, prediction = _evaluate(classifier, corners[0], axes, x, y, target, report)
    return LossPlane(x, y, loss, prediction, corners[0], axes)


def _axes(corners: torch.Tensor) -> torch.Tensor:
    """Orthonormal axes: the first along corner 0 to corner 2, the second towards corner 1."""
    along, aside = corners[2] - corners[0], corners[1] - corners[0]
    length = along.norm()
    if length == 0:
        raise ImageError("The first and the third image are identical, so they span no plane.")
    along = along / length
    aside = aside - (aside * along).sum() * along
    aside = aside - (aside * along).sum() * along  # once more: float32 leaves a remainder
    height = aside.norm()
    if height < 1e-5 * length:
        raise ImageError("The three images lie on one straight line, so they span no plane.")
    return torch.stack([along, aside / height])


def _extent(values: np.ndarray, resolution: int, margin: float) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    room = margin * (high - low)
    return np.linspace(low - room, high + room, resolution)


def _evaluate(
    classifier: Classifier,
    origin: torch.Tensor,
    axes: torch.Tensor,
    x: np.ndarray,
    y: np.ndarray,
    target: int,
    report: Reporter,
) -> tuple[np.ndarray, np.ndarray]:
    spots = torch.from_numpy(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)).float()
    spots, origin, axes = (v.to(classifier.device) for v in (spots, origin, axes))
    losses, predictions = [], []
    size = batch_size(origin.shape, origin.device)
    with torch.inference_mode():
        for begin in range(0, len(spots), size):
            report(begin, len(spots))
            images = origin + torch.einsum("nk,kchw->nchw", spots[begin : begin + size], axes)
            logits = classifier.forward(images).float()
            goal = torch.full((len(images),), target, device=logits.device)
            losses.append(F.cross_entropy(logits, goal, reduction="none").cpu())
            predictions.append(logits.argmax(1).cpu())
    report(len(spots), len(spots))
    shape = (len(y), len(x))
    return torch.cat(losses).numpy().reshape(shape), torch.cat(predictions).numpy().reshape(shape)

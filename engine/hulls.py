"""The loss over the convex hull of several images: on a grid of blends, or at random ones.

Source: Yunis et al. 2022, who ask the same of networks' parameters ("convex hull connectivity").
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from engine.batches import batch_size
from engine.classifiers.classifier import Classifier
from engine.errors import ImageError, ParameterError
from engine.pixels import as_images
from engine.progress import SILENT, Reporter
from engine.random import generator
from engine.targets import class_of


@dataclass(frozen=True)
class Hull:
    """Loss in nats and prediction at Q blends of m images; `weights` (Q, m) are at least 0, rows add to 1."""

    weights: np.ndarray
    loss: np.ndarray
    prediction: np.ndarray

    def share_below(self, threshold: float) -> float:
        """The share of blends whose loss is at most `threshold`."""
        return float((self.loss <= threshold).mean())


def hull_losses(
    classifier: Classifier,
    corners: Any,
    target: int,
    weights: np.ndarray,
    report: Reporter = SILENT,
) -> Hull:
    """Loss with respect to `target` at blends `weights` (Q, m) of images `corners` (m, C, H, W)."""
    target = class_of(classifier, target)
    images = as_images(corners).to(classifier.device)
    if weights.ndim != 2 or weights.shape[1] != len(images):
        raise ImageError(
            f"Expected weights of shape (Q, {len(images)}) for {len(images)} images, got "
            f"{weights.shape}."
        )
    shares = torch.from_numpy(np.ascontiguousarray(weights)).to(images)
    losses, predictions = [], []
    size = batch_size(images.shape[1:], images.device)
    with torch.inference_mode():
        for begin in range(0, len(shares), size):
            report(begin, len(shares))
            batch = shares[begin : begin + size]
            logits = classifier.forward(torch.einsum("qm,mchw->qchw", batch, images)).float()
            goal = torch.full((len(batch),), target, device=logits.device)
            losses.append(F.cross_entropy(logits, goal, reduction="none").cpu().abs())
            predictions.append(logits.argmax(1).cpu())
    report(len(shares), len(shares))
    return Hull(weights, torch.cat(losses).numpy(), torch.cat(predictions).numpy())


def simplex_grid(corners: int, steps: int) -> np.ndarray:
    """All weights (Q, corners) that are multiples of 1 / `steps`: an even grid over the simplex."""
    if corners < 2 or steps < 1:
        raise ParameterError(
            f"Expected at least 2 corners and 1 step, got {corners} corners and {steps} steps."
        )
    # Stars and bars: where the bars stand says how many steps each corner gets.
    bars = np.array(list(combinations(range(steps + corners - 1), corners - 1)))
    edges = np.pad(bars, ((0, 0), (1, 1)), constant_values=((0, 0), (-1, steps + corners - 1)))
    return (np.diff(edges, axis=1) - 1) / steps


def random_weights(corners: int, count: int, seed: int, label: str) -> np.ndarray:
    """`count` weights drawn evenly from the simplex, (count, corners)."""
    return generator(seed, f"hull-{label}").dirichlet(np.ones(corners), count)

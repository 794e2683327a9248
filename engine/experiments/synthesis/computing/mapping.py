"""Where several modes lie: maps in two dimensions, and the loss over what they span."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.manifold import ClassicalMDS

from engine.classifiers.classifier import Classifier
from engine.experiments.base import Columns
from engine.hulls import Hull, hull_losses, random_weights, simplex_grid
from engine.progress import Reporter, part
from engine.random import generator

QUADRUPLES = 70
"""Groups of four modes at most; of more, this many are drawn at random."""

WHOLE_SAMPLES = 4
"""Random blends of all modes, as a multiple of those of four."""


def maps(images: torch.Tensor, heights: np.ndarray) -> tuple[dict[str, np.ndarray], list[float]]:
    """Two maps of n modes, each (n, 2), and the shares of variance that the first one's axes hold.

    `map_images` is the plane of the principal components of the images (n, C, H, W): distances in it
    are image distances as far as two dimensions can hold them. `map_barriers` places modes so that
    their distances are near the barrier heights (n, n) of their straight paths, in nats (classical
    multidimensional scaling).
    """
    flat = images.flatten(1).double().numpy()
    pca = PCA(n_components=2, svd_solver="full")
    shares = np.nan_to_num(pca.fit(flat).explained_variance_ratio_)
    with np.errstate(invalid="ignore"):
        scaled = ClassicalMDS(metric="precomputed").fit_transform(heights)
    # Heights are no distances: an axis whose eigenvalue is negative has no length.
    found = {"map_images": pca.transform(flat), "map_barriers": np.nan_to_num(scaled)}
    return {name: spots.astype(np.float32) for name, spots in found.items()}, shares.tolist()


def hulls(
    classifier: Classifier,
    images: torch.Tensor,
    target: int,
    threshold: float,
    *,
    steps: int,
    samples: int,
    seed: int,
    report: Reporter,
) -> tuple[dict[str, np.ndarray], Columns]:
    """The loss over every three modes on a grid, over every four and over all at random blends.

    Arrays: `hull_weights` (Q, 3), the grid; `hull_corners` (T, 3), modes; `hull_loss` (T, Q) in nats;
    `hull_prediction` (T, Q). The table has one row a group.
    """
    triples = list(combinations(range(len(images)), 3))
    groups = [*triples, *_quadruples(len(images), seed)]
    groups += [tuple(range(len(images)))] if len(images) > 4 else []
    grid = simplex_grid(3, steps)
    found = []
    for number, group in enumerate(groups):
        size = len(group)
        count = samples if size == 4 else WHOLE_SAMPLES * samples
        weights = grid if size == 3 else random_weights(size, count, seed, _name(group))
        share = part(report, number / len(groups), (number + 1) / len(groups), "Measuring hulls")
        found.append(hull_losses(classifier, images[list(group)], target, weights, share))
    on_grid = found[: len(triples)]
    arrays: dict[str, np.ndarray] = {
        "hull_weights": grid.astype(np.float32),
        "hull_corners": np.array(triples, np.int64).reshape(-1, 3),
        "hull_loss": _stack([hull.loss for hull in on_grid], len(grid), np.float32),
        "hull_prediction": _stack([hull.prediction for hull in on_grid], len(grid), np.int16),
    }
    return arrays, _table(groups, found, threshold)


def _quadruples(count: int, seed: int) -> list[tuple[int, ...]]:
    """All groups of four, or QUADRUPLES of them."""
    groups: list[tuple[int, ...]] = list(combinations(range(count), 4))
    if len(groups) <= QUADRUPLES:
        return groups
    drawn = generator(seed, "hull-groups").choice(len(groups), QUADRUPLES, replace=False)
    return [groups[k] for k in sorted(drawn)]


def _stack(rows: list[np.ndarray], width: int, kind: type) -> np.ndarray:
    return np.array(rows, kind).reshape(-1, width)


def _table(groups: list[tuple[int, ...]], found: list[Hull], threshold: float) -> dict[str, Any]:
    return {
        "modes": [_name(group) for group in groups],
        "size": [len(group) for group in groups],
        "blends": [len(hull.loss) for hull in found],
        "highest": [float(hull.loss.max()) for hull in found],
        "mean": [float(hull.loss.mean()) for hull in found],
        "below": [hull.share_below(threshold) for hull in found],
    }


def _name(group: tuple[int, ...]) -> str:
    """Modes by number, from 1 on, as people read them: "1, 2, 5"."""
    return ", ".join(str(k + 1) for k in group)

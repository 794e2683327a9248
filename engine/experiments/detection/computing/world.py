"""What detectors can judge: images like the clean ones of their benchmark. No attack leads out of there.

An attack is thin: it hardly changes an image made coarse, and some image that shows the same (smoothed,
mirrored, shifted) is seen surely again. A picture of another world is neither alike nor ever seen surely.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch.nn import functional as F

from engine.batches import lanes
from engine.classifiers.classifier import Classifier
from engine.detectors.probing import STEPS, rings
from engine.detectors.sharing import logits_of

SIDE, PLACES = 16, 8
"""Pixels a side of a coarse image, and of one of what lies where; small ones are made half as large."""

LEVELS = torch.tensor([0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98])
"""Quantiles of brightness and of steps between neighbouring pixels."""

SHADE, FACTOR = 0.03, 0.2

SMOOTHED = ("smoothed by 0.4 pixels", "smoothed by 0.6 pixels", "smoothed by 0.8 pixels")
SELVES = (*SMOOTHED, "smoothed by 1.2 pixels", "median", "mirrored", "shifted by a column")
"""Steps to images that show the same."""

LOOK, LAYOUT, RECOGNISED, SURE = "look", "layout", "recognised", "sure"
RARE = {LOOK: 0.01, LAYOUT: 0.01, RECOGNISED: 0.005, SURE: 0.02}
"""Share of ordinary clean images that are further out in a respect than what is called outside."""

World = dict[str, np.ndarray]
"""Center (L,) and metric (L, L) of the clean images in each respect of their appearance, by name."""

Measures = dict[str, np.ndarray]
"""How far out images are in each respect, (N,); more is further."""


def world_of(images: torch.Tensor) -> World:
    """What clean images (N, C, H, W) look like from afar."""
    world = {}
    for name, describe in APPEARANCE.items():
        world[f"{name}/center"], world[f"{name}/metric"] = spread(describe(images))
    return world


def measure(classifier: Classifier, images: torch.Tensor, world: World) -> Measures:
    """How far out images (N, C, H, W) are: in appearance, and by the log-odds against their classes."""
    far = {}
    for name, describe in APPEARANCE.items():
        away = describe(images) - world[f"{name}/center"]
        far[name] = np.einsum("ni,ij,nj->n", away, world[f"{name}/metric"], away)
    odds = _odds(classifier, images)
    return {**far, RECOGNISED: -odds.max(1), SURE: -odds[:, 0]}


def outside(own: Mapping[str, np.ndarray], usual: Mapping[str, np.ndarray]) -> Measures:
    """Whether images are further out than all but a rare share of the usual ones, bool (N,) each."""
    return {
        name: (1 + (usual[name] >= own[name][:, None]).sum(1)) / (1 + len(usual[name])) <= rare
        for name, rare in RARE.items()
    }


def coarse(images: torch.Tensor) -> np.ndarray:
    """What images (N, C, H, W) look like from afar, float64 (N, L): colours, steps, spectrum.

    In units of what a strong attack may change: `SHADE` of brightness, `FACTOR` of a logarithm.
    """
    small = F.adaptive_avg_pool2d(images, min(SIDE, images.shape[2] // 2))
    flat = small.flatten(2)
    steps = torch.cat([small.diff(dim=axis).abs().flatten(1) for axis in (2, 3)], dim=1)
    columns = [
        flat.mean(2) / SHADE,
        flat.std(2) / SHADE,
        _correlations(flat) / (3 * SHADE),
        flat.mean(1).quantile(LEVELS, dim=1).T / SHADE,
        (steps.quantile(LEVELS, dim=1).T + 0.01).log() / FACTOR,
        rings(small) / FACTOR,
    ]
    return torch.cat(columns, dim=1).double().numpy()


def places(images: torch.Tensor) -> np.ndarray:
    """What lies where in images (N, C, H, W), float64 (N, L): each shade of a very coarse image.

    In units of what a strong attack may change there.
    """
    side = min(PLACES, images.shape[2] // 2)
    return (F.adaptive_avg_pool2d(images, side) / (2 * SHADE)).flatten(1).double().numpy()


APPEARANCE = {LOOK: coarse, LAYOUT: places}
"""What describes images from afar, in each respect."""


def spread(looks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (L,) and metric (L, L) of descriptions (N, L): a change by one unit is never far out."""
    return looks.mean(0), np.linalg.inv(np.cov(looks, rowvar=False) + np.eye(looks.shape[1]))


def _correlations(flat: torch.Tensor) -> torch.Tensor:
    """Correlations (N, C) of each channel (N, C, P) with the next; near 0 where one is even."""
    away = flat - flat.mean(2, keepdim=True)
    unit = away / (away.norm(dim=2, keepdim=True) + 0.001 * flat.shape[2] ** 0.5)
    return (unit * unit.roll(1, 1)).sum(2)


def _odds(classifier: Classifier, images: torch.Tensor) -> np.ndarray:
    """Log-odds (N, S) of the likeliest class, seen in images and in what shows the same."""
    parts = []
    with torch.inference_mode():
        for batch in images.split(lanes(classifier.input_shape, classifier.device)):
            own = batch.to(classifier.device)
            # Noise plays no part in these steps.
            selves = torch.cat([own, *(STEPS[name](own, own) for name in SELVES)])
            logits = torch.stack(logits_of(classifier, selves).split(len(batch)), 1)
            first, *rest = logits.sort(dim=2, descending=True).values.unbind(2)
            parts.append((first - torch.stack(rest, 2).logsumexp(2)).cpu())
    return torch.cat(parts).double().numpy()

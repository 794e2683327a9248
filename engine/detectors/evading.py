"""An attack that knows the detector: selective projected gradient descent (Bryniarski et al. 2021).

Each step follows one gradient only: the classifier's until the image errs, then the detector's, and so on
in turns. Of all images on the way that err, the one that the detector takes for the cleanest is kept. Both
are shown every image as a file with 8 bits a value keeps it: nothing else can be handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.batches import filled
from engine.detectors.sides import labelled
from engine.lazy import torch
from engine.pixels import kept_by_files
from engine.progress import SILENT, Reporter

if TYPE_CHECKING:
    from engine.detectors.base import Detector
    from engine.detectors.computing.model import Model

STEP = 1 / 8
"""Size of a step, as a share of the largest change."""


def knowledge(
    detector: Detector,
    learning: tuple[np.ndarray, np.ndarray],
    choosing: tuple[np.ndarray, np.ndarray],
) -> Model:
    """A linear model of what a fitted detector thinks of features, its own model where that is linear.

    `learning` and `choosing` are the (clean, adversarial) features that it was fitted to.
    """
    from engine.detectors.computing.models import Scaled

    if detector.model is not None and detector.model.slope() is not None:
        return detector.model
    model, columns = Scaled(), detector.columns("")
    model.fit(*labelled(learning, columns), *labelled(choosing, columns), seed=0)
    return model


def evade(
    detector: Detector,
    images: torch.Tensor,
    labels: torch.Tensor,
    knowing: Model | None,
    eps: float = 0.03,
    steps: int = 40,
    report: Reporter = SILENT,
) -> torch.Tensor:
    """Images (N, C, H, W) on the CPU, changed so that the classifier does not see `labels` (N,) in them.

    No pixel changes by more than `eps`, in units of the pixel range, in `steps` steps.
    With a linear model of the detector's features in `knowing`, they also try to look clean to it;
    without one this is plain descent. An image that never errs ends as far as it came.
    """
    weights = None if knowing is None else knowing.slope()
    parts = [
        _evade(detector, batch, filled(own, len(batch)), weights, eps, steps)[:count]
        for own, (batch, count) in zip(
            labels.split(detector.lanes), detector.in_lanes(images, report), strict=True
        )
    ]
    return torch.cat(parts).cpu()


def _evade(
    detector: Detector,
    images: torch.Tensor,
    labels: torch.Tensor,
    weights: np.ndarray | None,
    eps: float,
    steps: int,
) -> torch.Tensor:
    device = images.device
    slope = None if weights is None else torch.from_numpy(weights).to(device)
    labels, now = labels.to(device), images
    best, least = images.clone(), torch.full((len(images),), float("inf"), device=device)
    for _ in range(steps + 1):
        kept = kept_by_files(now, images, eps).requires_grad_()
        with torch.enable_grad():
            lead = _lead(detector.classifier.forward(kept), labels)
            (outwards,) = torch.autograd.grad(lead.sum(), kept)
            suspicion, inwards = _suspicion(detector, kept, slope)
        erring = lead > 0
        better = erring & (suspicion < least)
        best[better], least[better] = kept.detach()[better], suspicion[better]
        direction = outwards.sign()
        if slope is not None:
            direction = torch.where(erring[:, None, None, None], -inwards.sign(), direction)
        moved = now + STEP * eps * direction
        now = torch.clamp(torch.clamp(moved, images - eps, images + eps), 0, 1)
    never = least.isinf()
    best[never] = kept_by_files(now, images, eps)[never]
    return best


def _lead(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """By how much the likeliest other class leads (n,); below 0 where the label is still seen."""
    own = logits.gather(1, labels[:, None])[:, 0]
    others = logits.scatter(1, labels[:, None], -torch.inf).amax(1)
    return others - own


def _suspicion(
    detector: Detector, images: torch.Tensor, slope: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """The detector's linear score (n,) and its gradient; zeros without a slope."""
    if slope is None:
        return torch.zeros(len(images), device=images.device), torch.zeros_like(images)
    features = detector.compute_features(images)[:, detector.columns("")]
    suspicion = features.double() @ slope
    (gradient,) = torch.autograd.grad(suspicion.sum(), images)
    return suspicion.detach().float(), gradient.nan_to_num()

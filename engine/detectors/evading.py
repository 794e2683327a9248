"""An attack that knows the detector: selective projected gradient descent (Bryniarski et al. 2021).

Each step follows one gradient only: the classifier's until the image errs, then the detector's, and so on
in turns. Of all images on the way that err, the one that the detector takes for the cleanest is kept. Both
are shown every image as a file with 8 bits a value keeps it: nothing else can be handed in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.batches import filled
from engine.detectors.base import labelled
from engine.lazy import torch
from engine.pixels import kept_by_files
from engine.progress import SILENT, Reporter
from engine.random import generator

if TYPE_CHECKING:
    from engine.detectors.base import Detector
    from engine.detectors.computing.models import Model

STEP = 1 / 8
"""Size of a step, as a share of the largest change."""

MOST_ROUNDS = 4
"""How often a restarted try goes on, as long as it gains."""

GAIN = 0.01
"""Log-odds of an attack by which an image must look cleaner for that to count as a gain."""


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
    model.fit(labelled(learning, columns), labelled(choosing, columns), seed=0)
    return model


def evade(
    detector: Detector,
    images: torch.Tensor,
    labels: torch.Tensor,
    knowing: Model | None,
    eps: float = 0.03,
    steps: int = 40,
    restarts: int = 0,
    seed: int = 0,
    report: Reporter = SILENT,
) -> torch.Tensor:
    """Images (N, C, H, W) on the CPU, changed so that the classifier does not see `labels` (N,) in them.

    No pixel changes by more than `eps`, in units of the pixel range, in `steps` steps.
    With a linear model of the detector's features in `knowing`, they also try to look clean to it;
    without one this is plain descent. An image that never errs ends as far as it came. With `restarts`,
    that many further tries begin at random, every other one with the goals in the other order, and each
    goes on for as many steps again until it gains nothing, `MOST_ROUNDS` times at most; the best counts.
    """
    weights = None if knowing is None else knowing.slope()
    labels = labels.clone()  # Labels found in inference mode take no part in gradients.
    parts = []
    for k, (own, (batch, count)) in enumerate(
        zip(labels.split(detector.lanes), detector.in_lanes(images, report), strict=True)
    ):
        hunt = _Hunt(detector, batch, filled(own, len(batch)), weights, eps)
        hunt.follow(batch, steps, 1, erring_first=True)
        for number in range(restarts):
            draws = generator(seed, f"evade/{k}/{number}").uniform(-eps, eps, batch.shape)
            start = batch + torch.from_numpy(draws).to(batch)
            hunt.follow(start.clamp(0, 1), steps, MOST_ROUNDS, erring_first=bool(number % 2))
        parts.append(hunt.found()[:count])
    return torch.cat(parts).cpu()


class _Hunt:
    """The search for a batch (n, C, H, W) that errs and looks clean, and the best so far of each image."""

    def __init__(
        self,
        detector: Detector,
        images: torch.Tensor,
        labels: torch.Tensor,
        weights: np.ndarray | None,
        eps: float,
    ) -> None:
        device = images.device
        self.detector, self.images, self.eps = detector, images, eps
        self.slope = None if weights is None else torch.from_numpy(weights).to(device)
        self.labels, self.last = labels.to(device), images
        self.best = images.clone()
        self.least = torch.full((len(images),), float("inf"), device=device)

    def follow(self, start: torch.Tensor, steps: int, rounds: int, erring_first: bool) -> None:
        """Go `steps` steps from images, and again until no image gains, `rounds` times at most.

        `erring_first` follows the detector's gradient where an image errs, else the classifier's; the other
        order follows the classifier's where an image looks as clean as the original, else the detector's.
        """
        now, calm = start, None
        for _ in range(rounds):
            before = self.least.clone()
            for _ in range(steps + 1):
                erring, suspicion, outwards, inwards = self._look(now)
                calm = suspicion if calm is None else calm
                follow_detector = erring if erring_first else suspicion > calm
                direction = outwards.sign()
                if self.slope is not None:
                    direction = torch.where(
                        follow_detector[:, None, None, None], -inwards.sign(), direction
                    )
                moved = now + STEP * self.eps * direction
                images, eps = self.images, self.eps
                now = torch.clamp(torch.clamp(moved, images - eps, images + eps), 0, 1)
            if bool((self.least >= before - GAIN).all()):
                break
        self.last = now

    def found(self) -> torch.Tensor:
        """The best of each image; where none erred, what was come to."""
        never = self.least.isinf()
        self.best[never] = kept_by_files(self.last, self.images, self.eps)[never]
        return self.best

    def _look(self, now: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Which err (n,), what the detector thinks of them (n,), and where classifier and detector lead."""
        kept = kept_by_files(now, self.images, self.eps).requires_grad_()
        with torch.enable_grad():
            lead = _lead(self.detector.classifier.forward(kept), self.labels)
            (outwards,) = torch.autograd.grad(lead.sum(), kept)
            suspicion, inwards = _suspicion(self.detector, kept, self.slope)
        erring = lead > 0
        better = erring & (suspicion < self.least)
        self.best[better], self.least[better] = kept.detach()[better], suspicion[better]
        return erring, suspicion, outwards, inwards


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

"""The paper's detector: the loss curve to a reference image of the predicted class, and the logits.

Vrabel et al. 2024, sec. 4.2.1. A clean image reaches the reference over a low barrier, an attacked one
over a high one. What the paper leaves open is a parameter, or chosen on held-out images by the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.detectors.base import Arrays, Detector
from engine.detectors.sharing import logits_of
from engine.lazy import F, torch
from engine.parameters import Parameters, parameter, within
from engine.paths import losses_at
from engine.progress import SILENT, Reporter, part

if TYPE_CHECKING:
    from engine.detectors.computing.models import Model
    from engine.detectors.references import References


@dataclass(frozen=True)
class ModeConnectivitySettings(Parameters):
    """The paper's: loss curve to a reference image, sorted logits, nearest neighbours (sec. 4.2.1)."""

    points: int = parameter(33, "Points on each loss curve.", within(3, 1000, "points"))
    references: int = parameter(
        1, "Reference images of the predicted class; one curve to each.", within(1, 100, "images")
    )


class ModeConnectivity(Detector):
    """Features: `references` loss curves of `points` points, then all logits in descending order."""

    name = "mode-connectivity"
    title = "Mode connectivity"
    place = 10
    settings_class = ModeConnectivitySettings
    pools = True
    settings: ModeConnectivitySettings

    def study(self, references: References, seed: int, report: Reporter) -> Arrays:
        return references.lowest(self.settings.references)

    @property
    def curve_columns(self) -> int:
        """How many of the features are losses."""
        return self.settings.points * self.settings.references

    @property
    def forward_passes(self) -> int:
        return 1 + self.curve_columns

    def features(
        self, images: torch.Tensor, company: torch.Tensor | None = None, report: Reporter = SILENT
    ) -> np.ndarray:
        with torch.inference_mode():
            logits = self.each_batch(
                images,
                lambda batch: logits_of(self.classifier, batch),
                part(report, 0, 0.02),
                fill=False,
            )
        curves = self.curves(images, logits.argmax(1), part(report, 0.02, 1, "Loss curves"))
        ordered = -np.sort(-logits, axis=1)
        return np.concatenate([curves.reshape(len(images), -1), ordered], axis=1)

    def compute_features(self, images: torch.Tensor) -> torch.Tensor:
        """The same features, differentiable; a point's activations are computed anew for its gradient."""
        from torch.utils.checkpoint import checkpoint

        logits = self.classifier.forward(images)
        predicted = logits.argmax(1)
        references = self.ends.of(predicted)
        losses = [
            checkpoint(self._loss, images, end, fraction, predicted, use_reentrant=False)
            for end in references.unbind(1)
            for fraction in np.linspace(0, 1, self.settings.points).tolist()
        ]
        return torch.cat([torch.stack(losses, 1), logits.sort(1, descending=True).values], dim=1)

    def _loss(
        self, start: torch.Tensor, end: torch.Tensor, fraction: float, classes: torch.Tensor
    ) -> torch.Tensor:
        """Losses (n,) at one fraction of every path."""
        logits = self.classifier.forward(torch.lerp(start, end, fraction))
        return F.cross_entropy(logits, classes, reduction="none")

    def parts(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Features (N, F) as loss curves (N, references, points) and sorted logits (N, K)."""
        curves, logits = np.split(features, [self.curve_columns], axis=1)
        return curves.reshape(len(features), self.settings.references, -1), logits

    def curves(
        self, images: torch.Tensor, predicted: np.ndarray, report: Reporter = SILENT
    ) -> np.ndarray:
        """Losses in nats (N, references, points) from each image to references of its class (N,)."""
        count, points, each = len(images), self.settings.points, self.settings.references
        device = self.classifier.device
        seen, own = np.unique(predicted, return_inverse=True)
        references = self.ends.of(torch.from_numpy(seen)).flatten(0, 1)
        path = torch.arange(count * each).repeat_interleave(points)
        starts = images.to(device).repeat_interleave(each, dim=0)
        classes = torch.from_numpy(predicted).repeat_interleave(each)
        places = torch.from_numpy(own).repeat_interleave(each) * each
        ends = references[(places + torch.arange(each).repeat(count)).to(device)]
        losses, _ = losses_at(
            self.classifier,
            starts,
            ends,
            path,
            torch.linspace(0, 1, points, dtype=torch.float64).repeat(count * each),
            classes,
            report,
            lanes=self.lanes,
            look=lambda points: logits_of(self.classifier, points),
        )
        return losses.reshape(count, each, points).numpy()

    @property
    def aspects(self) -> dict[str, slice]:
        """The curves, and the logits."""
        return {"curve": slice(0, self.curve_columns), "logits": slice(self.curve_columns, None)}

    def new_model(self) -> Model:
        from engine.detectors.computing.models import Neighbours

        return Neighbours(self.curve_columns)
